"""Export: the file's bytes, its nodes, and that the integer mode gives what training saw."""

import json
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from saccade_training.checkpoint import export, read_checkpoint, restore
from saccade_training.fit import to_tensor
from saccade_training.integer import IntegerNetwork
from saccade_training.network import NetworkSpec, SpikingConvNet
from saccade_training.neurons import NeuronSpec
from saccade_training.parity import compare
from saccade_training.safetensors import read_safetensors, write_safetensors

PACKAGE = Path(__file__).resolve().parents[1]
CARD = {"name": "test", "framing": {"state": "keep"}}


def network_of(spec: NetworkSpec, seed: int) -> SpikingConvNet:
    """A folded network with random batch norms, loud enough to spike."""
    torch.manual_seed(seed)
    network = SpikingConvNet(spec, gain=1.5)
    for conv in network.convs:
        torch.nn.init.uniform_(conv.norm.running_mean, -0.3, 0.3)
        torch.nn.init.uniform_(conv.norm.running_var, 0.2, 0.6)
        torch.nn.init.uniform_(conv.norm.bias, -0.3, 0.3)
    network.fold()
    return network.eval()


def frames_for(spec: NetworkSpec, windows: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    shape = (4, windows, 5, spec.height, spec.width, spec.channels[0])
    return (random.integers(0, spec.input_bound + 1, shape) * (random.random(shape) < 0.15)).astype(np.uint8)


class Safetensors(unittest.TestCase):
    def test_bytes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.safetensors"
            tensors = {"w": np.array([[1, -1]], np.int8), "b": np.array([258], np.int32)}
            write_safetensors(path, tensors, {"k": "v"})
            raw = path.read_bytes()
            (length,) = struct.unpack_from("<Q", raw)
            self.assertEqual(length % 8, 0)
            self.assertEqual(json.loads(raw[8 : 8 + length]), {
                "__metadata__": {"k": "v"},
                "b": {"dtype": "I32", "shape": [1], "data_offsets": [0, 4]},
                "w": {"dtype": "I8", "shape": [1, 2], "data_offsets": [4, 6]},
            })
            self.assertEqual(raw[8 + length :], bytes([2, 1, 0, 0, 1, 255]))
            back, metadata = read_safetensors(path)
            self.assertEqual(metadata, {"k": "v"})
            for name, tensor in tensors.items():
                self.assertTrue(np.array_equal(back[name], tensor) and back[name].dtype == tensor.dtype)
            for cut in (0, 7, 20, len(raw) - 1):
                path.write_bytes(raw[:cut])
                with self.assertRaises(ValueError):
                    read_safetensors(path)


class Export(unittest.TestCase):
    def test_integer_mode_gives_the_logits_and_counts_that_training_saw(self) -> None:
        neurons = (NeuronSpec(), NeuronSpec(decay_shift=0, fire="at-least"), NeuronSpec(decay_shift=3, max_count=1, fire="above"))
        for seed, neuron in enumerate(neurons):
            spec = NetworkSpec(20, 18, (2, 16, 16), 10, neuron)
            network, frames = network_of(spec, seed), frames_for(spec, 3, seed)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "a.safetensors"
                export(path, network, CARD)
                nodes, card, outputs = read_checkpoint(path)
            self.assertEqual(card, CARD)
            integer = IntegerNetwork(nodes, outputs)
            for keep in (True, False):
                with torch.no_grad():
                    logits, layers = network(to_tensor(frames), 5, integer=True, keep_state=keep)
                self.assertGreater(min(layer.mean().item() for layer in layers), 0.01, "the case must spike")
                self.assertTrue(torch.equal((logits * 256).long(), integer.logits(frames, keep)))

    def test_weights_of_four_bits_train_as_they_run(self) -> None:
        spec = NetworkSpec(20, 18, (2, 16, 16), 10, weight_bits=4)
        network, frames = network_of(spec, 5), frames_for(spec, 3, 5)
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            path = Path(folder) / "a.safetensors"
            export(path, network, CARD)
            nodes, _, outputs = read_checkpoint(path)
            weighted = [node for node in nodes if "weight" in node]
            self.assertEqual([(node["weightBits"], int(np.abs(node["weight"]).max())) for node in weighted], [(4, 7)] * 3)
            logits, layers = network(to_tensor(frames), 5, integer=True)
            self.assertGreater(min(layer.mean().item() for layer in layers), 0.01, "the case must spike")
            self.assertTrue(torch.equal((logits * 256).long(), IntegerNetwork(nodes, outputs).logits(frames, True)))

    def test_a_checkpoint_is_trained_on(self) -> None:
        spec = NetworkSpec(20, 18, (2, 16, 16), 10)
        network, again, frames = network_of(spec, 6), SpikingConvNet(spec), to_tensor(frames_for(spec, 3, 6))
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            path = Path(folder) / "a.safetensors"
            export(path, network, CARD)
            restore(path, again)
            for mine, theirs in zip([*network.convs, network.readout], [*again.convs, again.readout]):
                self.assertTrue(torch.equal(mine.integers()[0], theirs.integers()[0]))
            wanted, found = network(frames, 5, integer=True)[0], again(frames, 5, integer=True)[0]
            self.assertLess((wanted - found).norm().item(), 0.05 * wanted.norm().item())
            with self.assertRaisesRegex(ValueError, "layers"):
                restore(path, SpikingConvNet(NetworkSpec(20, 18, (2, 16), 10)))

    def test_nodes_carry_the_graph_s_words(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.safetensors"
            export(path, network_of(NetworkSpec(channels=(2, 16)), 1), CARD)
            tensors, metadata = read_safetensors(path)
        saccade = json.loads(metadata["saccade"])
        nodes = {node["name"]: node for node in saccade["nodes"]}
        self.assertEqual(list(nodes), ["frame", "conv1", "lif1", "flatten", "linear", "readout"])
        self.assertEqual((saccade["format"], saccade["outputs"]), (1, ["readout"]))
        self.assertEqual(nodes["frame"], {"type": "Input", "name": "frame", "shape": [34, 34, 2], "dtype": "u8", "bound": 7})
        self.assertEqual(nodes["conv1"], {
            "type": "Conv2d", "name": "conv1", "input": "frame", "outChannels": 16, "kernel": [3, 3], "stride": [2, 2], "padding": [1, 1],
            "dilation": [1, 1], "groups": 1, "weight": {"tensor": "conv1.weight"}, "bias": {"tensor": "conv1.bias"},
        })
        lif = {key: value for key, value in nodes["lif1"].items() if key != "shift"}
        self.assertEqual(lif, {
            "type": "LIF", "name": "lif1", "input": "conv1", "multiplier": {"tensor": "conv1.multiplier"}, "order": "decay-first",
            "decay": {"form": "shift", "values": 2}, "vMin": -32768, "vMax": 32767, "dtype": "i16", "fractionBits": 8, "threshold": 256,
            "fire": "half-up", "maxCount": 4, "reset": "subtract",
        })
        self.assertEqual((nodes["readout"]["type"], nodes["readout"]["dtype"], nodes["readout"]["windowReset"]), ("I", "i32", True))
        self.assertEqual((tensors["conv1.weight"].shape, tensors["conv1.weight"].dtype), ((16, 2, 3, 3), np.int8))
        self.assertEqual((tensors["linear.weight"].shape, tensors["linear.multiplier"].dtype), ((10, 16 * 17 * 17), np.int32))
        self.assertNotIn("linear.bias", tensors)

    def test_silence_is_silent(self) -> None:
        network = network_of(NetworkSpec(channels=(2, 16, 16)), 3)
        network.constrain()
        with torch.no_grad():
            logits, layers = network(torch.zeros(1, 200, 2, 34, 34), 5, integer=True)
        self.assertEqual(sum(layer.sum().item() for layer in layers), 0)
        self.assertEqual(logits.abs().max().item(), 0)

    def test_what_could_leave_its_range_is_refused(self) -> None:
        network = network_of(NetworkSpec(channels=(2, 16), input_bound=255), 1)
        network.convs[0].bias.data.fill_(1e6)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "beyond NUMERICS"):
            export(Path(folder) / "a.safetensors", network, CARD)

    def test_parity_command(self) -> None:
        spec = NetworkSpec(channels=(2, 16))
        network, frames = network_of(spec, 4), frames_for(spec, 2, 4)[0]
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            export(at / "a.safetensors", network, CARD)
            np.savez(at / "x.npz", frames=frames)
            arguments = ["--checkpoint", at / "a.safetensors", "--frames", at / "x.npz", "--out", at / "logits.npz"]
            subprocess.run([sys.executable, "-m", "saccade_training.parity", *map(str, arguments)], check=True, cwd=PACKAGE)
            with np.load(at / "logits.npz") as held, torch.no_grad():
                want = network(to_tensor(frames[None]), 5, integer=True)[0][0] * 256
                self.assertEqual((held["logits"].dtype, held["logits"].tolist()), (np.int32, want.long().tolist()))

    def test_parity_says_which_window_differs(self) -> None:
        logits, recording = np.arange(12).reshape(4, 3), np.array([0, 0, 1, 1])
        self.assertEqual(compare(logits, recording, logits.copy(), recording), [])
        other = logits.copy()
        other[3, 1] += 1
        self.assertEqual(compare(logits, recording, other, recording), ["recording 1, window 1: [9, 10, 11] here, [9, 11, 11] there"])
        self.assertRegex(compare(logits, recording, logits[:3], recording[:3])[0], "windows differ")
        self.assertRegex(compare(logits, recording, logits, np.array([0, 1, 1, 1]))[0], "windows differ")


if __name__ == "__main__":
    unittest.main()
