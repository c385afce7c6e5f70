"""
Rescaling and leaking in 32-bit integers, with straight-through gradients: NUMERICS.md §2 and §4 on whole numbers held in float32 tensors.
`quantise.multipliers_of` keeps every product, and the half that is added, below 2^31.
"""

import torch
from torch import Tensor

# Of decays: they are parts of 2^DECAY_BITS.
DECAY_BITS = 15


class _Rescale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, multipliers: Tensor, shift: int, saturate: bool) -> Tensor:
        per_channel = multipliers.reshape(-1, *[1] * (x.dim() - 2))
        ctx.save_for_backward(per_channel.to(x.dtype) * 2.0**-shift)
        product = x.to(torch.int32).mul_(per_channel.to(torch.int32))
        whole = product.add_(1 << shift >> 1).bitwise_right_shift_(shift).to(x.dtype)
        return whole.clamp_(-32768, 32767) if saturate else whole

    @staticmethod
    def backward(ctx, grad: Tensor):
        (factor,) = ctx.saved_tensors
        return grad * factor, None, None, None


def rescale(x: Tensor, multipliers: Tensor, shift: int, saturate: bool = True) -> Tensor:
    """
    (x · M + 2^(shift−1)) >> shift, clamped to i16 if `saturate`; the gradient is that of x · M / 2^shift.

    @param x  whole numbers [N, C, ...]    @param multipliers  i64[C]; |x · M| + 2^(shift−1) < 2^31
    """
    return _Rescale.apply(x, multipliers, shift, saturate)


class _Leak(torch.autograd.Function):
    @staticmethod
    def forward(ctx, state: Tensor, change: Tensor, decays: Tensor, bits: int) -> Tensor:
        per_channel = decays.reshape(-1, *[1] * (state.dim() - 2))
        ctx.save_for_backward(per_channel.to(state.dtype) * 2.0**-bits)
        kept = state.to(torch.int32).mul_(per_channel.to(torch.int32)).add_(1 << bits >> 1).bitwise_right_shift_(bits)
        return kept.to(state.dtype).add_(change).clamp_(-32768, 32767)

    @staticmethod
    def backward(ctx, grad: Tensor):
        (decay,) = ctx.saved_tensors
        return grad * decay, grad, None, None


def leak(state: Tensor, change: Tensor, decays: Tensor, bits: int) -> Tensor:
    """
    LI: ((state · a + 2^(bits−1)) >> bits) + change, clamped to i16. Gradients pass as in floats.

    @param state  whole numbers within i16 [N, C, ...]    @param decays  i64[C], 0 .. 2^bits, bits ≤ 15
    """
    return _Leak.apply(state, change, decays, bits)
