"""What a spiking network's score is set beside: a ridge classifier on counts, and a convolutional network of the same size."""

from typing import List, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .augment import frames_of
from .events import Events
from .framing import Framing
from .network import NetworkSpec

RIDGE_WINDOWS = 3
RIDGE_PENALTIES = (1e1, 1e2, 1e3, 1e4)


class ConvNet(nn.Module):
    """The spiking network's convolutions and readout with batch norm and ReLU, on one frame a window (its slices added up)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        pairs = list(zip(spec.channels[:-1], spec.channels[1:]))
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1, bias=False) for i, o in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm2d(o) for _, o in pairs)
        height, width = spec.sizes()[-1]
        self.readout = nn.Linear(spec.channels[-1] * height * width, spec.classes)

    def forward(self, frames: Tensor, timesteps: int) -> "Tuple[Tensor, List[Tensor]]":
        """@param frames f32[B, windows · T, C, H, W]; @return logits [B, windows, classes], and no spiking layers"""
        x = frames.unflatten(1, (-1, timesteps)).sum(2)
        batch, windows = x.shape[:2]
        x = x.flatten(0, 1)
        for conv, norm in zip(self.convs, self.norms):
            x = F.relu(norm(conv(x)))
        return self.readout(x.flatten(1)).reshape(batch, windows, -1), []


def ridge_features(recordings: Sequence[Events], framing: Framing) -> np.ndarray:
    """f64[n, windows · H · W · 2]: counts of the first three windows, without slices."""
    return frames_of(recordings, framing, RIDGE_WINDOWS).sum(2, dtype=np.float64).reshape(len(recordings), -1)


def ridge(train: np.ndarray, labels: np.ndarray, test: np.ndarray, penalty: float) -> np.ndarray:
    """Predicted classes, i64[n]: least squares on one-hot targets in the dual form, features and targets centred."""
    centre, targets = train.mean(0), np.eye(labels.max() + 1)[labels]
    centred = train - centre
    weights = np.linalg.solve(centred @ centred.T + penalty * np.eye(len(train)), targets - targets.mean(0))
    return ((test - centre) @ (centred.T @ weights) + targets.mean(0)).argmax(1)
