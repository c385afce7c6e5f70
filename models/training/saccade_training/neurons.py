"""
Spiking neurons with the order and rounding of assembly/NUMERICS.md, section 4.

Every neuron has two twins with the same parameters. The integer twin computes on whole numbers held in float tensors, in units of
2^−fraction_bits, and gives the engine's values exactly (|v| < 2^15, so float32 loses nothing). The float twin computes on reals with
the threshold θ = 1 and without rounding or clamps, for the first stage of training and as a baseline.

Gradients: a count is a staircase from 0 to D; its surrogate is a slope of 1/θ where 0 ≤ v ≤ D·θ ("rectangle", SpikeYOLO's I-LIF),
or that slope with a linear fall to zero over one θ on either side ("trapezium"). The reset passes no gradient.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

FIRES = ("half-up", "half-even", "at-least", "above")
SURROGATES = ("rectangle", "trapezium")
# Shares of θ by which the rectangle's ends, which belong to it, are moved outwards for a comparison without equality.
MARGIN = 2.0**-10


@dataclass(frozen=True)
class NeuronSpec:
    """
    A spiking neuron. θ is one whole unit, 2^fraction_bits.

    decay_shift: v − (v >> k) each timestep, 1..15; 0: no decay (IF).
    """

    decay_shift: int = 2
    max_count: int = 4
    fraction_bits: int = 8
    fire: str = "half-up"
    surrogate: str = "trapezium"

    def __post_init__(self) -> None:
        if self.fire not in FIRES or self.surrogate not in SURROGATES:
            raise ValueError(f"fire is one of {FIRES}, surrogate one of {SURROGATES}")
        if not (0 <= self.decay_shift <= 15 and 1 <= self.max_count <= 15 and 1 <= self.fraction_bits <= 14):
            raise ValueError("decay_shift is 0..15, max_count 1..15, fraction_bits 1..14")

    @property
    def threshold(self) -> int:
        return 1 << self.fraction_bits

    def silent_drive(self) -> int:
        """
        A drive, in units of 2^−fraction_bits, that never makes a neuron fire however long it lasts, with two units to spare for rounding.

        v − (v >> k) + b rises to at most b · 2^k + 2^k − 1, and the first spike comes at θ/2 or later. Without decay: 0.
        """
        return max(0, (self.threshold // 2 >> self.decay_shift) - 3) if self.decay_shift else 0


def count_of(v: Tensor, threshold: float, max_count: int, fire: str) -> Tensor:
    """How many k in 1..D satisfy the comparison of `fire`: NUMERICS.md §4, Fire. Any shape; whole numbers in the dtype of v."""
    ratio = v / threshold
    if fire == "half-up":
        count = torch.floor(ratio + 0.5)
    elif fire == "half-even":
        count = torch.round(ratio)
    elif fire == "at-least":
        count = torch.floor(ratio)
    else:
        count = torch.ceil(ratio) - 1
    return count.clamp(0, max_count)


def surrogate_of(v: Tensor, threshold: float, max_count: int, surrogate: str) -> Tensor:
    """d count / d v, any shape."""
    ratio = v / threshold
    if surrogate == "rectangle":
        slope = ((ratio >= 0) & (ratio <= max_count)).to(v.dtype)
    else:
        slope = torch.minimum(ratio + 1, max_count + 1 - ratio).clamp(0, 1)
    return slope / threshold


class _SpikesOverTime(torch.autograd.Function):
    """LIF over all timesteps with the backward pass written out: a fifth of the memory and a third of the time of autograd's."""

    @staticmethod
    def forward(ctx, x: Tensor, v: Tensor, spec: NeuronSpec, integer: bool):
        threshold = spec.threshold if integer else 1.0
        keep = 1.0 if spec.decay_shift == 0 else 1.0 - 2.0**-spec.decay_shift
        counts, slopes = torch.empty_like(x), torch.empty_like(x)
        for t in range(x.shape[0]):
            if spec.decay_shift == 0:
                v = v + x[t]
            elif integer:
                v = v - torch.floor(v * 2.0**-spec.decay_shift) + x[t]
            else:
                v = v * keep + x[t]
            slope = surrogate_of(v, threshold, spec.max_count, spec.surrogate)
            if integer:
                clamped = v.clamp(-32768, 32767)
                slope = slope * (clamped == v)
                v = clamped
            slopes[t] = slope
            counts[t] = count_of(v, threshold, spec.max_count, spec.fire)
            v = v - counts[t] * threshold
        ctx.save_for_backward(slopes)
        ctx.keep = keep
        return counts, v

    @staticmethod
    def backward(ctx, grad_counts: Tensor, grad_v: Tensor):
        (slopes,) = ctx.saved_tensors
        grad_x = torch.empty_like(slopes)
        for t in range(slopes.shape[0] - 1, -1, -1):
            grad_u = grad_v + grad_counts[t] * slopes[t]
            grad_x[t] = grad_u
            grad_v = grad_u * ctx.keep
        return grad_x, grad_v, None, None


class LIF(nn.Module):
    """
    Leaky integrate-and-fire with counts and soft reset; IF when decay_shift is 0.

      v ← v − (v >> k) + x;   clamp to i16;   s ← fire(v), 0..D;   v ← v − s·θ
    """

    def __init__(self, spec: NeuronSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor, v: Tensor, integer: bool) -> "tuple[Tensor, Tensor]":
        """@param x [T, ...] input of each timestep; @param v [...] potential before the first; @return counts [T, ...], v after."""
        return _SpikesOverTime.apply(x, v, self.spec, integer)


class _Counts(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, threshold: float, max_count: int, fire: str, surrogate: str) -> Tensor:
        ctx.save_for_backward(surrogate_of(x, threshold, max_count, surrogate))
        return count_of(x, threshold, max_count, fire)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (slopes,) = ctx.saved_tensors
        return grad * slopes, None, None, None, None


class _RectangleCounts(torch.autograd.Function):
    """_Counts for "half-up" and "rectangle", in half the passes over memory; the rectangle reaches `margin` shares of θ beyond 0 and D·θ."""

    @staticmethod
    def forward(ctx, x: Tensor, threshold: float, max_count: int, margin: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.threshold, ctx.max_count, ctx.margin = threshold, max_count, margin
        ratio = x + 0.5 if threshold == 1 else (x / threshold).add_(0.5)
        return ratio.floor_().clamp_(0, max_count)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (x,) = ctx.saved_tensors
        passed = torch.ops.aten.hardtanh_backward(grad, x, -ctx.margin * ctx.threshold, (ctx.max_count + ctx.margin) * ctx.threshold)
        return passed if ctx.threshold == 1 else passed / ctx.threshold, None, None, None


def counts_of_drives(drive: Tensor, max_count: int) -> Tensor:
    """round(drive) from 0 to D, half up, θ = 1; the gradient is that of the drive wherever it is nearest to one of 0..D: from −½ to D + ½."""
    return _RectangleCounts.apply(drive, 1.0, max_count, 0.5)


class Counts(nn.Module):
    """
    Stateless integer counts: I-LIF at T = 1, `clamp(round(x / θ), 0, D)`. Binary when D = 1.

    `normalised` is NI-LIF (Spike2Former): training sees count / D, and export folds 1 / D into the weights that follow, so that the
    network that runs has the same whole counts.
    """

    def __init__(self, spec: NeuronSpec, normalised: bool = False) -> None:
        super().__init__()
        if spec.fire == "above":
            raise ValueError("Counts has no comparison 'above'")
        self.spec, self.normalised = spec, normalised

    def forward(self, x: Tensor, integer: bool) -> Tensor:
        """@param x any shape; @return counts 0..D, or counts / D when normalised."""
        spec = self.spec
        threshold = spec.threshold if integer else 1.0
        if spec.surrogate == "rectangle" and spec.fire == "half-up":
            counts = _RectangleCounts.apply(x, threshold, spec.max_count, MARGIN)
        else:
            counts = _Counts.apply(x, threshold, spec.max_count, spec.fire, spec.surrogate)
        return counts / spec.max_count if self.normalised else counts


def integrate(x: Tensor, decay_shift: int = 0, integer: bool = False) -> Tensor:
    """LI, the readout: the potential after each timestep, from zero. x [T, ...]; gradients by autograd."""
    v, out = torch.zeros_like(x[0]), []
    for t in range(x.shape[0]):
        if decay_shift:
            leak = v * 2.0**-decay_shift
            v = v - (leak + (torch.floor(leak) - leak).detach() if integer else leak)
        v = v + x[t]
        out.append(v)
    return torch.stack(out)
