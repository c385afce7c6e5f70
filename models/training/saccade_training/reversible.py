"""
Training without keeping activations: c_new = a · c_old + g · L(…) is undone, c_old = (c_new − g · L(…)) / a, coarsest level first, and each
activation is made again, once, for its gradient. What a segment keeps are the states with which it ends, however many steps it has; a pass of
one segment takes memory for the levels alone, O(L). Source: Hu et al. 2024 (PMLR 235).

Undoing multiplies what floats lose by 1 / a each step, so a pass in float32 is cut into segments of few steps. The integer stage's decay rounds,
which cannot be undone: there every step keeps its states, and still no activation.
"""

from typing import List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .levels import RATE_STEPS, LevelNetwork, frame_of

SEGMENT = 8


def run(network: LevelNetwork, frames: Tensor, integer: bool, first: int = 0, segment: int = SEGMENT) -> "Tuple[Tensor, List[Tensor]]":
    """What `network(frames, integer, first)` gives, and the same gradients."""
    network.prepare(integer)
    parts = _parts(network)
    memory = [*network.rest(len(frames)), *network.rest(len(frames))]
    seen, watched = [], []
    for begin in range(0, frames.shape[1], segment):
        piece = frames[:, begin : begin + segment]
        *memory, last, rates = _Segment.apply(network, piece, integer, first, begin, *memory, *_ready(parts))
        seen += last.unbind(0)
        watched.append(rates)
    return network.read(seen, first, integer), list((torch.stack(watched).sum(0) / len(_watched(0, frames.shape[1]))).unbind(0))


def _watched(begin: int, end: int) -> range:
    """Steps of begin..end − 1 whose mean counts are taken."""
    return range(-(-begin // RATE_STEPS) * RATE_STEPS, end, RATE_STEPS)


def _parts(network: LevelNetwork) -> List:
    return [part for level in network.levels for part in (level, *level.weighted())]


def _ready(parts: Sequence) -> List[Tensor]:
    return [tensor for part in parts for tensor in part.ready]


def _bind(parts: Sequence, tensors: Sequence[Tensor]) -> None:
    """Let the parts compute with these tensors in place of their own."""
    at = 0
    for part in parts:
        part.ready = list(tensors[at : at + len(part.ready)])
        at += len(part.ready)


class _Segment(torch.autograd.Function):
    """
    (states, counts, prepared tensors) to (states, counts, the last level's counts of each step [steps, N, C, h, w], sums of the levels' mean
    counts [levels]).
    """

    @staticmethod
    def forward(ctx, network: LevelNetwork, frames: Tensor, integer: bool, first: int, begin: int, *tensors: Tensor):
        levels = len(network.levels)
        states, counts = list(tensors[:levels]), list(tensors[levels : 2 * levels])
        last, kept, rates = [], [states] if integer else [], torch.zeros(levels, dtype=states[0].dtype, device=states[0].device)
        for t in range(frames.shape[1]):
            states, counts = network.step(frame_of(frames, t, states[0].dtype), states, counts, first + begin + t, integer)
            last.append(counts[-1])
            if (begin + t) % RATE_STEPS == 0:
                rates += torch.stack([count.mean() for count in counts])
            if integer:
                kept.append(states)
        ctx.network, ctx.frames, ctx.integer, ctx.first, ctx.begin, ctx.kept = network, frames, integer, first, begin, kept
        ctx.tensors = tensors[2 * levels :]
        ctx.end = states
        return (*states, *counts, torch.stack(last), rates)

    @staticmethod
    def backward(ctx, *grads: Tensor):
        network, frames, levels = ctx.network, ctx.frames, len(ctx.network.levels)
        parts = _parts(network)
        leaves = [tensor.detach().requires_grad_() for tensor in ctx.tensors]
        own = _ready(parts)
        _bind(parts, leaves)
        sums = [torch.zeros_like(leaf) for leaf in leaves]
        back = _Backward(network, ctx.integer, leaves, sums)
        state_grads, count_grads = list(grads[:levels]), list(grads[levels : 2 * levels])
        states = [state.detach() for state in ctx.end]
        for t in range(frames.shape[1] - 1, -1, -1):
            count_grads[-1] = count_grads[-1] + grads[-2][t]
            if (ctx.begin + t) % RATE_STEPS == 0:
                count_grads = [grad + rate / state.numel() for grad, rate, state in zip(count_grads, grads[-1], states)]
            before = ctx.kept[t] if ctx.integer else None
            frame, step = frame_of(frames, t, states[0].dtype), ctx.begin + t
            states, state_grads, count_grads = back.step(frame, states, before, state_grads, count_grads, ctx.first + step, step == 0)
        _bind(parts, own)
        return (None, None, None, None, None, *state_grads, *count_grads, *sums)


class _Backward:
    """One step back, coarsest level first."""

    def __init__(self, network: LevelNetwork, integer: bool, leaves: List[Tensor], sums: List[Tensor]) -> None:
        self.network, self.integer, self.leaves, self.sums = network, integer, leaves, sums

    def step(
        self, frame: Tensor, states: List[Tensor], before: Optional[Sequence[Tensor]], state_grads: List[Tensor], count_grads: List[Tensor],
        number: int, begins: bool,
    ) -> "Tuple[List[Tensor], List[Tensor], List[Tensor]]":
        """
        @param states  after the step          @param before  before it, or None to undo them
        @param state_grads, count_grads  of what comes after the step    @param begins  whether counts before it were zeros by themselves
        @return states before the step, and gradients of states and counts before it
        """
        levels = self.network.levels
        count_grads = list(count_grads)
        old_states: List[Tensor] = list(states)
        old_counts: List[Tensor] = [torch.zeros_like(state) for state in states]
        old_state_grads: List[Tensor] = list(state_grads)
        old_count_grads: List[Tensor] = [torch.zeros_like(state) for state in states]
        for at in range(len(levels) - 1, -1, -1):
            level = levels[at]
            with torch.enable_grad():
                state = states[at].detach().requires_grad_()
                counts = level.counts(state, self.integer)
            (grad,) = self._pull(counts, count_grads[at], [state])
            grad = grad + state_grads[at]
            with torch.no_grad():
                down = frame if at == 0 else levels[at - 1].counts(states[at - 1], self.integer)
            sources = [down.detach().requires_grad_(at > 0)]
            if level.up is not None:
                sources.append(old_counts[at + 1].detach().requires_grad_())
            with torch.enable_grad():
                change = level.change(sources[0], sources[1] if level.up is not None else None, number, self.integer)
            pulled = self._pull(change, grad, sources[0 if at > 0 else 1 :])
            if at > 0:
                count_grads[at - 1] = count_grads[at - 1] + pulled[0]
            if level.up is not None:
                old_count_grads[at + 1] = pulled[-1]
            with torch.no_grad():
                old_states[at] = level.restore(states[at], change.detach()) if before is None else before[at]
                if not begins:
                    old_counts[at] = level.counts(old_states[at], self.integer)
            old_state_grads[at] = grad * level.decay
        return old_states, old_state_grads, old_count_grads

    def _pull(self, out: Tensor, grad: Tensor, sources: List[Tensor]) -> List[Tensor]:
        """Gradients of the sources; those of the prepared tensors are added up."""
        found = torch.autograd.grad(out, [*sources, *self.leaves], grad, allow_unused=True)
        for total, each in zip(self.sums, found[len(sources) :]):
            if each is not None:
                total += each
        return [torch.zeros_like(source) if each is None else each for source, each in zip(sources, found)]

