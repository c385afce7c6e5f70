"""Skeletons that were measured with UTD-MHAD's clips, as the poses of recordings and of their changed copies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# Kinect's first version; x grows to the right of who faces the camera, y upwards, z away from the camera.
JOINTS = (
    "HipCenter", "Spine", "ShoulderCenter", "Head", "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft", "ShoulderRight", "ElbowRight",
    "WristRight", "HandRight", "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft", "HipRight", "KneeRight", "AnkleRight", "FootRight",
)
SHOULDERS = JOINTS.index("ShoulderCenter")
OTHER_SIDE = [JOINTS.index(each.replace("Left", "-").replace("Right", "Left").replace("-", "Right")) for each in JOINTS]


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
