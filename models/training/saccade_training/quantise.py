"""Fake quantisation with straight-through gradients, and the integers that it stands for."""

import torch
from torch import Tensor

# Greatest |weight| of each width in bits.
WEIGHT_MAX = {8: 127, 4: 7}
# By how much a channel of 4-bit weights may be clipped: shares of its greatest weight that are tried as the greatest that is kept.
CLIPS = [1 - i / 100 for i in range(71)]
# A multiplier of fewer bits would move a potential by more than rounding does.
NARROW_BITS = 12
MULTIPLIER_MAX = (1 << 31) - 1
SHIFT_MAX = 62


def straight_through(exact: Tensor, smooth: Tensor) -> Tensor:
    """The value of `exact`, the gradient of `smooth`."""
    return smooth + (exact - smooth).detach()


def weight_scale(weight: Tensor, bits: int = 8) -> Tensor:
    """
    f[O]: what one step of the weight is worth, symmetric, for each output channel; 1 for a channel of zeros. With 8 bits the greatest weight
    is the greatest step; with 4 it may be clipped, where that makes the channel's squared error less.
    """
    rows = weight.detach().flatten(1)
    greatest = rows.abs().amax(1)
    best = torch.where(greatest > 0, greatest / WEIGHT_MAX[bits], torch.ones_like(greatest))
    if bits == 8:
        return best
    least, full = torch.full_like(best, float("inf")), best
    for clip in CLIPS:
        scale = (full * clip).unsqueeze(1)
        error = (torch.round(rows / scale).clamp(-WEIGHT_MAX[bits], WEIGHT_MAX[bits]) * scale - rows).square().sum(1)
        best, least = torch.where(error < least, full * clip, best), torch.minimum(error, least)
    return best


def quantise_weight(weight: Tensor, scale: Tensor, bits: int = 8) -> Tensor:
    """Whole numbers −127..127 or −7..7 in a float tensor, the shape of `weight` (O first); the gradient is that of weight / scale."""
    smooth = weight / scale.reshape(-1, *[1] * (weight.dim() - 1))
    return straight_through(torch.round(smooth).clamp(-WEIGHT_MAX[bits], WEIGHT_MAX[bits]), smooth)


def quantise_bias(bias: Tensor, scale: Tensor) -> Tensor:
    """Whole numbers, accumulator units: round(bias / scale)."""
    smooth = bias / scale
    return straight_through(torch.round(smooth), smooth)


def multipliers_of(factors: Tensor, accumulator: int = 0, least_bits: int = NARROW_BITS) -> "tuple[Tensor, int]":
    """
    Write real factors as M / 2^shift: one shift for all channels, the greatest that keeps each M below 2^31 (NUMERICS.md §2).

    @param factors      f[O] > 0, below 2^31
    @param accumulator  greatest |accumulator|, if known. Where M keeps `least_bits` all the same, M is small enough that the engine's products,
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
            if narrow and greatest < 2**least_bits:
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
