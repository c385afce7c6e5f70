"""Recordings of actions as streams of frames: changed copies with stillness before and after, at any phase of the steps."""

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

import numpy as np

from .events import Events


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

    def steps_of(self, events: Events) -> int:
        return int((events.t[-1] - events.t[0]) // self.step_micros) + 1

    def frames(self, events: Events, steps: int) -> np.ndarray:
        """u8[steps, H, W, 2] from the first event on: what the host makes of a recording."""
        return self.count(events.t - events.t[0], *(part.astype(np.int64) for part in (events.x, events.y, events.p)), steps)


@dataclass(frozen=True)
class StreamAugmentation:
    """Each value is the half-width of a uniform draw, a greatest share, rate or time, or a probability; one draw a recording."""

    log_speed: float = 0.2
    warp: float = 0.2
    rotation_degrees: float = 5.0
    log_scale: float = 0.12
    log_aspect: float = 0.08
    shear: float = 0.08
    shift_pixels: float = 6.0
    drop_share: float = 0.25
    noise_hertz: float = 0.05
    lead_micros: float = 300_000
    tail_micros: float = 200_000
    # How often another recording comes before each of a batch, and how much of its end at most.
    past_probability: float = 0.0
    past_micros: float = 1_500_000
    most_steps: int = 70


@dataclass(frozen=True)
class Copy:
    """u8[steps, H, W, 2]; the steps, with fractions, at which the recording begins and its action begins and ends."""

    frames: np.ndarray
    start: float
    begin: float
    end: float
    mirrored: bool


def augmented(
    events: Events, active: "Tuple[float, float]", mirror: float, framing: StreamFraming, augmentation: StreamAugmentation,
    random: np.random.Generator, before: Optional[Events] = None,
) -> Copy:
    """
    Frames of a changed copy.

    @param active  when the action begins and ends, µs after the first event    @param mirror  probability of a mirrored copy
    @param before  another recording, the end of which the sensor has seen already
    """

    def draw(half_width: float) -> float:
        return random.uniform(-half_width, half_width)

    seen = 0.0
    if before is None:
        past = Events(*(part[:0] for part in (events.t, events.x, events.y, events.p)))
    else:
        seen = min(random.uniform(0.3, 1) * augmentation.past_micros, float(before.t[-1] - before.t[0]))
        late = before.t > before.t[-1] - seen
        past = Events(before.t[late] - before.t[-1] - 1, before.x[late], before.y[late], before.p[late])
    t, x, y, p = (np.concatenate(parts) for parts in zip(_columns(past), _columns(events, events.t[0])))
    kept = random.random(len(t)) >= random.random() * augmentation.drop_share
    x, y, p = x[kept].astype(np.float32), y[kept].astype(np.float32), p[kept].astype(np.int64)
    t = np.concatenate([active, t[kept]])
    span, speed = max(1.0, t.max(initial=1.0)), np.exp(draw(augmentation.log_speed))
    u = t / span
    course = 2 * draw(augmentation.warp) * np.sin(np.pi * u) * u * (1 - u)
    t = np.where(u < 0, u, u + course) * span * speed
    span, seen = span * speed, seen * speed
    (begin, end), t = t[:2], t[2:]
    flip = random.random() < mirror
    if flip:
        x = framing.width - 1 - x
    angle, scale, aspect = np.deg2rad(draw(augmentation.rotation_degrees)), np.exp(draw(augmentation.log_scale)), np.exp(draw(augmentation.log_aspect))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre_x, centre_y = (framing.width - 1) / 2, (framing.height - 1) / 2
    dy = y - centre_y
    dx = x - centre_x + draw(augmentation.shear) * dy
    # A dither of one pixel hides the grid of the original.
    moved_x = centre_x + draw(augmentation.shift_pixels) + aspect * (cos * dx - sin * dy) + random.random(len(x))
    moved_y = centre_y + draw(augmentation.shift_pixels) + (sin * dx + cos * dy) / aspect + random.random(len(x))
    lead, tail = random.uniform(0, augmentation.lead_micros), random.uniform(0, augmentation.tail_micros)
    t = np.where(t < 0, t + seen, t + seen + lead)
    steps = min(augmentation.most_steps, int((seen + lead + span + tail) // framing.step_micros) + 1)
    noise = random.poisson(random.uniform(0, augmentation.noise_hertz) * framing.width * framing.height * steps * framing.step_micros / 1e6)
    frames = framing.count(
        np.concatenate([t, random.uniform(0, steps * framing.step_micros, noise)]),
        np.concatenate([np.floor(moved_x).astype(np.int64), random.integers(0, framing.width, noise)]),
        np.concatenate([np.floor(moved_y).astype(np.int64), random.integers(0, framing.height, noise)]),
        np.concatenate([p, random.integers(0, 2, noise)]), steps,
    )
    start, begin, end = ((seen + at) / framing.step_micros for at in (0.0, lead + begin, lead + end))
    return Copy(frames, start, begin, end, flip)


def _columns(events: Events, origin: int = 0) -> "Tuple[np.ndarray, ...]":
    return events.t - origin, events.x, events.y, events.p


def packed(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """u8[N, steps, H, W, 2] of the longest one's steps, the others followed by silence."""
    out = np.zeros((len(pieces), max(len(piece) for piece in pieces), *pieces[0].shape[1:]), np.uint8)
    for row, piece in zip(out, pieces):
        row[: len(piece)] = piece
    return out
