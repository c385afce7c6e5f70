"""
Poses, told beside the label: a network that must also say how a body is held and moves learns sooner, and more of what it learns holds for other
people. Only the first stage does so; nothing of it is exported.
"""

from typing import Optional, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .skeletons import JOINTS, Pose

# Of a goal: places of all joints but the hip's centre, seen from there, then velocities of all.
PLACES, VALUES = 3 * (len(JOINTS) - 1), 3 * (2 * len(JOINTS) - 1)
# What one unit of a goal is: the spread of a place, torsos, at least; and of a velocity, torsos a second.
LEAST_SPREAD, VELOCITY_SPREAD = 0.1, 1.75
# Of the loss, beside that on labels.
WEIGHT = 30.0
# Spread of the head's weights at the begin, and what they are worth: it has to learn faster than what it stands on.
HEAD_SPREAD, HEAD_SCALE = 0.05, 0.2


class PoseHead(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, VALUES)
        nn.init.normal_(self.linear.weight, 0, HEAD_SPREAD)

    def forward(self, counts: Tensor) -> Tensor:
        """@param counts [..., inputs]    @return [..., VALUES]"""
        return self.linear(counts) * HEAD_SCALE


class Goals:
    """What a network is to tell of poses: places and velocities, each with a spread of about one."""

    def __init__(self, poses: Sequence[Pose]) -> None:
        """@param poses  of the training recordings: their mean is the goals' zero"""
        places = np.concatenate([_seen_from_hip(pose.joints) for pose in poses])
        self._mean, self._spread = places.mean(0), np.maximum(places.std(0), LEAST_SPREAD)

    def between(self, pose: Pose, begins: np.ndarray, ends: np.ndarray) -> "Tuple[np.ndarray, np.ndarray]":
        """
        f32[n, VALUES], places at the ends and mean velocities since the begins, and bool[n], whether the pose was measured then.

        @param begins, ends  f64[n] µs, each end after its begin; or not a number
        """
        before, after = pose.at(begins), pose.at(ends)
        velocities = (after - before).reshape(len(ends), -1) * (1e6 / (ends - begins)).astype(np.float32)[:, None]
        places = (_seen_from_hip(after) - self._mean) / self._spread
        return np.concatenate([places, velocities / VELOCITY_SPREAD], 1), (ends > pose.times[0]) & (begins < pose.times[-1])

    def loss(
        self, told: Sequence[Tensor], poses: Sequence[Optional[Pose]], spans: "Sequence[Tuple[np.ndarray, np.ndarray]]"
    ) -> Tensor:
        """
        Mean over all that was measured, weighted; 0 if nothing was.

        @param told  [n, VALUES] of each copy    @param poses  moved as the copies are    @param spans  begins and ends, f64[n] µs
        """
        wanted, had = [], []
        for row, pose, span in zip(told, poses, spans):
            if pose is not None:
                values, measured = self.between(pose, *span)
                wanted.append(torch.from_numpy(values[measured]).to(row.device))
                had.append(row[torch.from_numpy(measured).to(row.device)])
        if sum(map(len, had)) == 0:
            return told[0].new_zeros(())
        return WEIGHT * F.smooth_l1_loss(torch.cat(had), torch.cat(wanted))


def _seen_from_hip(joints: np.ndarray) -> np.ndarray:
    return (joints[:, 1:] - joints[:, :1]).reshape(len(joints), -1)
