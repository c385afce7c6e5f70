"""Networks of levels: undoing gives the gradients of keeping, memory does not grow, and the integer stage is what the file's nodes compute."""

import gc
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from saccade_training.checkpoint import read_checkpoint
from saccade_training.integer import IntegerNetwork
from saccade_training.level_export import export
from saccade_training.levels import LevelNetwork, LevelSpec, frame_of
from saccade_training.normed_levels import NormedLevels
from saccade_training.quantise import requantise
from saccade_training.rescale import leak, rescale
from saccade_training.reversible import SEGMENT, run


def small(subnetworks: int = 2, **more) -> LevelNetwork:
    """As the first stage leaves it after a few passes, its sub-networks and up paths a little trained."""
    spec = LevelSpec(
        height=32, width=32, channels=(8, 8, 16), strides=(4, 2, 2), blocks=(0, 1, 2), fastest=(1.0, 2.0, 2.0), slowest=(6.0, 9.0, 9.0),
        classes=5, subnetworks=subnetworks, **more,
    )
    network = LevelNetwork(spec)
    settled(network).fold(network)
    with torch.no_grad():
        for level in network.levels:
            for weighted in level.weighted():
                weighted.weight.add_(0.2 * torch.randn_like(weighted.weight))
            if level.up is not None:
                level.up.gain.fill_(0.25)
        network.readout.weight.add_(0.2 * torch.randn_like(network.readout.weight))
        network.readout.gain.mul_(20)
    return network


def settled(network: LevelNetwork) -> NormedLevels:
    normed = NormedLevels(network, 0.0)
    with torch.no_grad():
        for seed in range(30):
            normed(some_frames(4, 8, seed))
            normed.limit()
    return normed.eval()


def some_frames(streams: int, steps: int, seed: int = 1) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return (torch.rand(streams, steps, 32, 32, 2, generator=random) ** 20 * 4).to(torch.uint8)


def gradients(network: LevelNetwork, forward) -> "tuple[torch.Tensor, list]":
    network.zero_grad(set_to_none=True)
    logits, rates = forward()
    weights = torch.linspace(-1, 1, logits.numel(), dtype=logits.dtype).reshape(logits.shape)
    ((logits * weights).sum() + sum((at + 1) * rate for at, rate in enumerate(rates))).backward()
    return logits.detach(), [torch.zeros_like(each) if each.grad is None else each.grad.clone() for each in network.parameters()]


class Reversible(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(5)

    def check(self, network: LevelNetwork, frames: torch.Tensor, integer: bool, segment: int, within: float) -> None:
        plain, wanted = gradients(network, lambda: network(frames, integer, 1))
        logits, found = gradients(network, lambda: run(network, frames, integer, 1, segment))
        self.assertLess((logits - plain).abs().max().item(), within)
        for (name, _), want, have in zip(network.named_parameters(), wanted, found):
            self.assertLessEqual((have - want).norm().item(), within * max(want.norm().item(), 1e-9), name)

    def test_gradients_of_undone_steps_equal_those_of_kept_ones(self) -> None:
        network = small().double()
        for segment in (16, 5):
            self.check(network, some_frames(3, 16), False, segment, 1e-6)

    def test_gradients_of_the_integer_stage_equal(self) -> None:
        self.check(small(), some_frames(3, 11), True, 4, 2e-4)

    def test_memory_does_not_grow_with_the_steps(self) -> None:
        network = small()

        def held(steps: int, forward) -> int:
            """Elements of tensors that a pass holds on to until its backward pass."""
            frames = some_frames(2, steps)
            gc.collect()
            before = {id(each) for each in gc.get_objects() if isinstance(each, torch.Tensor)}
            saved = []
            with torch.autograd.graph.saved_tensors_hooks(lambda each: saved.append(each.numel()) or each, lambda each: each):
                out = forward(frames)
            del before
            return sum(saved) + 0 * len(out)

        plain = [held(steps, lambda frames: network(frames, False)) for steps in (8, 32)]
        undone = [held(steps, lambda frames: run(network, frames, False, 0, 32)) for steps in (8, 32)]
        self.assertGreater(plain[1], 3.5 * plain[0])
        # What is left is the readout's: its weights and its input, once a step.
        self.assertLess(undone[1] - undone[0], (plain[1] - plain[0]) / 20)

    def test_a_segment_keeps_the_states_with_which_it_ends(self) -> None:
        network = small()
        ends = sum(state.numel() for state in network.rest(2))
        states = [kept_states(run(network, some_frames(2, steps), False, 0, 32)[0]) for steps in (8, 32)]
        self.assertEqual(states, [ends, ends], "one segment, however long")
        self.assertEqual(kept_states(run(network, some_frames(2, 32), False)[0]), 32 // SEGMENT * ends)
        self.assertEqual(kept_states(run(network, some_frames(2, 8), True)[0]), 9 * ends, "rounded steps are not undone")


def kept_states(logits: torch.Tensor) -> int:
    """Elements of the states that segments hold on to until their backward pass."""
    ahead, seen, kept = [logits.grad_fn], set(), {}
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        ahead += [each for each, _ in node.next_functions]
        for states in (getattr(node, "end", ()), *getattr(node, "kept", ())):
            kept.update((id(state), state.numel()) for state in states)
    return sum(kept.values())


class Stages(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(6)

    def test_what_the_first_stage_learns_is_folded_whole(self) -> None:
        network, frames = small(), some_frames(3, 12, 40)
        normed = settled(network)
        with torch.no_grad():
            for norm in (each for each in normed.modules() if isinstance(each, torch.nn.BatchNorm2d)):
                norm.weight.mul_(0.7 + 0.6 * torch.rand_like(norm.weight))
                norm.bias.add_(0.3 * torch.randn_like(norm.bias))
            # Without a block the state's norm may turn a channel round.
            normed.levels[0].state_norm.weight[3] *= -1
            normed.limit()
            normed.fold(network)
            wanted, rates = normed(frames)
            found, _ = network(frames, False)
        self.assertGreater(min(rate.item() for rate in rates), 0.01)
        self.assertGreater(wanted.std().item(), 0.01)
        self.assertLess((wanted - found).abs().max().item(), 1e-4)

    def test_the_integer_stage_is_what_the_checkpoints_nodes_compute(self) -> None:
        for subnetworks in (1, 2, 4):
            network, frames = small(subnetworks), some_frames(3, 12)
            card = {"framing": {"timesteps": subnetworks}}
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                path = Path(folder) / "levels.safetensors"
                export(path, network, card)
                nodes, _, outputs = read_checkpoint(path)
                windows = frames.reshape(3, -1, subnetworks, 32, 32, 2).numpy()
                have = IntegerNetwork(nodes, outputs).logits(windows, keep_state=True)
                logits, _ = network(frames, True)
            want = (logits * 256).round().long().reshape(3, -1, subnetworks, 5).sum(2)
            self.assertTrue(torch.equal(have, want), subnetworks)
            self.assertGreater(want.abs().max().item(), 50)

    def test_integers_stay_close_to_floats(self) -> None:
        network, frames, after = small(), some_frames(4, 6), []
        for integer in (False, True):
            network.prepare(integer)
            states, counts = network.rest(4), network.rest(4)
            with torch.no_grad():
                for t in range(6):
                    states, counts = network.step(frame_of(frames, t, torch.float32), states, counts, t, integer)
            after.append(counts)
        for floats, whole in zip(*after):
            self.assertLess((floats != whole).double().mean().item(), 0.25)

    def test_an_accumulator_out_of_range_is_refused(self) -> None:
        network = small()
        with torch.no_grad():
            network.readout.bias.fill_(1e9)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "readout"):
            export(Path(folder) / "levels.safetensors", network, {})

    def test_a_channel_that_is_all_bias_leaves_the_others_their_bits(self) -> None:
        network, frames = small(), some_frames(2, 4)
        with torch.no_grad():
            wanted, _ = network(frames, True)
            network.levels[0].up.gain[0], network.levels[0].up.bias[0] = 1e-9, 0.0
            silent, _ = network(frames, True)
            network.levels[0].up.bias[0] = 1e-3
            found, _ = network(frames, True)
        with tempfile.TemporaryDirectory() as folder:
            export(Path(folder) / "levels.safetensors", network, {})
        self.assertGreater((silent - wanted).abs().max().item(), 0)
        self.assertLess((found - silent).abs().max().item(), 0.05)

    def test_rescaling_in_32_bits_equals_that_in_64(self) -> None:
        random = torch.Generator().manual_seed(2)
        x = torch.randint(-5000, 5000, (3, 4, 5, 5), generator=random).float()
        multipliers = torch.randint(1, 1 << 17, (4,), generator=random)
        for shift in (0, 1, 9):
            wanted = requantise(x, multipliers, shift).clamp(-32768, 32767)
            self.assertTrue(torch.equal(rescale(x, multipliers, shift), wanted), shift)

    def test_leaking_rounds_half_up(self) -> None:
        states = torch.arange(-32768, 32768, 7).float().reshape(1, 1, -1, 1)
        for decay in (33, 16384, 31775, 32768):
            wanted = np.floor((states.numpy().astype(np.float64) * decay + 16384) / 32768) + 3
            found = leak(states, torch.full_like(states, 3.0), torch.tensor([decay]), 15)
            self.assertTrue(np.array_equal(found.numpy(), np.clip(wanted, -32768, 32767)))


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
