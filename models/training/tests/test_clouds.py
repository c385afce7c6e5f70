"""Clouds of points against a loop that does what the engine does, event by event."""

import unittest

import numpy as np

from saccade_training.clouds import CloudFraming
from saccade_training.events import Events


def cloud_loop(events, framing: CloudFraming) -> np.ndarray:
    """assembly/frames/points.ts on (t, x, y, p) of one slice."""
    listed, stride, skip = [], 1, 0
    first, last = (events[0][0], events[-1][0]) if events else (0, 0)
    for t, x, y, p in events:
        if x >= framing.width or y >= framing.height:
            continue
        if skip:
            skip -= 1
            continue
        if len(listed) == framing.points:
            listed, stride = listed[::2], stride * 2
        skip = stride - 1
        time = (t - first) * 65535 // (last - first) if last > first else 0
        place = lambda at, size: (2 * at + 1) * 127 // size - 127
        listed.append([place(x, framing.width), place(y, framing.height), (time * 255 >> 16) - 127, 127 if p else -127])
    return np.array([listed[i * len(listed) // framing.points] for i in range(framing.points)] if listed else np.zeros((framing.points, 4)), np.int8)


class Clouds(unittest.TestCase):
    def test_equal_the_engines(self) -> None:
        random = np.random.default_rng(4)
        framing = CloudFraming(9_000, 3, 16, 34, 40)
        for n in [*range(1, 40), 63, 64, 65, 500]:
            t = np.sort(random.integers(0, 20_000, n)) + 77
            x, y = random.integers(0, 42, (2, n)).astype(np.int16)
            events = Events(t, x, y, random.integers(0, 2, n).astype(np.uint8))
            found = framing.frames(events)
            since = t - t[0]
            self.assertEqual(len(found), since[-1] // 9_000 + 1)
            for at in range(found.shape[0] * 3):
                rows = np.flatnonzero(since // 3_000 == at)
                wanted = cloud_loop([tuple(int(part[i]) for part in (since, x, y, events.p)) for i in rows], framing)
                self.assertTrue(np.array_equal(found[at // 3, at % 3, 0], wanted), (n, at))

    def test_drawn_points_are_events(self) -> None:
        random, framing = np.random.default_rng(5), CloudFraming(points=64)
        t = np.sort(random.integers(0, 500_000, 1000))
        x, y = random.integers(0, 128, (2, 1000))
        p = random.integers(0, 2, 1000)
        whole = {tuple(row) for row in CloudFraming(points=1024).cloud(t, x, y, p).tolist()}
        drawn = framing.cloud(t, x, y, p, random).tolist()
        self.assertTrue({tuple(row) for row in drawn} <= whole)
        self.assertGreater(len({tuple(row) for row in drawn}), 60)

    def test_nothing_makes_zeros(self) -> None:
        framing = CloudFraming()
        none = np.zeros(0, np.int64)
        self.assertEqual(framing.cloud(none, none, none, none).any(), False)
        self.assertEqual(framing.frames(Events(none, none.astype(np.int16), none.astype(np.int16), none.astype(np.uint8))).shape, (0, 6, 1, 512, 4))


if __name__ == "__main__":
    unittest.main()
