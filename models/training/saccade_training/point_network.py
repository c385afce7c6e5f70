"""
A network for clouds of points (a Spike PointNet), in the integers that the engine computes and in floats.

A slice of a window is a cloud of N points x, y, t, p in order of time, and one step. Each point goes through two layers of counts that all
points share (point_layers.py); the greatest counts of `glance` successive points are a glance. Convolutions along the glances see what
moves; what is left of the slice is added up in `parts` parts, counted, and drives neurons that leak from slice to slice; a readout with
weights of each slice's own adds logits up over the window. Counts stand between all layers. Sources: Qi et al. 2017, PointNet; Ren et al.
2023, "Spiking PointNet".
"""

from dataclasses import dataclass
from typing import List, Tuple

import torch
from torch import Tensor, nn

from .neurons import Counts, NeuronSpec
from .point_layers import PointLayers
from .rescale import DECAY_BITS, leak
from .weighted import Weighted


@dataclass(frozen=True)
class PointSpec:
    """Shapes and numbers of a network of points. convolutions: kernel and stride of each; width: their channels; hidden: leaking neurons."""

    points: int = 2048
    timesteps: int = 6
    boxes: int = 256
    glance: int = 64
    convolutions: Tuple[Tuple[int, int], ...] = ((1, 1), (5, 2), (5, 2))
    width: int = 256
    parts: int = 4
    hidden: int = 256
    classes: int = 27
    neuron: NeuronSpec = NeuronSpec(decay_shift=0, max_count=8, surrogate="rectangle")
    # Of the sum of what is left of a part, in halves of a count each.
    sums: NeuronSpec = NeuronSpec(decay_shift=0, max_count=15, surrogate="rectangle")

    def __post_init__(self) -> None:
        left = self.points
        for stride in (self.glance, *(stride for _, stride in self.convolutions), self.parts):
            if left % stride:
                raise ValueError("points are divided into glances, these by the strides and into parts, without a rest")
            left //= stride
        if left % 2:
            raise ValueError("an even number of places is left in each part")
        if self.sums.fraction_bits != self.neuron.fraction_bits or (1 << self.sums.fraction_bits) % self.sum_unit():
            raise ValueError("sums are counted with the neurons' fraction bits, in a power of two of what is left in a part")

    def left(self) -> int:
        """Places along the glances that are left in one part."""
        places = self.points // (self.glance * self.parts)
        for _, stride in self.convolutions:
            places //= stride
        return places

    def sum_unit(self) -> int:
        """How many counts are one count of their sum."""
        return self.left() // 2


class PointNetwork(nn.Module):
    """The second stage, without batch norm; what is exported."""

    def __init__(self, spec: PointSpec, layers: PointLayers) -> None:
        super().__init__()
        self.spec, self.layers = spec, layers
        bits, most = spec.neuron.fraction_bits, spec.neuron.max_count
        inputs = [spec.boxes] + [spec.width] * len(spec.convolutions)
        self.convolutions = nn.ModuleList(
            Weighted(channels, spec.width, most, bits, kernel=(1, kernel), stride=(1, stride))
            for channels, (kernel, stride) in zip(inputs, spec.convolutions)
        )
        self.hidden = Weighted(spec.width * spec.parts, spec.hidden, spec.sums.max_count, bits)
        self.readout = Weighted(spec.hidden, spec.classes, most, bits, spec.timesteps)
        self.count, self.count_sum = Counts(spec.neuron), Counts(spec.sums)
        # Shares of 2^DECAY_BITS that a hidden neuron keeps from slice to slice.
        self.register_buffer("decays", torch.zeros(spec.hidden, dtype=torch.int64))

    def forward(self, clouds: Tensor, integer: bool) -> "Tuple[Tensor, List[Tensor]]":
        """
        @param clouds  i8[N, T, 1, points, 4]
        @return        logits of windows [N, classes] (whole numbers / 2^fraction_bits when integer), and mean counts of the layers
        """
        spec = self.spec
        for layer in (*self.convolutions, self.hidden, self.readout):
            layer.prepare(integer)
        seen = [self.layers.glances(clouds, spec.glance, integer)]
        for layer in self.convolutions:
            seen.append(self.count(layer(seen[-1], 0, integer), integer))
        sums = self.count_sum(scaled_sums(seen[-1], spec, 1 << spec.sums.fraction_bits if integer else 1), integer)
        drives = self.hidden(sums, 0, integer).unflatten(0, (-1, spec.timesteps))
        state, fired, logits = torch.zeros_like(drives[:, 0]), [], []
        keep = self.decays.to(drives.dtype) * 2.0**-DECAY_BITS
        for t in range(spec.timesteps):
            state = leak(state, drives[:, t], self.decays, DECAY_BITS) if integer else torch.addcmul(drives[:, t], keep, state)
            fired.append(self.count(state, integer))
            logits.append(self.readout(fired[-1], t, integer))
        total = torch.stack(logits).sum(0)
        rates = [each.mean() for each in (*seen, sums, torch.stack(fired))]
        return total / 2.0**spec.neuron.fraction_bits if integer else total, rates


def scaled_sums(seen: Tensor, spec: PointSpec, unit: int) -> Tensor:
    """
    Sums of each part, as drives of which `unit` is one count. @param seen counts [slices, C, 1, places]
    @return [slices, C · parts], as Flatten orders (c, h, w)
    """
    return seen.unflatten(3, (spec.parts, spec.left())).sum(4).flatten(1) * (unit / spec.sum_unit())
