"""Layers with weights in two stages: floats, then the integers that the engine computes."""

from typing import Tuple, Union

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .quantise import multipliers_of, quantise_bias, quantise_weight, weight_scale
from .rescale import rescale

# Of the greatest multiplier: `rescale` has 32 bits, so long sums leave fewer to it.
LEAST_BITS = 8
# Of a channel whose bias is all but everything, weights are coarser: else its accumulators would leave the others' multipliers few bits, or none.
GREATEST_BIAS = 1 << 18

# Of height and width, or of both.
Sides = Union[int, Tuple[int, int]]


class Weighted(nn.Module):
    """
    A convolution, or a linear layer as one of 1×1 on 1×1, with weights [T, O, I/g, kH, kW] of which step t uses set t mod T. Each output
    channel has one gain and one bias for all steps; in integers one scale, one i32 bias and one multiplier.
    """

    def __init__(
        self, inputs: int, outputs: int, input_bound: int, fraction_bits: int, sets: int = 1, kernel: Sides = 1, stride: Sides = 1,
        groups: int = 1,
    ) -> None:
        """@param input_bound of what it takes   @param fraction_bits of what its accumulators are rescaled to   @param sets T"""
        super().__init__()
        self.kernel, self.stride, self.groups, self.input_bound = _both(kernel), _both(stride), groups, input_bound
        self.padding = tuple(side // 2 if step == 1 else (side - step + 1) // 2 for side, step in zip(self.kernel, self.stride))
        self.fraction_bits = fraction_bits
        # Kept at a spread of one, so that one learning rate suits layers of any fan-in.
        self.equal = (inputs // groups * self.kernel[0] * self.kernel[1]) ** -0.5
        self.weight = nn.Parameter(torch.randn(sets, outputs, inputs // groups, *self.kernel))
        self.gain = nn.Parameter(torch.ones(outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def folded(self) -> Tensor:
        """[T, O, I/g, kH, kW] with the gains in them."""
        return self.weight * (self.gain * self.equal)[:, None, None, None]

    @torch.no_grad()
    def become(self, weight: Tensor, scale: Tensor, shift: Tensor) -> None:
        """
        Weights [O, ...], alike in all sets, or [T, O, ...], times scale [O], and biases `shift` [O]; kept at a spread of one, all else in the
        gains.
        """
        sets = weight.reshape(-1, *self.weight.shape[1:])
        spread = sets.transpose(0, 1).flatten(1).std(1, unbiased=False).clamp(min=1e-6)
        self.weight.copy_((sets / spread[:, None, None, None]).expand_as(self.weight))
        self.gain.copy_(scale * spread / self.equal)
        self.bias.copy_(shift)

    def integers(self) -> "Tuple[Tensor, Tensor, Tensor, int]":
        """Weights [T, O, ...] and bias as whole numbers in float tensors, multipliers i64[O], shift: what export writes."""
        folded = self.folded()
        rows = folded.transpose(0, 1)
        scale = torch.maximum(weight_scale(rows), self.bias.detach().abs() / GREATEST_BIAS)
        weight = quantise_weight(rows, scale).transpose(0, 1)
        bias = quantise_bias(self.bias, scale)
        accumulator = (self.input_bound * weight.detach().abs().flatten(2).sum(2)).amax(0) + bias.detach().abs()
        multipliers, shift = multipliers_of(scale * 2.0**self.fraction_bits, int(accumulator.max()), LEAST_BITS)
        return weight, bias, multipliers, shift

    def prepare(self, integer: bool) -> None:
        """Make what every step of a pass uses: `ready` is weights of each sub-network, then the bias."""
        weight, bias, *self._scale = self.integers() if integer else (self.folded(), self.bias)
        self.ready = [*(each.contiguous(memory_format=torch.channels_last) for each in weight.unbind(0)), bias]

    def forward(self, x: Tensor, step: int, integer: bool) -> Tensor:
        """@param x counts [N, C, H, W] or [N, I]; @return reals, or whole numbers of 2^−fraction_bits."""
        *weights, bias = self.ready
        weight = weights[step % len(weights)]
        if x.dim() == 2:
            y = F.linear(x, weight.flatten(1), bias)
        else:
            y = F.conv2d(x, weight, bias, self.stride, self.padding, 1, self.groups)
        return rescale(y, *self._scale) if integer else y


def _both(sides: Sides) -> "Tuple[int, int]":
    return sides if isinstance(sides, tuple) else (sides, sides)
