"""
A network of level states (T-RevSNN) in two stages: floats, then the integers that the engine computes.

Four levels, each coarser than the one before, keep one state a channel and pixel; from step to step

  c_l ← a_l · c_l + g_l · L_l(down, up)        down: the frame, or counts of c_{l−1} as they are now; up: counts of c_{l+1} a step ago

with the finest level first, so that all it needs of a step is there. Counts are taken before every convolution but the first. A window
of T steps has T sub-networks: step t uses weights that no other step of the window uses (biases and scales are shared), and the states
live on from window to window. Source: Hu et al. 2024, "High-Performance Temporal Reversible Spiking Neural Networks" (PMLR 235).
"""

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .neurons import Counts, NeuronSpec
from .quantise import straight_through
from .rescale import DECAY_BITS, leak, rescale
from .weighted import Weighted

# |a| below this would not be undone (reversible.py).
LEAST_DECAY = 1e-3
# Of a level's input: below one, so that the engine has it, as the decay, in one product of 16-bit lanes.
GAIN_BITS = 15
GAINS = (1e-4, 1 - 2.0**-GAIN_BITS)
I16 = (-32768, 32767)
RATE_STEPS = 4


@dataclass(frozen=True)
class LevelSpec:
    """
    Shapes and numbers of a network of levels.

    strides: of the stem, then from each level to the next. blocks: of each level, 0 none, 1 depthwise then pointwise, e ≥ 2 the same with e
    times the channels between two pointwise ones. fastest, slowest: steps in which a level's fastest and slowest channel forget 1 − 1/e of
    their states; the others lie between, by equal factors.
    """

    height: int = 128
    width: int = 128
    channels: Tuple[int, ...] = (8, 32, 64, 96)
    strides: Tuple[int, ...] = (4, 2, 2, 2)
    blocks: Tuple[int, ...] = (0, 1, 1, 1)
    classes: int = 27
    subnetworks: int = 4
    fastest: Tuple[float, ...] = (1.0, 1.5, 1.5, 1.5)
    slowest: Tuple[float, ...] = (6.0, 30.0, 30.0, 30.0)
    neuron: NeuronSpec = NeuronSpec(decay_shift=0, max_count=4, surrogate="rectangle")
    # Greatest count in an input frame.
    input_bound: int = 15

    def __post_init__(self) -> None:
        if not len(self.channels) == len(self.strides) == len(self.blocks) == len(self.fastest) == len(self.slowest) >= 2:
            raise ValueError("channels, strides, blocks, fastest and slowest have one entry a level, and there are two levels or more")

    def sizes(self) -> List[Tuple[int, int]]:
        """(h, w) of each level."""
        sizes, height, width = [], self.height, self.width
        for stride in self.strides:
            height, width = height // stride, width // stride
            sizes.append((height, width))
        return sizes

    def decays(self, at: int) -> Tensor:
        """a of a level's channels, f64[channels], made whole in Q15 so that both stages have the same."""
        fastest, slowest = self.fastest[at], self.slowest[at]
        steps = fastest * (slowest / fastest) ** torch.linspace(0, 1, self.channels[at], dtype=torch.float64)
        return torch.round(torch.exp(-1 / steps) * 2**DECAY_BITS) / 2**DECAY_BITS


class Level(nn.Module):
    """L_l and its state's update."""

    def __init__(self, at: int, spec: LevelSpec) -> None:
        super().__init__()
        channels, most = spec.channels[at], spec.neuron.max_count
        below = 2 if at == 0 else spec.channels[at - 1]
        kernel, alike = spec.strides[0] if at == 0 else 3, (spec.neuron.fraction_bits, spec.subnetworks)
        self.down = Weighted(below, channels, spec.input_bound if at == 0 else most, *alike, kernel, spec.strides[at])
        last = at + 1 == len(spec.channels)
        self.up = None if last else Weighted(spec.channels[at + 1], channels, most, *alike)
        self.factor = 1 if last else spec.strides[at + 1]
        self.block = nn.ModuleList()
        if spec.blocks[at]:
            wide = channels * spec.blocks[at]
            self.block.append(Weighted(channels, channels, most, *alike, 3, groups=channels))
            if wide > channels:
                self.block.append(Weighted(channels, wide, most, *alike))
            self.block.append(Weighted(wide, channels, most, *alike))
        self.count = Counts(spec.neuron)
        self.unit = 2.0**spec.neuron.fraction_bits
        decay = spec.decays(at).clamp(max=1 - 2.0**-DECAY_BITS)
        self.register_buffer("decay", decay.float().reshape(-1, 1, 1))
        self.gain = nn.Parameter((1 - decay).sqrt().float())
        self.offset = nn.Parameter(torch.zeros(channels))

    def integers(self) -> "tuple[Tensor, Tensor, int, Tensor]":
        """
        Decays i64[C] of 2^DECAY_BITS, the input gain's multipliers i64[C] and their shift, offsets as whole numbers in a float tensor. Gains
        stay as the float stage left them.
        """
        decays, gains = self.decay.flatten().double(), self.gain.detach().clamp(*GAINS).double()
        scaled = self.offset * self.unit
        rounded = straight_through(torch.round(scaled), scaled)
        return (decays * 2**DECAY_BITS).long(), torch.round(gains * 2**GAIN_BITS).long(), GAIN_BITS, rounded

    def prepare(self, integer: bool) -> None:
        for weighted in self.weighted():
            weighted.prepare(integer)
        if integer:
            self._decays, *self._scale, offset = self.integers()
        else:
            offset = self.offset
        self.ready = [self.gain.clamp(*GAINS).reshape(-1, 1, 1), offset.reshape(-1, 1, 1)]

    def weighted(self) -> List[Weighted]:
        return [self.down, *([self.up] if self.up is not None else []), *self.block]

    def change(self, down: Tensor, up: Optional[Tensor], step: int, integer: bool) -> Tensor:
        """g · L(down, up): what is added to the decayed state."""
        f = self.down(down, step, integer)
        if self.up is not None and up is not None:
            lifted = self.up(up, step, integer)
            f = _added(f, lifted if self.factor == 1 else F.interpolate(lifted, scale_factor=self.factor), integer)
        if self.block:
            h = f
            for weighted in self.block:
                h = weighted(self.count(h, integer), step, integer)
            f = _added(f, h, integer)
        return rescale(f, *self._scale, saturate=False) if integer else f * self.ready[0]

    def update(self, state: Tensor, change: Tensor, integer: bool) -> Tensor:
        return leak(state, change, self._decays, DECAY_BITS) if integer else torch.addcmul(change, self.decay, state)

    def restore(self, state: Tensor, change: Tensor) -> Tensor:
        """The state before `update`, in floats."""
        return (state - change) / self.decay

    def counts(self, state: Tensor, integer: bool) -> Tensor:
        return self.count(state + self.ready[1], integer)


def frame_of(frames: Tensor, t: int, dtype: torch.dtype) -> Tensor:
    """[N, 2, H, W] of step t, in memory as the engine has it. @param frames u8[N, steps, H, W, 2]"""
    return frames[:, t].permute(0, 3, 1, 2).to(dtype)


def _added(a: Tensor, b: Tensor, integer: bool) -> Tensor:
    return (a + b).clamp(*I16) if integer else a + b


class LevelNetwork(nn.Module):
    def __init__(self, spec: LevelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.levels = nn.ModuleList(Level(at, spec) for at in range(len(spec.channels)))
        height, width = spec.sizes()[-1]
        features = spec.channels[-1] * height * width
        self.readout = Weighted(features, spec.classes, spec.neuron.max_count, spec.neuron.fraction_bits, spec.subnetworks)

    def prepare(self, integer: bool) -> None:
        """Before the first `step` of a pass, and after every change of a parameter."""
        for part in [*self.levels, self.readout]:
            part.prepare(integer)

    def rest(self, batch: int) -> List[Tensor]:
        """States, and counts, before the first step: zeros."""
        at = self.levels[0].decay
        return [
            torch.zeros(batch, channels, *size, device=at.device, dtype=at.dtype).contiguous(memory_format=torch.channels_last)
            for channels, size in zip(self.spec.channels, self.spec.sizes())
        ]

    def step(self, frame: Tensor, states: Sequence[Tensor], counts: Sequence[Tensor], step: int, integer: bool) -> "tuple[List[Tensor], List[Tensor]]":
        """
        One step. @param frame f32[N, 2, H, W]; @param states, counts of each level after the step before; @return those after this one
        """
        new_states, new_counts, down = [], [], frame
        for at, level in enumerate(self.levels):
            up = counts[at + 1] if at + 1 < len(self.levels) else None
            state = level.update(states[at], level.change(down, up, step, integer), integer)
            down = level.counts(state, integer)
            new_states.append(state)
            new_counts.append(down)
        return new_states, new_counts

    def read(self, counts: Sequence[Tensor], first: int, integer: bool) -> Tensor:
        """Logits of each step [N, steps, classes]. @param counts of the last level after each step"""
        sets, logits = self.spec.subnetworks, [None] * len(counts)
        for t in range(min(sets, len(counts))):
            alike = range(t, len(counts), sets)
            drive = self.readout(torch.cat([counts[each].flatten(1) for each in alike]), first + t, integer)
            for each, part in zip(alike, drive.chunk(len(alike))):
                logits[each] = part
        out = torch.stack(logits, 1)
        return out / 2.0**self.spec.neuron.fraction_bits if integer else out

    def forward(self, frames: Tensor, integer: bool, first: int = 0) -> "tuple[Tensor, List[Tensor]]":
        """
        @param frames  u8[N, steps, H, W, 2] counts    @param first  the first step's number: it takes sub-network first mod T
        @return        logits of each step [N, steps, classes] (whole numbers / 2^fraction_bits when integer) and each level's mean count, from
                       every RATE_STEPS-th step
        """
        self.prepare(integer)
        states = self.rest(len(frames))
        counts = self.rest(len(frames))
        last, watched = [], []
        for t in range(frames.shape[1]):
            states, counts = self.step(frame_of(frames, t, states[0].dtype), states, counts, first + t, integer)
            last.append(counts[-1])
            if t % RATE_STEPS == 0:
                watched.append(torch.stack([count.mean() for count in counts]))
        return self.read(last, first, integer), list(torch.stack(watched).mean(0).unbind(0))
