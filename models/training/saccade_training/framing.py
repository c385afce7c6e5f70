"""Events to frames, count for count as the host and the engine make them."""

from dataclasses import dataclass

import numpy as np

from .events import Events, in_order


@dataclass(frozen=True)
class Framing:
    """
    Windows of equal time. Window k covers [t0 + k·window, t0 + (k + 1)·window) µs, t0 being the recording's first event;
    its slice j of T begins at floor(j · window / T). Each slice is one frame and one timestep. The last window runs to its
    end even when the recording stops inside it, and windows without events in between run too.
    """

    window_micros: int = 100_000
    timesteps: int = 5
    height: int = 34
    width: int = 34
    cap: int = 7

    def slice_starts(self) -> np.ndarray:
        """i64[T] µs from the window's start."""
        return np.arange(self.timesteps, dtype=np.int64) * self.window_micros // self.timesteps

    def windows_of(self, events: Events) -> int:
        """How many windows a recording makes; 0 without events."""
        return 0 if len(events) == 0 else int((events.t.max() - events.t[0]) // self.window_micros) + 1

    def frames(self, events: Events) -> np.ndarray:
        """
        u8[windows, T, H, W, 2] counts by polarity (0 OFF, 1 ON), saturating at `cap`.

        Events that are older than the newest one before them get its time. The host leaves silent windows out when nothing has come for ten
        seconds, and begins anew when the clock falls by more: such recordings are not for training.
        """
        events = in_order(events)
        windows = self.windows_of(events)
        if windows == 0:
            return np.zeros((0, self.timesteps, self.height, self.width, 2), np.uint8)
        counts = self.count(events.t - events.t[0], events.x, events.y, events.p, np.zeros(len(events), np.int64), 1, windows)
        return np.minimum(counts[0], self.cap).astype(np.uint8)

    def count(self, since: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray, row: np.ndarray, rows: int, windows: int) -> np.ndarray:
        """
        Count the events of many recordings at once, without the cap.

        @param since  i64[n] µs since the first event of the event's own recording; outside [0, windows · window) it is dropped
        @param row    i64[n] which recording, 0 .. rows − 1
        @return       i64[rows, windows, T, H, W, 2]
        """
        kept = (since >= 0) & (since < windows * self.window_micros)
        since, x, y, p, row = since[kept], x[kept], y[kept], p[kept], row[kept]
        window = since // self.window_micros
        piece = np.searchsorted(self.slice_starts(), since - window * self.window_micros, side="right") - 1
        at = ((((row * windows + window) * self.timesteps + piece) * self.height + y) * self.width + x) * 2 + p
        shape = (rows, windows, self.timesteps, self.height, self.width, 2)
        return np.bincount(at, minlength=int(np.prod(shape))).reshape(shape)
