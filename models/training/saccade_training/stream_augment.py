"""Recordings of actions as streams of frames: changed copies with stillness before and after, at any phase of the steps."""

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

import numpy as np

from .events import Events
from .moved_events import Augmentation, moved, with_noise
from .skeletons import Pose


@dataclass(frozen=True)
class StreamFraming:
    """Frames of equal time, u8[height, width, 2] counts by polarity, saturating at `cap`."""

    step_micros: int = 50_000
    height: int = 128
    width: int = 128
    cap: int = 15

    def count(self, t: np.ndarray, x: np.ndarray, y: np.ndarray, p: np.ndarray, steps: int) -> np.ndarray:
        """u8[steps, H, W, 2]. @param t µs from the first step's begin; events outside steps or sensor are dropped"""
        step = np.floor(t / self.step_micros).astype(np.int64)
        kept = (step >= 0) & (step < steps) & (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        at = ((step[kept] * self.height + y[kept]) * self.width + x[kept]) * 2 + p[kept]
        places, counts = np.unique(at, return_counts=True)
        frames = np.zeros(steps * self.height * self.width * 2, np.uint8)
        frames[places] = np.minimum(counts, self.cap)
        return frames.reshape(steps, self.height, self.width, 2)

    def spans(self, steps: int) -> "Tuple[np.ndarray, np.ndarray]":
        """When steps begin and end, f64[steps] µs."""
        edges = np.arange(steps + 1.0) * self.step_micros
        return edges[:-1], edges[1:]

    def steps_of(self, events: Events) -> int:
        return int((events.t[-1] - events.t[0]) // self.step_micros) + 1

    def frames(self, events: Events, steps: int) -> np.ndarray:
        """u8[steps, H, W, 2] from the first event on: what the host makes of a recording."""
        return self.count(events.t - events.t[0], *(part.astype(np.int64) for part in (events.x, events.y, events.p)), steps)


@dataclass(frozen=True)
class StreamAugmentation(Augmentation):
    most_steps: int = 70


@dataclass(frozen=True)
class Copy:
    """
    u8[steps, H, W, 2]; the steps, with fractions, at which the recording begins and its action begins and ends; its pose, µs after the first
    step's begin.
    """

    frames: np.ndarray
    start: float
    begin: float
    end: float
    mirrored: bool
    pose: Optional[Pose]


def augmented(
    events: Events, active: "Tuple[float, float]", mirror: float, framing: StreamFraming, augmentation: StreamAugmentation,
    random: np.random.Generator, before: Optional[Events] = None, pose: Optional[Pose] = None,
) -> Copy:
    """Frames of a changed copy. @param active  when the action begins and ends, µs after the first event    Others as for `moved`."""
    copy = moved(events, (*active, *(pose.times if pose else ())), mirror, framing.width, framing.height, augmentation, random, before)
    steps = min(augmentation.most_steps, int(copy.length // framing.step_micros) + 1)
    noisy = with_noise(copy, steps * framing.step_micros, framing.width, framing.height, augmentation, random)
    start, begin, end = (at / framing.step_micros for at in (copy.start, *copy.moments[:2]))
    return Copy(framing.count(*noisy, steps), start, begin, end, copy.mirrored, pose and pose.moved(copy.moments[2:], copy.mirrored))


def packed(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """u8[N, steps, H, W, 2] of the longest one's steps, the others followed by silence."""
    out = np.zeros((len(pieces), max(len(piece) for piece in pieces), *pieces[0].shape[1:]), np.uint8)
    for row, piece in zip(out, pieces):
        row[: len(piece)] = piece
    return out
