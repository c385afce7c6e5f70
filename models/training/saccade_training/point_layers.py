"""
The two layers that every point goes through. They are not learned: thresholds along x and y and of both polarities, then boxes around
places where training events were. From random weights they learn nothing.
"""

from typing import Tuple

import numpy as np
import torch
from torch import Tensor, nn

from .clouds import REACH
from .neurons import Counts, NeuronSpec
from .weighted import Weighted

# Thresholds along x and as many along y; then ON and OFF.
PLACES = 26
THRESHOLDS = 2 * PLACES + 2
SIGN_SLOPE = 0.1
# Sides of boxes, in distances between thresholds, and how many of three ask for one polarity.
SIDES, SIGNED = (2, 5), 2 / 3
# Rows of points whose greatest counts are looked up at once: they stay in the cache.
GLANCES_AT_ONCE = 512


class PointLayers(nn.Module):
    """Counts of boxes. A point's t is not looked at: it decides the order of the points."""

    def __init__(self, boxes: int, places: Tensor, neuron: NeuronSpec, seed: int) -> None:
        """@param places  i8[n, 4] points of training clouds: boxes are around some of them"""
        super().__init__()
        most = neuron.max_count
        self.first, self.second = Weighted(4, THRESHOLDS, REACH, neuron.fraction_bits), Weighted(THRESHOLDS, boxes, most, neuron.fraction_bits)
        self.count = Counts(neuron)
        weight, bias = threshold_layer(most)
        self.first.become(weight, torch.full((THRESHOLDS,), 1.0 / REACH), bias)
        weight, bias = box_layer(boxes, places.double().numpy() / REACH, seed)
        self.second.become(weight, torch.ones(boxes), bias * most)
        self.requires_grad_(False)

    @torch.no_grad()
    def counts(self, points: Tensor, integer: bool) -> Tensor:
        """@param points [n, 4] of −127 .. 127   @return [n, boxes]"""
        for layer in (self.first, self.second):
            layer.prepare(integer)
            points = self.count(layer(points, 0, integer), integer)
        return points

    @torch.no_grad()
    def glances(self, clouds: Tensor, glance: int, integer: bool) -> Tensor:
        """
        Greatest counts of each `glance` successive points. Each place on the sensor is counted once, however many points are there.

        @param clouds  i8[N, T, 1, points, 4]    @return [N · T, boxes, 1, points / glance]
        """
        x, y, _, p = (clouds.reshape(-1, 4).long() + REACH + 1).unbind(1)
        places, place = torch.unique((x << 8 | y) << 8 | p, return_inverse=True)
        seen = torch.stack([places >> 16, places >> 8 & 255, torch.full_like(places, REACH + 1), places & 255], 1) - (REACH + 1)
        counts = self.counts(seen.to(self.first.weight.dtype), integer).to(torch.uint8)
        rows = place.view(-1, glance).split(GLANCES_AT_ONCE)
        greatest = torch.cat([counts[each].amax(1) for each in rows]).to(self.first.weight.dtype)
        return greatest.view(clouds.shape[0] * clouds.shape[1], -1, counts.shape[1]).transpose(1, 2).unsqueeze(2)


def _thresholds() -> np.ndarray:
    return np.linspace(-1, 1, PLACES + 2)[1:-1]


def threshold_layer(most: int) -> "Tuple[Tensor, Tensor]":
    """
    Weights [THRESHOLDS, 4] and biases, for coordinates of −1 .. 1, of counts that rise from 0 to `most` where x or y cross a threshold, and
    of ON and of OFF. From one threshold to the next counts rise by `most`.
    """
    places = _thresholds()
    weight, bias = np.zeros((THRESHOLDS, 4)), np.zeros(THRESHOLDS)
    for axis in range(2):
        rows = slice(axis * PLACES, (axis + 1) * PLACES)
        weight[rows, axis], bias[rows] = 1, -places
    weight[2 * PLACES :, 3] = SIGN_SLOPE, -SIGN_SLOPE
    steepness = most / (places[1] - places[0])
    return torch.tensor(weight * steepness).float(), torch.tensor(bias * steepness).float()


def box_layer(boxes: int, events: np.ndarray, seed: int) -> "Tuple[Tensor, Tensor]":
    """
    Weights [boxes, THRESHOLDS], and biases in units of the greatest count, that count points in a box each, around one of the events, many
    of one polarity.

    @param events  [n, 4] of −1 .. 1
    """
    random, places = np.random.default_rng(seed), _thresholds()
    weight, bias = np.zeros((boxes, THRESHOLDS)), np.zeros(boxes)
    for row in range(boxes):
        conditions = 2
        for axis, at in enumerate(events[random.integers(len(events))][:2]):
            side = int(random.integers(SIDES[0], SIDES[1] + 1))
            low = int(np.clip(np.searchsorted(places, at) - 1 - side // 2, -1, PLACES))
            high = low + side
            if 0 <= low < PLACES:
                weight[row, axis * PLACES + low] += 1
            else:
                bias[row] += 1
            if 0 <= high < PLACES:
                weight[row, axis * PLACES + high] -= 1
        if random.random() < SIGNED:
            weight[row, 2 * PLACES + int(random.integers(2))] += 1
            conditions += 1
        bias[row] -= conditions - 1
    return torch.tensor(weight).float(), torch.tensor(bias).float()
