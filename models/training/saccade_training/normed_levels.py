"""
The first stage of training a network of levels: no up paths, so that all steps of a level are computed at once, and batch norm behind every
convolution and every state, so that it learns from any start. What it learns is folded into a LevelNetwork, which learns the up paths.
"""

from functools import partial
from typing import Callable, List, Optional, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .levels import GAINS, Level, LevelNetwork
from .neurons import counts_of_drives
from .poses import PoseHead
from .weighted import Weighted

# Drives to what the next convolution sees.
Fire = Callable[[Tensor], Tensor]
# A block starts as a small change of what passes it by.
BLOCK_START = 0.3
# Mean drive of neurons, in spreads: about a quarter of them count something.
QUIET = -0.2
# Of the readout's weights: counts are many and all positive, so a step of the optimiser that suits convolutions is too long here.
READOUT_SCALE = 0.05


class _Leak(torch.autograd.Function):
    """c[t] = a · c[t − 1] + x[t]. @param x [steps, N, C, H, W]; @param decay a [C, 1, 1]"""

    @staticmethod
    def forward(ctx, x: Tensor, decay: Tensor) -> Tensor:
        states = x.clone()
        for t in range(1, len(states)):
            states[t].addcmul_(decay, states[t - 1])
        ctx.save_for_backward(decay)
        return states

    @staticmethod
    def backward(ctx, grad: Tensor):
        (decay,) = ctx.saved_tensors
        grads = grad.clone()
        for t in range(len(grads) - 2, -1, -1):
            grads[t].addcmul_(decay, grads[t + 1])
        return grads, None


class NormedLevel(nn.Module):
    """A level of levels.py with batch norm and without an up path."""

    def __init__(self, level: Level, fire: Fire) -> None:
        super().__init__()
        self.fire = fire
        self.down, self.block = _conv(level.down), nn.ModuleList(_conv(each) for each in level.block)
        # Without a block nothing stands between the convolution and the state's batch norm.
        self.norm = nn.BatchNorm2d(self.down.out_channels) if level.block else None
        self.block_norms = nn.ModuleList(nn.BatchNorm2d(each.out_channels) for each in self.block)
        if self.block:
            nn.init.constant_(self.block_norms[-1].weight, BLOCK_START)
        self.state_norm = nn.BatchNorm2d(self.down.out_channels)
        nn.init.constant_(self.state_norm.bias, QUIET)
        self.register_buffer("decay", level.decay.clone())

    def forward(self, x: Tensor, streams: int) -> Tensor:
        """Counts of all steps. @param x [steps · streams, C, H, W], steps first"""
        f = self.down(x)
        if self.norm is not None:
            f = self.norm(f)
            h = f
            for conv, norm in zip(self.block, self.block_norms):
                h = norm(conv(self.fire(h)))
            f = f + h
        states = _Leak.apply(f.unflatten(0, (-1, streams)), self.decay).flatten(0, 1)
        return self.fire(self.state_norm(states))

    @torch.no_grad()
    def limit(self) -> None:
        """Keep the state's gain in the range that integers have (levels.py), as far as its moving average tells."""
        if self.norm is not None:
            deviation = (self.state_norm.running_var + self.state_norm.eps).sqrt()
            self.state_norm.weight.copy_(torch.minimum(torch.maximum(self.state_norm.weight, GAINS[0] * deviation), GAINS[1] * deviation))

    @torch.no_grad()
    def fold(self, level: Level) -> None:
        """Make `level` compute the same, with the norms' moving averages; its up path adds nothing yet."""
        scale, shift = affine(self.state_norm)
        if self.norm is None:
            # All of the scale that the state's gain has no room for goes to the convolution.
            own = level.gain.clamp(*GAINS)
            level.down.become(self.down.weight, scale / own, torch.zeros_like(shift))
        else:
            own = scale.clamp(*GAINS)
            level.down.become(self.down.weight, *affine(self.norm))
            for conv, norm, weighted in zip(self.block, self.block_norms, level.block):
                weighted.become(conv.weight, *affine(norm))
        level.gain.copy_(own)
        level.offset.copy_(shift)
        if level.up is not None:
            level.up.gain.zero_()


class NormedLevels(nn.Module):
    def __init__(self, network: LevelNetwork, dropout: float, fire: Optional[Fire] = None, poses: bool = False) -> None:
        """
        Of the shapes and time constants of `network`.

        @param dropout of what the readout sees    @param fire in place of its counts; then it is no spiking network, and not to be folded
        @param poses   whether it also tells poses (poses.py), which is not folded
        """
        super().__init__()
        spec = network.spec
        fire = fire or partial(counts_of_drives, max_count=spec.neuron.max_count)
        self.levels = nn.ModuleList(NormedLevel(level, fire) for level in network.levels)
        inputs = network.readout.weight.shape[2]
        self.readout = nn.Linear(inputs, spec.classes)
        nn.init.normal_(self.readout.weight, 0, READOUT_SCALE)
        self.poses = PoseHead(inputs) if poses else None
        self.dropout = dropout
        self.to(memory_format=torch.channels_last)

    def forward(self, frames: Tensor) -> Tuple:
        """@param frames u8[N, steps, H, W, 2]; @return logits [N, steps, classes], each level's mean count, and poses [N, steps, VALUES]"""
        streams, rates = len(frames), []
        # Channels lie side by side, here and in all that follows: a fifth faster than plane by plane.
        x = frames.transpose(0, 1).flatten(0, 1).float().permute(0, 3, 1, 2)
        for level in self.levels:
            x = level(x, streams)
            rates.append(x.mean())
        x = F.dropout(x.contiguous().flatten(1), self.dropout, self.training)
        heads = [self.readout(x) * READOUT_SCALE, *([self.poses(x)] if self.poses else [])]
        logits, *poses = (head.unflatten(0, (-1, streams)).transpose(0, 1) for head in heads)
        return logits, rates, *poses

    def limit(self) -> None:
        """After every step of the optimiser."""
        for level in self.levels:
            level.limit()

    @torch.no_grad()
    def fold(self, network: LevelNetwork) -> None:
        """Make `network` compute the same, every sub-network alike."""
        for normed, level in zip(self.levels, network.levels):
            normed.fold(level)
        scale = torch.full_like(self.readout.bias, READOUT_SCALE)
        network.readout.become(self.readout.weight, scale, self.readout.bias * READOUT_SCALE)


def _conv(weighted: Weighted) -> nn.Conv2d:
    _, outputs, inputs, kernel, _ = weighted.weight.shape
    return nn.Conv2d(
        inputs * weighted.groups, outputs, kernel, weighted.stride, weighted.padding, groups=weighted.groups, bias=False
    )


def affine(norm: nn.BatchNorm2d) -> "Tuple[Tensor, Tensor]":
    """What a batch norm multiplies by and adds, once trained."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return scale, norm.bias - norm.running_mean * scale
