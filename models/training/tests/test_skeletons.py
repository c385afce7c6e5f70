"""Skeletons as goals: read, normed, mirrored, at any time, and what is to be told of them."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from saccade_training.poses import PLACES, VALUES, VELOCITY_SPREAD, WEIGHT, Goals
from saccade_training.skeletons import JOINTS, SHOULDERS, Pose, Skeletons, mirror_image

HAND = JOINTS.index("HandRight")


def write(path: Path, joints=JOINTS) -> Path:
    """One clip of 11 frames: a torso of half a metre, a right hand that goes one metre to the right."""
    q = np.zeros((11, 20, 3), np.int16)
    q[:, SHOULDERS, 1] = 2000
    q[:, HAND, 0] = np.linspace(0, 4000, 11)
    np.savez(path, q=q, scale=np.float64(0.00025), start=np.array([0, 11]), name=np.array(["a1_s1_t1_skeleton.mat"]), joints=np.array(joints))
    return path


class Reading(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.path = Path(held.name) / "skeletons.npz"

    def test_lengths_are_torsos_and_times_those_of_the_recording(self) -> None:
        sample = {"clip": "a1_s1_t1", "end": 2_000_000, "mirrored": False}
        pose = Skeletons(write(self.path)).pose(sample, 50_000)
        self.assertEqual(pose.times.tolist(), [i * 200_000 - 50_000 for i in range(11)])
        self.assertEqual(pose.joints[5, SHOULDERS].tolist(), [0, 1, 0])
        self.assertEqual(pose.joints[5, HAND].tolist(), [1, 0, 0])
        other = Skeletons(self.path).pose({**sample, "mirrored": True}, 50_000)
        self.assertEqual(other.joints[5, JOINTS.index("HandLeft")].tolist(), [-1, 0, 0])
        self.assertTrue(np.array_equal(mirror_image(other.joints), pose.joints))

    def test_other_joints_and_clips_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "has no skeleton of a2_s1_t1"):
            Skeletons(write(self.path)).pose({"clip": "a2_s1_t1", "end": 1, "mirrored": False}, 0)
        with self.assertRaisesRegex(ValueError, "not Kinect's twenty"):
            Skeletons(write(self.path, [*JOINTS[1:], JOINTS[0]]))


class Telling(unittest.TestCase):
    def setUp(self) -> None:
        self.random = np.random.default_rng(2)
        self.pose = Pose(np.array([0.0, 100_000, 400_000]), self.random.normal(0, 1, (3, 20, 3)).astype(np.float32))

    def test_between_frames_joints_go_straight(self) -> None:
        first, second, third = self.pose.joints
        wanted = [first, first, (first + second) / 2, second, second * 0.75 + third * 0.25, third, third]
        seen = self.pose.at(np.array([-5.0, 0, 50_000, 100_000, 175_000, 400_000, 9e9]))
        self.assertTrue(np.allclose(seen, wanted, atol=1e-6))

    def test_what_is_told_is_judged_where_it_was_measured(self) -> None:
        goals = Goals([self.pose])
        span = np.array([-90_000.0, 0, 390_000]), np.array([-40_000.0, 250_000, 440_000])
        values, _ = goals.between(self.pose.moved(self.pose.times, True), *span)
        told = torch.zeros(3, VALUES)
        told[1:] = torch.from_numpy(values[1:]) + 2
        self.assertAlmostEqual(goals.loss([told, told], [None, self.pose.moved(self.pose.times, True)], [span, span]).item() / WEIGHT, 1.5, places=4)
        self.assertEqual(goals.loss([told], [None], [span]).item(), 0)
        never = np.full(3, np.nan)
        self.assertEqual(goals.loss([told], [self.pose], [(never, never)]).item(), 0)

    def test_goals_are_places_and_velocities(self) -> None:
        begins, ends = np.array([-90_000.0, 100_000, 390_000, 400_000]), np.array([-40_000.0, 250_000, 440_000, 450_000])
        values, measured = Goals([self.pose]).between(self.pose, begins, ends)
        self.assertEqual((values.shape, measured.tolist()), ((4, VALUES), [False, True, True, False]))
        velocity = (self.pose.joints[2] - self.pose.joints[1]) / 0.3
        self.assertTrue(np.allclose(values[1, PLACES:].reshape(20, 3), velocity / VELOCITY_SPREAD, atol=1e-4))
        # Of the poses that they were made of, places are spread by one around zero.
        values, _ = Goals([self.pose]).between(self.pose, self.pose.times - 1, self.pose.times)
        self.assertTrue(np.allclose(values[:, :PLACES].mean(0), 0, atol=1e-5))
        self.assertTrue(np.allclose(values[:, :PLACES].std(0), 1, atol=1e-3))


if __name__ == "__main__":
    unittest.main()
