"""A spiking convolutional network in two stages: floats with batch norm, then the integers that the engine computes."""

from dataclasses import dataclass
from typing import List, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .neurons import LIF, NeuronSpec, integrate
from .quantise import multipliers_of, quantise_bias, quantise_weight, requantise, weight_scale


@dataclass(frozen=True)
class NetworkSpec:
    """Convolutions 3×3 of stride 2 and padding 1, each with a LIF behind it, and a linear readout that integrates."""

    height: int = 34
    width: int = 34
    channels: Tuple[int, ...] = (2, 16, 32, 48)
    classes: int = 10
    neuron: NeuronSpec = NeuronSpec()
    # Greatest count in an input frame.
    input_bound: int = 7
    # Of the integer stage: 8 (int8) or 4 (int4).
    weight_bits: int = 8

    def sizes(self) -> List[Tuple[int, int]]:
        """(h, w) of the input and behind each convolution."""
        sizes = [(self.height, self.width)]
        for _ in self.channels[1:]:
            sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
        return sizes


class Scaled(nn.Module):
    """
    A weighted layer with what turns its accumulator into a neuron's input: batch norm in the first stage; once folded, int8 or int4 weights,
    an i32 bias and multipliers, seen through fake quantisation. 1.0 of the float stage is 2^fraction_bits of the integer stage.
    """

    def __init__(self, layer: nn.Module, fraction_bits: int, input_bound: int, weight_bits: int) -> None:
        """@param layer  a Conv2d, which gets a batch norm, or a Linear, which stays without bias    @param input_bound  greatest count"""
        super().__init__()
        self.layer, self.fraction_bits, self.input_bound, self.weight_bits = layer, fraction_bits, input_bound, weight_bits
        self.norm: Optional[nn.BatchNorm2d] = nn.BatchNorm2d(layer.weight.shape[0]) if isinstance(layer, nn.Conv2d) else None
        self.bias: Optional[nn.Parameter] = None

    @torch.no_grad()
    def fold(self) -> None:
        """Take batch norm into weights and bias; does nothing the second time."""
        if self.norm is None:
            return
        gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        self.layer.weight.mul_(gain.reshape(-1, *[1] * (self.layer.weight.dim() - 1)))
        self.bias = nn.Parameter(self.norm.bias - gain * self.norm.running_mean)
        self.norm = None

    def _weigh(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
        if isinstance(self.layer, nn.Conv2d):
            return F.conv2d(x, weight, bias, self.layer.stride, self.layer.padding)
        return F.linear(x, weight, bias)

    def integers(self) -> "tuple[Tensor, Optional[Tensor], Tensor, int]":
        """Weights and bias as whole numbers in float tensors, multipliers i64[O], shift: what export writes."""
        scale = weight_scale(self.layer.weight, self.weight_bits)
        weight = quantise_weight(self.layer.weight, scale, self.weight_bits)
        bias = None if self.bias is None else quantise_bias(self.bias, scale)
        accumulator = self.input_bound * weight.detach().abs().flatten(1).sum(1) + (0 if bias is None else bias.detach().abs())
        multipliers, shift = multipliers_of(scale * 2.0**self.fraction_bits, int(accumulator.max()))
        return weight, bias, multipliers, shift

    def forward(self, x: Tensor, integer: bool) -> Tensor:
        """@param x [N, C, H, W] or [N, I]; @return the neuron's input, reals or whole numbers of 2^−fraction_bits."""
        if not integer:
            x = self._weigh(x, self.layer.weight, self.bias)
            return x if self.norm is None else self.norm(x)
        if self.norm is not None:
            raise RuntimeError("fold() comes before the integer stage")
        weight, bias, multipliers, shift = self.integers()
        return requantise(self._weigh(x, weight, bias), multipliers, shift)


class SpikingConvNet(nn.Module):
    def __init__(self, spec: NetworkSpec, gain: float = 0.5) -> None:
        """@param gain  what batch norm's scale starts at: lower is quieter."""
        super().__init__()
        self.spec = spec
        bits = spec.neuron.fraction_bits
        pairs = zip(spec.channels[:-1], spec.channels[1:])
        bounds = [spec.input_bound] + [spec.neuron.max_count] * len(spec.channels)
        self.convs = nn.ModuleList(
            Scaled(nn.Conv2d(i, o, 3, 2, 1, bias=False), bits, bound, spec.weight_bits) for (i, o), bound in zip(pairs, bounds)
        )
        self.neurons = nn.ModuleList(LIF(spec.neuron) for _ in self.convs)
        height, width = spec.sizes()[-1]
        linear = nn.Linear(spec.channels[-1] * height * width, spec.classes, bias=False)
        self.readout = Scaled(linear, bits, spec.neuron.max_count, spec.weight_bits)
        for conv in self.convs:
            nn.init.constant_(conv.norm.weight, gain)

    def fold(self) -> None:
        for block in [*self.convs, self.readout]:
            block.fold()

    @torch.no_grad()
    def constrain(self) -> None:
        """Lower folded biases so that silence stays silent: a bias b alone lifts v to b · 2^k, which must not fire."""
        greatest = self.spec.neuron.silent_drive() / 2.0**self.spec.neuron.fraction_bits
        for conv in self.convs:
            if conv.bias is not None:
                conv.bias.clamp_(max=greatest)

    def forward(self, frames: Tensor, timesteps: int, integer: bool, keep_state: bool = True) -> "tuple[Tensor, List[Tensor]]":
        """
        @param frames      f32[B, windows · T, C, H, W] counts
        @param timesteps   T of a window; the readout starts anew with each window, the potentials only when keep_state is false
        @return            logits [B, windows, classes] (whole numbers / 2^fraction_bits when integer), and each layer's counts
                           [steps, B, C, H, W]
        """
        batch, steps = frames.shape[:2]
        windows = steps // timesteps
        if not keep_state:
            frames = frames.reshape(batch * windows, timesteps, *frames.shape[2:])
            logits, counts = self.forward(frames, timesteps, integer)
            return logits.reshape(batch, windows, -1), counts
        x, layers = frames.transpose(0, 1), []
        for conv, neuron in zip(self.convs, self.neurons):
            drive = conv(x.flatten(0, 1), integer).unflatten(0, (steps, batch))
            x, _ = neuron(drive, torch.zeros_like(drive[0]), integer)
            layers.append(x)
        drive = self.readout(x.flatten(2).flatten(0, 1), integer).unflatten(0, (windows, timesteps, batch))
        logits = integrate(drive.transpose(0, 1))[-1].transpose(0, 1)
        return (logits / 2.0**self.readout.fraction_bits if integer else logits), layers
