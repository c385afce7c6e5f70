"""Events to clouds of points, as the host and the engine make them (assembly/frames/points.ts)."""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from .events import Events, in_order
from .framing import Framing

# Coordinates reach from −127 to 127; a frame's first event is at time 0, its last at END_OF_TIME.
REACH = 127
END_OF_TIME = 65535


@dataclass(frozen=True)
class CloudFraming:
    """Windows of equal time in T slices (framing.py); each slice is a cloud of `points` points x, y, t, p and one timestep."""

    window_micros: int = 3_000_000
    timesteps: int = 6
    points: int = 512
    height: int = 128
    width: int = 128

    def frames(self, events: Events) -> np.ndarray:
        """i8[windows, T, 1, points, 4] of a recording, from its first event on."""
        events = in_order(events)
        since = events.t - events.t[0] if len(events) else events.t
        windows = Framing(self.window_micros, self.timesteps).windows_of(events)
        return self.clouds(since, events.x.astype(np.int64), events.y.astype(np.int64), events.p, windows)

    def clouds(
        self, since: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray, windows: int, random: Optional[np.random.Generator] = None
    ) -> np.ndarray:
        """
        i8[windows, T, 1, points, 4]. @param since µs since the first window's begin, in order; events outside windows or sensor are dropped

        @param random  where there are too many events, draw as many instead of taking every second, fourth, … one
        """
        bounds = self._bounds(since, windows)
        pieces = [
            self.cloud(*(part[a:b] for part in (since, x, y, p)), random) for a, b in zip(bounds[:-1], bounds[1:])
        ]
        return np.stack(pieces).reshape(windows, self.timesteps, 1, self.points, 4) if windows else np.zeros((0, self.timesteps, 1, self.points, 4), np.int8)

    def spans(self, since: np.ndarray, windows: int, parts: int) -> "Tuple[np.ndarray, np.ndarray]":
        """
        When the parts of slices' points begin and end, f64[windows · T · parts] µs; not a number in slices with less than two events a part.

        @param since  as for `clouds`, of the same events
        """
        bounds = self._bounds(since, windows)
        first, events = bounds[:-1, None], np.diff(bounds)[:, None]
        edges = np.minimum(first + np.arange(parts + 1) * events // parts, first + np.maximum(events, 1) - 1)
        times = np.where(events >= 2 * parts, np.append(since, 0)[edges].astype(np.float64), np.nan)
        return times[:, :-1].ravel(), times[:, 1:].ravel()

    def _bounds(self, since: np.ndarray, windows: int) -> np.ndarray:
        """i64[windows · T + 1] at which event each slice begins."""
        starts = np.arange(windows)[:, None] * self.window_micros + Framing(self.window_micros, self.timesteps).slice_starts()
        return np.append(np.searchsorted(since, starts.ravel()), np.searchsorted(since, windows * self.window_micros))

    def cloud(self, t: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray, random: Optional[np.random.Generator] = None) -> np.ndarray:
        """i8[points, 4] of one slice's events: all zeros without any."""
        out = np.zeros((self.points, 4), np.int8)
        if len(t) == 0:
            return out
        span = t[-1] - t[0]
        time = (t - t[0]) * END_OF_TIME // span if span else np.zeros(len(t), np.int64)
        rows = np.flatnonzero((x >= 0) & (x < self.width) & (y >= 0) & (y < self.height))
        if len(rows) == 0:
            return out
        if len(rows) > self.points:
            stride = _stride(len(rows), self.points)
            rows = rows[::stride] if random is None else np.sort(random.choice(rows, -(-len(rows) // stride), False))
        rows = rows[np.arange(self.points) * len(rows) // self.points]
        out[:, 0] = (2 * x[rows] + 1) * REACH // self.width - REACH
        out[:, 1] = (2 * y[rows] + 1) * REACH // self.height - REACH
        out[:, 2] = (time[rows].astype(np.int64) * (2 * REACH + 1) >> 16) - REACH
        out[:, 3] = np.where(p[rows] != 0, REACH, -REACH)
        return out


def _stride(events: int, points: int) -> int:
    """The least power of two that leaves no more events than there is room for."""
    stride = 1
    while -(-events // stride) > points:
        stride *= 2
    return stride
