"""The reader and framing against hand-written bytes and a loop over events."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from saccade_training.augment import Augmentation, augmented_frames, frames_of
from saccade_training.events import Events, read_dataset, read_nmnist
from saccade_training.framing import Framing


def frames_loop(events: Events, framing: Framing) -> np.ndarray:
    """One event after the other."""
    w, steps = framing.window_micros, framing.timesteps
    newest, kept = int(events.t[0]), []
    for t, x, y, p in zip(events.t.tolist(), events.x, events.y, events.p):
        newest = max(newest, t)
        kept.append((newest - int(events.t[0]), x, y, p))
    frames = np.zeros((kept[-1][0] // w + 1, steps, framing.height, framing.width, 2), np.int64)
    for since, x, y, p in kept:
        inside = since % w
        j = max(j for j in range(steps) if j * w // steps <= inside)
        frames[since // w, j, y, x, p] += 1
    return np.minimum(frames, framing.cap).astype(np.uint8)


def random_events(random: np.random.Generator, n: int, span: int) -> Events:
    t = np.sort(random.integers(0, span, n)) + 12_345
    x, y = random.integers(0, 34, (2, n)).astype(np.int16)
    return Events(t, x, y, random.integers(0, 2, n).astype(np.uint8))


class Reading(unittest.TestCase):
    def test_records_markers_and_a_cut_tail(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.bs2"
            path.write_bytes(bytes([3, 4, 0x80, 0, 10, 33, 0, 0x7F, 0xFF, 0xFF, 0, 240, 0, 0, 0, 1, 2, 0x81, 2, 3, 9, 9]))
            events = read_nmnist(path)
            self.assertEqual(events.x.tolist(), [3, 33, 1])
            self.assertEqual(events.y.tolist(), [4, 0, 2])
            self.assertEqual(events.p.tolist(), [1, 0, 1])
            self.assertEqual(events.t.tolist(), [10, (1 << 23) - 1, (1 << 16) + 515 + (1 << 13)])

    def test_events_outside_the_sensor_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.bs2"
            path.write_bytes(bytes([34, 0, 0, 0, 0]))
            with self.assertRaisesRegex(ValueError, "outside 34x34"):
                read_nmnist(path)

    def test_dataset(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.bs2").write_bytes(bytes([1, 2, 0, 0, 0]))
            path = Path(folder) / "d.json"
            sample = {"file": "a.bs2", "format": "nmnist", "label": "b"}
            path.write_text(json.dumps({"labels": ["a", "b"], "samples": [sample]}))
            recordings, labels, names = read_dataset(path)
            self.assertEqual((len(recordings[0]), labels.tolist(), names), (1, [1], ["a", "b"]))
            path.write_text(json.dumps({"labels": ["a"], "samples": [sample]}))
            with self.assertRaisesRegex(ValueError, "does not list"):
                read_dataset(path)


class FramingTest(unittest.TestCase):
    def test_frames_equal_the_loop(self) -> None:
        random = np.random.default_rng(5)
        for window, steps, cap in ((100_000, 5, 7), (1_001, 3, 1), (10, 7, 255)):
            framing = Framing(window, steps, cap=cap)
            for n in (1, 2, 300, 5000):
                events = random_events(random, n, 7 * window)
                self.assertTrue(np.array_equal(framing.frames(events), frames_loop(events, framing)))

    def test_silent_windows_run_and_the_last_one_is_whole(self) -> None:
        at = np.zeros(2, np.int16)
        frames = Framing().frames(Events(np.array([7, 7 + 300_000]), at, at, at.astype(np.uint8)))
        self.assertEqual(frames.shape, (4, 5, 34, 34, 2))
        self.assertEqual(frames.reshape(4, -1).sum(1).tolist(), [1, 0, 0, 1])
        self.assertEqual(len(Framing().frames(Events(*[np.zeros(0, np.int64)] * 4))), 0)

    def test_events_older_than_the_newest_get_its_time(self) -> None:
        at = np.arange(4, dtype=np.int16)
        events = Events(np.array([100, 60_000, 50_000, 60_000]), at, at, np.ones(4, np.uint8))
        frames = Framing().frames(events)
        self.assertTrue(np.array_equal(frames, frames_loop(events, Framing())))
        self.assertEqual(frames.sum((0, 2, 3, 4)).tolist(), [1, 0, 3, 0, 0])

    def test_a_batch_is_its_recordings(self) -> None:
        random = np.random.default_rng(6)
        recordings = [random_events(random, n, 400_000) for n in (50, 4000)]
        for frames, events in zip(frames_of(recordings, Framing(), 4), recordings):
            self.assertTrue(np.array_equal(frames[: Framing().windows_of(events)], Framing().frames(events)))

    def test_augmentation_follows_its_seed_and_keeps_the_bounds(self) -> None:
        recordings = [random_events(np.random.default_rng(8), 4000, 300_000) for _ in range(3)]
        first, again = (augmented_frames(recordings, Framing(), 4, Augmentation(), np.random.default_rng(1)) for _ in range(2))
        self.assertTrue(np.array_equal(first, again))
        self.assertEqual((first.shape, first.dtype), ((3, 4, 5, 34, 34, 2), np.uint8))
        self.assertLessEqual(first.max(), 7)
        unchanged = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        self.assertTrue(np.array_equal(
            augmented_frames(recordings, Framing(), 4, unchanged, np.random.default_rng(1)), frames_of(recordings, Framing(), 4)
        ))


if __name__ == "__main__":
    unittest.main()
