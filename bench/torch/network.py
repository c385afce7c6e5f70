"""The zoo's N-MNIST network in PyTorch, as users of SpikingJelly and snnTorch would write it: floats, one window of T timesteps a call."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import numpy
import torch
from torch import Tensor, nn


class Layer:
    """A weighted layer and the neuron behind it, in reals: 1.0 is a threshold. The last layer has no neuron: it is summed up."""

    def __init__(self, fields: Dict[str, object]) -> None:
        self.shape: List[int] = fields["shape"]
        self.stride: int = fields["stride"]
        self.weight = torch.tensor(fields["weight"], dtype=torch.float32).reshape(self.shape)
        self.bias = torch.tensor(fields["bias"], dtype=torch.float32)
        # v loses this share of itself each timestep.
        self.leak: float = fields["leak"]
        self.max_count: int = fields["max_count"]

    def weighted(self, conv: Callable[..., nn.Module], linear: Callable[..., nn.Module]) -> nn.Module:
        if len(self.shape) == 4:
            module = conv(self.shape[1], self.shape[0], self.shape[2], stride=self.stride, padding=self.shape[2] // 2)
        else:
            module = linear(self.shape[1], self.shape[0])
        module.weight.data.copy_(self.weight)
        module.bias.data.copy_(self.bias)
        return module


def read(folder: Path) -> "Tuple[List[Layer], Tensor]":
    """The layers, and windows f32[windows, T, 1, C, H, W]."""
    layers = [Layer(fields) for fields in json.loads((folder / "torch.json").read_text())]
    head = json.loads((folder / "frames.json").read_text())
    height, width, channels = head["shape"]
    frames = numpy.fromfile(folder / "frames.bin", dtype=numpy.uint8).reshape(-1, head["timesteps"], 1, height, width, channels)
    return layers, torch.from_numpy(frames).permute(0, 1, 2, 5, 3, 4).contiguous().float()


class SpikingJelly(nn.Module):
    """Multi-step mode: every layer takes the whole window at once, and neurons keep their potential from window to window."""

    def __init__(self, layers: List[Layer]) -> None:
        super().__init__()
        from spikingjelly.activation_based import layer

        self.version = f"spikingjelly {version('spikingjelly')}"
        modules: List[nn.Module] = []
        for at in layers[:-1]:
            modules += [at.weighted(layer.Conv2d, layer.Linear), self.neuron(at)]
        modules += [layer.Flatten(), layers[-1].weighted(layer.Conv2d, layer.Linear)]
        for module in modules:
            module.step_mode = "m"
        self.network = nn.Sequential(*modules)

    def neuron(self, at: Layer) -> nn.Module:
        from spikingjelly.activation_based.neuron import BaseNode

        class CountingLIF(BaseNode):
            """As the library's tutorial on own neurons has it: a charge, a spike function, the library's loop and reset."""

            def neuronal_charge(self, x: Tensor) -> None:
                self.v = self.v * (1.0 - at.leak) + x

        return CountingLIF(v_threshold=1.0, v_reset=None, surrogate_function=Counts(at.max_count))

    def forward(self, window: Tensor) -> Tensor:
        return self.network(window).sum(0)


class SpikingJellyBinary(SpikingJelly):
    """The library's own LIF, which emits at most one spike a timestep and has a compiled loop: its fastest, though not the same neuron."""

    def neuron(self, at: Layer) -> nn.Module:
        from spikingjelly.activation_based.neuron import LIFNode

        return LIFNode(tau=1 / at.leak, decay_input=False, v_threshold=1.0, v_reset=None)


class Counts(nn.Module):
    """How many spikes a potential this far above its threshold emits: round(v), 0..most."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = float(most)

    def forward(self, over: Tensor) -> Tensor:
        return torch.clamp(torch.floor(over + 1.5), 0.0, self.most)


class SnnTorch(nn.Module):
    """One timestep after the other, as snnTorch does it."""

    def __init__(self, layers: List[Layer]) -> None:
        super().__init__()
        from snntorch import Leaky

        class CountingLeaky(Leaky):
            """Its reset takes what was emitted in the same timestep; a rest above the threshold waits for the next one's count."""

            def mem_reset(self, mem: Tensor) -> Tensor:
                return torch.zeros(())

        self.version = f"snntorch {version('snntorch')}"
        modules: List[nn.Module] = []
        for at in layers[:-1]:
            neuron = CountingLeaky(beta=1.0 - at.leak, spike_grad=Counts(at.max_count), init_hidden=True, reset_delay=False)
            modules += [at.weighted(nn.Conv2d, nn.Linear), neuron]
        modules += [nn.Flatten(), layers[-1].weighted(nn.Conv2d, nn.Linear)]
        self.network = nn.Sequential(*modules)

    def forward(self, window: Tensor) -> Tensor:
        logits = self.network(window[0])
        for frame in window[1:]:
            logits = logits + self.network(frame)
        return logits


ENGINES = {"spikingjelly": SpikingJelly, "spikingjelly-binary": SpikingJellyBinary, "snntorch": SnnTorch}
