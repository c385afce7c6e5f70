"""How point layers begin: thresholds along each coordinate, then boxes around events. From random weights they learn nothing."""

from typing import Tuple

import numpy as np
import torch
from torch import Tensor

# Thresholds along x and as many along y; then along t.
PLACES, TIMES = 26, 8
TIME_SLOPE, SIGN_SLOPE, FREE_SPREAD = 0.35, 0.1, 0.2
# Sides of boxes, in distances between thresholds; how many of three ask for one polarity; the spread of what is added to all weights.
SIDES, SIGNED, JITTER = (2, 5), 2 / 3, 0.02


def _thresholds(count: int) -> np.ndarray:
    return np.linspace(-1, 1, count + 2)[1:-1]


def threshold_layer(channels: int, most: int, seed: int) -> "Tuple[Tensor, Tensor, float]":
    """
    Weights [channels, 4] and biases of counts that rise from 0 to `most` where x, y or t cross a threshold, of ON and of OFF, and of free
    ones; and the steepness that both are to be multiplied by: from one threshold along x to the next, counts rise by `most`.
    """
    on = 2 * PLACES + TIMES
    if channels <= on + 2:
        raise ValueError(f"a layer of thresholds has more than {on + 2} channels")
    places, times = _thresholds(PLACES), _thresholds(TIMES)
    weight, bias = np.zeros((channels, 4)), np.zeros(channels)
    for axis in range(2):
        rows = slice(axis * PLACES, (axis + 1) * PLACES)
        weight[rows, axis], bias[rows] = 1, -places
    weight[2 * PLACES : on, 2], bias[2 * PLACES : on] = TIME_SLOPE, -times * TIME_SLOPE
    weight[on : on + 2, 3] = SIGN_SLOPE, -SIGN_SLOPE
    weight[on + 2 :] = np.random.default_rng(seed).normal(0, FREE_SPREAD, (channels - on - 2, 4))
    return torch.tensor(weight).float(), torch.tensor(bias).float(), most / (places[1] - places[0])


def box_layer(channels: int, events: np.ndarray, most: int, inputs: int, seed: int) -> "Tuple[Tensor, Tensor]":
    """
    Weights [channels, inputs], and biases in units of `most`, that count points in a box each, around one of the events, many of one
    polarity.

    @param events  [n, 4] of −1 .. 1
    """
    random, places, on = np.random.default_rng(seed), _thresholds(PLACES), 2 * PLACES + TIMES
    weight, bias = np.zeros((channels, inputs)), np.zeros(channels)
    for row in range(channels):
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
            weight[row, on + int(random.integers(2))] += 1
            conditions += 1
        bias[row] -= conditions - 1
    weight += random.normal(0, JITTER, weight.shape)
    return torch.tensor(weight).float(), torch.tensor(bias).float()
