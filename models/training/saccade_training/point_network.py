"""
A network for clouds of points (a Spike PointNet) in two stages: floats with batch norm, then the integers that the engine computes.

A slice of a window is a cloud of N points x, y, t, p in order of time, and one step. Each point goes through two layers of counts; the
greatest counts of `glance` successive points are a glance, which one more layer sees whole. Glances are added up in `parts` parts of the
slice, counted, and drive neurons that leak from slice to slice; a readout with weights of each slice's own adds logits up over the window.
Counts stand between all layers. Sources: Qi et al. 2017, PointNet; Ren et al. 2023, "Spiking PointNet".
"""

from dataclasses import dataclass
from typing import List, Tuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .neurons import Counts, NeuronSpec, counts_of_drives
from .normed_levels import affine
from .point_start import box_layer, threshold_layer
from .rescale import DECAY_BITS, leak
from .weighted import Weighted

REACH = 127
# Spreads of glances' and hidden neurons' drives at the begin, and what the readout's weights are worth: one learning rate suits all.
GLANCE_SPREAD, HIDDEN_SPREAD, READOUT_SCALE = 3.0, 2.0, 0.1


@dataclass(frozen=True)
class PointSpec:
    """Shapes and numbers of a network of points. layers: channels of the two point layers and of glances; hidden: leaking neurons."""

    points: int = 512
    timesteps: int = 6
    layers: Tuple[int, int, int] = (64, 256, 256)
    glance: int = 16
    parts: int = 2
    hidden: int = 256
    classes: int = 27
    neuron: NeuronSpec = NeuronSpec(decay_shift=0, max_count=8, surrogate="rectangle")
    # Of the sum of a part's glances, in halves of a count a glance.
    sums: NeuronSpec = NeuronSpec(decay_shift=0, max_count=15, surrogate="rectangle")

    def __post_init__(self) -> None:
        if self.points % (self.glance * self.parts) or self.glances() % 2:
            raise ValueError("points are divided into parts of an even number of glances")
        if self.sums.fraction_bits != self.neuron.fraction_bits or (1 << self.sums.fraction_bits) % self.sum_unit():
            raise ValueError("sums are counted with the neurons' fraction bits, in a power of two of a part's glances")

    def glances(self) -> int:
        """Of one part."""
        return self.points // (self.glance * self.parts)

    def sum_unit(self) -> int:
        """How many counts of glances are one count of their sum."""
        return self.glances() // 2


class PointNetwork(nn.Module):
    """Both stages without batch norm; what is exported."""

    def __init__(self, spec: PointSpec) -> None:
        super().__init__()
        self.spec = spec
        bits, most, (first, second, third) = spec.neuron.fraction_bits, spec.neuron.max_count, spec.layers
        self.point1 = Weighted(4, first, REACH, bits)
        self.point2 = Weighted(first, second, most, bits)
        self.glance = Weighted(second, third, most, bits)
        self.hidden = Weighted(third * spec.parts, spec.hidden, spec.sums.max_count, bits)
        self.readout = Weighted(spec.hidden, spec.classes, most, bits, spec.timesteps)
        self.count, self.count_sum = Counts(spec.neuron), Counts(spec.sums)
        # Shares of 2^DECAY_BITS that a hidden neuron keeps from slice to slice.
        self.register_buffer("decays", torch.zeros(spec.hidden, dtype=torch.int64))

    def prepare(self, integer: bool) -> None:
        for layer in (self.point1, self.point2, self.glance, self.hidden, self.readout):
            layer.prepare(integer)

    def forward(self, clouds: Tensor, integer: bool) -> "Tuple[Tensor, List[Tensor]]":
        """
        @param clouds  i8[N, T, 1, points, 4]
        @return        logits of windows [N, classes] (whole numbers / 2^fraction_bits when integer), and mean counts of the layers
        """
        self.prepare(integer)
        spec = self.spec
        x = clouds.reshape(-1, 4).to(self.readout.weight.dtype)
        x = self.count(self.point1(x, 0, integer), integer)
        x = self.count(self.point2(x, 0, integer), integer)
        glances = x.unflatten(0, (-1, spec.glance)).amax(1)
        seen = self.count(self.glance(glances, 0, integer), integer)
        sums = self.count_sum(scaled_sums(seen, spec, 1 << spec.sums.fraction_bits if integer else 1), integer)
        drives = self.hidden(sums, 0, integer).unflatten(0, (-1, spec.timesteps))
        state, fired, logits = torch.zeros_like(drives[:, 0]), [], []
        keep = self.decays.to(drives.dtype) * 2.0**-DECAY_BITS
        for t in range(spec.timesteps):
            state = leak(state, drives[:, t], self.decays, DECAY_BITS) if integer else torch.addcmul(drives[:, t], keep, state)
            fired.append(self.count(state, integer))
            logits.append(self.readout(fired[-1], t, integer))
        total = torch.stack(logits).sum(0)
        rates = [each.mean() for each in (glances, seen, sums, torch.stack(fired))]
        return total / 2.0**spec.neuron.fraction_bits if integer else total, rates


class NormedPoints(nn.Module):
    """
    The first stage: batch norm behind glances and hidden neurons, leaks that are learned, and point layers that begin as boxes
    (point_start.py).
    """

    def __init__(self, spec: PointSpec, events: Tensor, dropout: float, seed: int) -> None:
        """@param events i8[n, 4] points of training clouds, places for boxes   @param dropout of sums and of hidden neurons"""
        super().__init__()
        self.spec, self.dropout = spec, dropout
        _, second, third = spec.layers
        weight1, bias1, self.steepness = threshold_layer(spec.layers[0], spec.neuron.max_count, seed)
        weight2, bias2 = box_layer(second, events.double().numpy() / REACH, spec.neuron.max_count, spec.layers[0], seed)
        self.weight1, self.bias1, self.weight2, self.bias2 = map(nn.Parameter, (weight1, bias1, weight2, bias2))
        self.glance, self.glance_norm = nn.Linear(second, third, bias=False), nn.BatchNorm1d(third)
        self.hidden, self.hidden_norm = nn.Linear(third * spec.parts, spec.hidden, bias=False), nn.BatchNorm1d(spec.hidden)
        nn.init.constant_(self.glance_norm.weight, GLANCE_SPREAD)
        nn.init.constant_(self.hidden_norm.weight, HIDDEN_SPREAD)
        self.forgetting = nn.Parameter(torch.zeros(spec.hidden))
        self.readout = nn.Parameter(torch.randn(spec.timesteps, spec.classes, spec.hidden) * 0.1)
        self.readout_bias = nn.Parameter(torch.zeros(spec.classes))

    def forward(self, clouds: Tensor) -> "Tuple[Tensor, List[Tensor]]":
        """As PointNetwork's."""
        spec, most = self.spec, self.spec.neuron.max_count
        x = clouds.reshape(-1, 4).to(self.weight1.dtype) / REACH
        x = counts_of_drives(F.linear(x, self.weight1 * self.steepness, self.bias1 * self.steepness), most)
        x = counts_of_drives(F.linear(x, self.weight2, self.bias2 * most), most)
        glances = x.unflatten(0, (-1, spec.glance)).amax(1)
        seen = counts_of_drives(self.glance_norm(self.glance(glances)), most)
        sums = counts_of_drives(scaled_sums(seen, spec, 1), spec.sums.max_count)
        drives = self.hidden_norm(self.hidden(F.dropout(sums, self.dropout, self.training))).unflatten(0, (-1, spec.timesteps))
        keep, states = torch.sigmoid(self.forgetting), [drives[:, 0]]
        for t in range(1, spec.timesteps):
            states.append(torch.addcmul(drives[:, t], keep, states[-1]))
        fired = counts_of_drives(torch.stack(states, 1), most)
        kept = F.dropout(fired, self.dropout, self.training)
        logits = torch.einsum("bth,tkh->bk", kept, self.readout) * READOUT_SCALE + spec.timesteps * self.readout_bias
        return logits, [each.mean() for each in (glances, seen, sums, fired)]

    @torch.no_grad()
    def fold(self, network: PointNetwork) -> None:
        """Make `network` compute the same, with the norms' moving averages."""
        one, most = torch.ones_like, self.spec.neuron.max_count
        network.point1.become(self.weight1, one(self.bias1) * (self.steepness / REACH), self.bias1 * self.steepness)
        network.point2.become(self.weight2, one(self.bias2), self.bias2 * most)
        network.glance.become(self.glance.weight, *affine(self.glance_norm))
        network.hidden.become(self.hidden.weight, *affine(self.hidden_norm))
        network.readout.become(self.readout, torch.full_like(self.readout_bias, READOUT_SCALE), self.readout_bias)
        kept = torch.sigmoid(self.forgetting.double()) * 2**DECAY_BITS
        network.decays.copy_(torch.round(kept).clamp(max=2**DECAY_BITS - 1).long())


def scaled_sums(seen: Tensor, spec: PointSpec, unit: int) -> Tensor:
    """
    Sums of each part's glances, as drives of which `unit` is one count. @param seen counts of glances [slices · parts · glances, C]
    @return [slices, C · parts], as Flatten orders (c, h, w)
    """
    sums = seen.unflatten(0, (-1, spec.parts, spec.glances())).sum(2)
    return sums.transpose(1, 2).flatten(1) * (unit / spec.sum_unit())
