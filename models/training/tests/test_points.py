"""Networks of points: both stages and the file's nodes compute the same, gradients reach all layers, and the recipe learns."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from saccade_training import point_baselines, points
from saccade_training.checkpoint import read_checkpoint
from saccade_training.clouds import CloudFraming
from saccade_training.denoise import background_activity
from saccade_training.evaluate import evaluate, framing_of
from saccade_training.events import Events, read_dataset
from saccade_training.integer import IntegerNetwork
from saccade_training.moved_events import Augmentation
from saccade_training.normed_points import NormedPoints
from saccade_training.point_export import export
from saccade_training.point_fit import changed_clouds
from saccade_training.point_layers import PointLayers
from saccade_training.point_network import PointNetwork, PointSpec
from saccade_training.skeletons import Pose

from .test_actions import write_recordings, write_skeletons

SMALL = PointSpec(points=64, timesteps=3, boxes=24, glance=4, convolutions=((1, 1), (5, 2)), width=16, parts=2, hidden=12, classes=5)


def some_clouds(windows: int, seed: int = 1, spec: PointSpec = SMALL) -> torch.Tensor:
    """Points on bars at places of each window's own, and one empty slice."""
    random = np.random.default_rng(seed)
    clouds = random.normal(0, 12, (windows, spec.timesteps, 1, spec.points, 4))
    clouds[..., 0] += random.uniform(-90, 90, (windows, spec.timesteps, 1, 1))
    clouds[..., 1] *= 4
    clouds[..., 3] = np.where(clouds[..., 3] > 0, 127, -127)
    clouds[0, -1] = 0
    return torch.from_numpy(clouds.clip(-127, 127).astype(np.int8))


def settled(spec: PointSpec = SMALL) -> NormedPoints:
    normed = NormedPoints(spec, PointLayers(spec.boxes, some_clouds(20, 9, spec).reshape(-1, 4), spec.neuron, 1), 0.0)
    with torch.no_grad():
        normed.forgetting.copy_(torch.linspace(-3, 3, spec.hidden))
        for seed in range(30):
            normed(some_clouds(8, seed, spec))
    return normed.eval()


class Stages(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(6)
        self.normed, self.clouds = settled(), some_clouds(7, 40)
        self.network = PointNetwork(SMALL, self.normed.layers)
        self.normed.fold(self.network)

    def test_what_the_first_stage_learns_is_folded_whole(self) -> None:
        with torch.no_grad():
            wanted, rates = self.normed(self.clouds)
            found, _ = self.network(self.clouds, False)
        self.assertGreater(min(rate.item() for rate in rates), 0.05)
        self.assertGreater(wanted.std().item(), 0.01)
        self.assertLess((wanted - found).abs().max().item(), 0.02 * wanted.abs().max().item())

    def test_glances_are_the_greatest_counts_of_successive_points(self) -> None:
        for integer in (False, True):
            counts = self.normed.layers.counts(self.clouds.reshape(-1, 4).float(), integer)
            wanted = counts.reshape(-1, SMALL.points // SMALL.glance, SMALL.glance, SMALL.boxes).amax(2)
            found = self.normed.layers.glances(self.clouds, SMALL.glance, integer)
            self.assertTrue(torch.equal(found.squeeze(2), wanted.transpose(1, 2)))
            self.assertTrue(found.unique().numel() > 4)

    def test_integers_stay_close_to_floats(self) -> None:
        with torch.no_grad():
            (floats, _), (whole, _) = (self.network(self.clouds, integer) for integer in (False, True))
        self.assertGreater(np.corrcoef(floats.flatten(), whole.flatten())[0, 1], 0.95)

    def test_the_integer_stage_is_what_the_checkpoints_nodes_compute(self) -> None:
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            path = Path(folder) / "points.safetensors"
            export(path, self.network, {})
            nodes, _, outputs = read_checkpoint(path)
            have = IntegerNetwork(nodes, outputs).logits(self.clouds.unsqueeze(1).numpy(), keep_state=False)
            logits, _ = self.network(self.clouds, True)
        self.assertTrue(torch.equal(have[:, 0], (logits * 256).round().long()))
        self.assertGreater(have.abs().max().item(), 5)

    def test_with_relu_layers_have_no_greatest_value(self) -> None:
        ann = NormedPoints(SMALL, self.normed.layers, 0.0, torch.relu)
        ann.load_state_dict(self.normed.state_dict())
        with torch.no_grad():
            ann.hidden_norm.weight.mul_(100)
            _, rates = ann.train()(self.clouds)
        self.assertGreater(rates[-1].item(), SMALL.neuron.max_count)

    def test_gradients_reach_every_layer_of_both_stages(self) -> None:
        for network, arguments in ((self.normed.train(), ()), (self.network, (False,)), (self.network, (True,))):
            network.zero_grad(set_to_none=True)
            logits, _ = network(self.clouds, *arguments)
            logits.square().sum().backward()
            learned = {name: each for name, each in network.named_parameters() if not name.startswith("layers.")}
            self.assertGreater(len(learned), 6)
            for name, parameter in learned.items():
                self.assertGreater(parameter.grad.abs().max().item(), 0, (type(network).__name__, arguments, name))

    def test_a_few_updates_lower_the_loss_of_both_stages(self) -> None:
        wanted = torch.arange(7) % SMALL.classes
        for network, arguments, rate in ((self.normed.train(), (), 1e-2), (self.network, (True,), 3e-3)):
            optimiser, losses = torch.optim.Adam(network.parameters(), rate), []
            for _ in range(40):
                loss = torch.nn.functional.cross_entropy(network(self.clouds, *arguments)[0], wanted)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                losses.append(loss.item())
            self.assertLess(np.mean(losses[-5:]), 0.7 * losses[0], arguments)

    def test_an_accumulator_out_of_range_is_refused(self) -> None:
        with torch.no_grad():
            self.network.readout.bias.fill_(1e9)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "readout"):
            export(Path(folder) / "points.safetensors", self.network, {})

    def test_shapes_that_do_not_divide_are_refused(self) -> None:
        for wrong in ({"points": 66}, {"parts": 8}, {"points": 48}, {"convolutions": ((5, 3),)}):
            with self.assertRaises(ValueError):
                replace(SMALL, **wrong)


class Clouds(unittest.TestCase):
    def test_a_copy_that_nothing_changes_is_the_recordings_windows(self) -> None:
        random, framing = np.random.default_rng(3), CloudFraming(180_000, 3, 64, 40, 40)
        t = np.sort(random.integers(0, 400_000, 150))
        events = Events(t, *random.integers(0, 40, (2, 150)).astype(np.int16), random.integers(0, 2, 150).astype(np.uint8))
        still = Augmentation(*[0.0] * 13)
        pose = Pose(np.array([0.0, 200_000, 400_000]), np.zeros((3, 20, 3), np.float32))
        copy = changed_clouds(events, 0.0, framing, still, random, pose)
        wanted = framing.frames(events)
        self.assertEqual(len(copy.clouds), 3)
        self.assertFalse(copy.mirrored)
        self.assertTrue(np.array_equal(copy.clouds[..., 2:], wanted[..., 2:]))
        # A dither of a pixel moves places by one at most.
        self.assertLessEqual(np.abs(copy.clouds.astype(int) - wanted)[..., :2].max(), 7)
        self.assertTrue(np.allclose(copy.pose.times, pose.times))

    def test_parts_of_slices_have_equally_many_events(self) -> None:
        since, framing = np.array([0, 10, 20, 30, 40, 50, 100, 110, 120, 290, 291, 292, 293]), CloudFraming(200, 2, 64, 40, 40)
        begins, ends = framing.spans(since, 2, 2)
        nan = np.nan
        self.assertTrue(np.array_equal(begins, [0, 30, nan, nan, 290, 292, nan, nan], equal_nan=True), begins)
        self.assertTrue(np.array_equal(ends, [30, 50, nan, nan, 292, 293, nan, nan], equal_nan=True), ends)
        nothing = framing.spans(since[:0], 1, 2)
        self.assertTrue(np.isnan(nothing).all() and np.shape(nothing) == (2, 4))

    def test_a_cards_noise_is_taken_out_before_windows_begin(self) -> None:
        random = np.random.default_rng(4)
        t = np.sort(random.integers(0, 2_000_000, 3000))
        events = Events(t, *random.integers(0, 40, (2, 3000)).astype(np.int16), random.integers(0, 2, 3000).astype(np.uint8))
        card = {
            "sensor": {"kind": "dvs", "width": 40, "height": 40}, "denoise": {"backgroundActivityMicros": 50_000},
            "framing": {"kind": "time", "windowMicros": 100_000, "timesteps": 2, "frame": "counts", "cap": 7, "state": "reset"},
        }
        quiet = background_activity(events, 50_000, 40, 40)
        self.assertTrue(100 < len(quiet) < 2900)
        without = framing_of({name: card[name] for name in ("sensor", "framing")}, [])
        self.assertTrue(np.array_equal(framing_of(card, []).frames(events), without.frames(quiet)))
        with self.assertRaisesRegex(ValueError, "refractoryMicros"):
            framing_of({**card, "denoise": {"refractoryMicros": 1}}, [])


class Recipe(unittest.TestCase):
    def test_the_command_learns_and_its_file_scores_as_training_did(self) -> None:
        small = replace(SMALL, boxes=48, width=32, hidden=24, classes=2)
        framing = CloudFraming(900_000, small.timesteps, small.points)
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            data = str(write_recordings(at / "1", 1))
            # The actor's recordings have neither clip nor subject.
            played = json.loads(write_recordings(at / "2", 2).read_text())
            played["samples"] = [{name: sample[name] for name in ("file", "format", "label", "intervals")} for sample in played["samples"]]
            (at / "2" / "actor.json").write_text(json.dumps(played))
            numbers = ["--epochs", "40", "--integer-epochs", "4", "--rate", "1e-2"]
            arguments = [
                "points", "--data", data, "--test", data, "--actor", str(at / "2" / "actor.json"),
                "--skeletons", str(write_skeletons(at / "skeletons.npz")), "--out", str(at / "out"), *numbers,
            ]
            beside = ["point_baselines", *arguments[1:-8], "--out", str(at / "beside" / "ann.json"), "--epochs", "40", "--rate", "1e-2"]
            with contextlib.ExitStack() as stack:
                stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
                for module in (points, point_baselines):
                    stack.enter_context(mock.patch.multiple(module, NETWORK=small, FRAMING=framing))
                with mock.patch.object(sys, "argv", arguments), mock.patch.object(points, "export", side_effect=KeyboardInterrupt):
                    self.assertRaises(KeyboardInterrupt, points.main)
                with mock.patch.object(sys, "argv", arguments):
                    points.main()
                with mock.patch.object(sys, "argv", beside):
                    point_baselines.main()
            results, baseline = (json.loads((at / each).read_text()) for each in ("out/results.json", "beside/ann.json"))
            path = at / "out" / "actions-point.safetensors"
            _, card, _ = read_checkpoint(path)
            described = json.loads(Path(data).read_text())
            described["samples"] = [sample for sample in described["samples"] if sample["subject"] % 2 == 0]
            (at / "1" / "even.json").write_text(json.dumps(described))
            recordings, labels, _ = read_dataset(at / "1" / "even.json")
            scored = evaluate(path, recordings, labels)
        self.assertEqual((results["n"], results["trained_on"], results["versions"], results["played"]), (8, 8, 1, 16))
        self.assertEqual(scored["accuracy"], results["accuracy"])
        self.assertEqual(np.array(scored["confusion"]).tolist(), results["confusion"])
        self.assertGreaterEqual(results["accuracy"], 0.75)
        self.assertEqual(card["denoise"], {"backgroundActivityMicros": points.BACKGROUND_MICROS})
        self.assertGreaterEqual(baseline["ann"]["accuracy"], 0.75)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
