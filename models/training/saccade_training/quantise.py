"""Fake quantisation with straight-through gradients, and the integers that it stands for."""

import torch
from torch import Tensor

WEIGHT_MAX = 127
# A multiplier of fewer bits would move a potential by more than rounding does.
NARROW_BITS = 12
MULTIPLIER_MAX = (1 << 31) - 1
SHIFT_MAX = 62


def straight_through(exact: Tensor, smooth: Tensor) -> Tensor:
    """The value of `exact`, the gradient of `smooth`."""
    return smooth + (exact - smooth).detach()


def weight_scale(weight: Tensor) -> Tensor:
    """f[O]: what one step of the int8 weight is worth, symmetric, for each output channel; 1 for a channel of zeros."""
    greatest = weight.detach().abs().flatten(1).amax(1)
    return torch.where(greatest > 0, greatest / WEIGHT_MAX, torch.ones_like(greatest))


def quantise_weight(weight: Tensor, scale: Tensor) -> Tensor:
    """Whole numbers −127..127 in a float tensor, the shape of `weight` (O first); the gradient is that of weight / scale."""
    smooth = weight / scale.reshape(-1, *[1] * (weight.dim() - 1))
    return straight_through(torch.round(smooth).clamp(-WEIGHT_MAX, WEIGHT_MAX), smooth)


def quantise_bias(bias: Tensor, scale: Tensor) -> Tensor:
    """Whole numbers, accumulator units: round(bias / scale)."""
    smooth = bias / scale
    return straight_through(torch.round(smooth), smooth)


def multipliers_of(factors: Tensor, accumulator: int = 0) -> "tuple[Tensor, int]":
    """
    Write real factors as M / 2^shift: one shift for all channels, the greatest that keeps each M below 2^31 (NUMERICS.md §2).

    @param factors      f[O] > 0, below 2^31
    @param accumulator  greatest |accumulator|, if known. Where M keeps NARROW_BITS all the same, M is small enough that the engine's products,
                        with half added, stay below 2^31: vector units multiply 32 bits several times as fast as 64.
    @return             M i64[O], 0 .. 2^31 − 1; shift 0 .. 62
    """
    factors = factors.detach().double()
    for narrow in (True, False) if accumulator else (False,):
        for shift in range(SHIFT_MAX, -1, -1):
            multipliers = torch.round(factors * 2.0**shift)
            greatest = int(multipliers.max())
            if greatest > MULTIPLIER_MAX or (narrow and greatest * accumulator + 2**shift > MULTIPLIER_MAX):
                continue
            if narrow and greatest < 2**NARROW_BITS:
                break
            return multipliers.long(), shift
    raise ValueError(f"a factor of {factors.max().item():g} needs a multiplier beyond 2^31")


def requantise(accumulator: Tensor, multipliers: Tensor, shift: int) -> Tensor:
    """
    floor((acc · M + 2^(shift−1)) / 2^shift), the gradient that of acc · M / 2^shift. Whole numbers in float tensors.

    Computed in float64: exact while |acc · M| < 2^53, and |acc| < 2^22 holds for every network that `checkpoint` lets through.

    @param accumulator  [N, O, ...]    @param multipliers  i64[O]
    """
    factor = (multipliers.double() * 2.0**-shift).reshape(-1, *[1] * (accumulator.dim() - 2))
    exact = torch.floor(accumulator.detach().double() * factor + 0.5).to(accumulator.dtype)
    return straight_through(exact, accumulator * factor.to(accumulator.dtype))
