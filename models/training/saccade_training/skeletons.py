"""
Skeletons that were measured with UTD-MHAD's clips. A network that must also tell how a body is held and moves learns sooner, and more of what it
learns holds for other people. Only the first stage sees them; nothing of them is exported.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

# Kinect's first version; x grows to the right of who faces the camera, y upwards, z away from the camera.
JOINTS = (
    "HipCenter", "Spine", "ShoulderCenter", "Head", "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft", "ShoulderRight", "ElbowRight",
    "WristRight", "HandRight", "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft", "HipRight", "KneeRight", "AnkleRight", "FootRight",
)
SHOULDERS = JOINTS.index("ShoulderCenter")
OTHER_SIDE = [JOINTS.index(each.replace("Left", "-").replace("Right", "Left").replace("-", "Right")) for each in JOINTS]
# Of a goal: places of all joints but the hip's centre, seen from there, then velocities of all.
PLACES, VALUES = 3 * (len(JOINTS) - 1), 3 * (2 * len(JOINTS) - 1)
# What one unit of a goal is: the spread of a place, torsos, at least; and of a velocity, torsos a second.
LEAST_SPREAD, VELOCITY_SPREAD = 0.1, 1.75


@dataclass(frozen=True)
class Pose:
    """Times f64[frames], µs after a recording's first event, and joints f32[frames, 20, 3] in lengths of the body's torso."""

    times: np.ndarray
    joints: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        """f32[n, 20, 3], between frames along straight lines; before the first and after the last as there."""
        row = np.clip(np.searchsorted(self.times, times, side="right") - 1, 0, len(self.times) - 2)
        share = np.clip((times - self.times[row]) / (self.times[row + 1] - self.times[row]), 0, 1).astype(np.float32)[:, None, None]
        return self.joints[row] * (1 - share) + self.joints[row + 1] * share

    def moved(self, times: np.ndarray, flip: bool) -> "Pose":
        """Of a changed copy of the recording."""
        return Pose(times, mirror_image(self.joints) if flip else self.joints)


def mirror_image(joints: np.ndarray) -> np.ndarray:
    return joints[:, OTHER_SIDE] * np.array([-1, 1, 1], np.float32)


class Skeletons:
    def __init__(self, path: Path) -> None:
        """
        @param path  npz with `q` i16[frames, 20, 3] of `scale` metres each, `start` of every clip's frames, `name` and `joints`

        Raises ValueError when it has other joints.
        """
        with np.load(path) as held:
            if tuple(str(each) for each in held["joints"]) != JOINTS:
                raise ValueError(f"{path}: its joints are not Kinect's twenty")
            self._metres, self._starts = held["q"].astype(np.float32) * np.float32(held["scale"]), held["start"]
            self._clips = {str(name).split("_skeleton")[0]: i for i, name in enumerate(held["name"])}
        self._path = path

    def pose(self, sample: Any, begin: float) -> Pose:
        """Of a sample in a dataset.json of `saccade simulate actions`; ValueError without its clip. @param begin µs, of its first event"""
        if sample["clip"] not in self._clips:
            raise ValueError(f"{self._path}: has no skeleton of {sample['clip']}")
        clip = self._clips[sample["clip"]]
        joints = self._metres[self._starts[clip] : self._starts[clip + 1]]
        joints = joints / np.median(np.linalg.norm(joints[:, SHOULDERS] - joints[:, 0], axis=1))
        padded = np.concatenate([joints[:1], joints, joints[-1:]])
        smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
        times = np.arange(len(joints)) * (sample["end"] / (len(joints) - 1)) - begin
        return Pose(times, mirror_image(smooth) if sample["mirrored"] else smooth)


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


def pose_loss(
    goals: Goals, told: Sequence[Tensor], poses: Sequence[Optional[Pose]], spans: "Sequence[Tuple[np.ndarray, np.ndarray]]"
) -> Tensor:
    """
    Mean over all that was measured, 0 if nothing was.

    @param told  [n, VALUES] of each copy    @param poses  moved as the copies are    @param spans  begins and ends, f64[n] µs
    """
    wanted, had = [], []
    for row, pose, span in zip(told, poses, spans):
        if pose is not None:
            values, measured = goals.between(pose, *span)
            wanted.append(torch.from_numpy(values[measured]).to(row.device))
            had.append(row[torch.from_numpy(measured).to(row.device)])
    if sum(map(len, had)) == 0:
        return told[0].new_zeros(())
    return F.smooth_l1_loss(torch.cat(had), torch.cat(wanted))


def _seen_from_hip(joints: np.ndarray) -> np.ndarray:
    return (joints[:, 1:] - joints[:, :1]).reshape(len(joints), -1)
