"""Changed copies of recordings: events moved in space and time, taken out and added."""

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

import numpy as np

from .events import Events


@dataclass(frozen=True)
class Augmentation:
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


@dataclass(frozen=True)
class Moved:
    """
    Events in no order: t f64[n] µs, x and y i64[n] pixels that may lie outside the sensor, p i64[n]. How long they go on with the stillness
    after them, when the recording begins, and where the moments are now, f64[m] µs.
    """

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray
    length: float
    start: float
    moments: np.ndarray
    mirrored: bool


def moved(
    events: Events, moments: Sequence[float], mirror: float, width: int, height: int, augmentation: Augmentation,
    random: np.random.Generator, before: Optional[Events] = None,
) -> Moved:
    """
    A changed copy, without added events.

    @param moments  µs after the first event, moved in time as events are    @param mirror  probability of a mirrored copy
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
    t = np.concatenate([moments, t[kept]])
    span, speed = max(1.0, t.max(initial=1.0)), np.exp(draw(augmentation.log_speed))
    u = t / span
    course = 2 * draw(augmentation.warp) * np.sin(np.pi * u) * u * (1 - u)
    t = np.where(u < 0, u, u + course) * span * speed
    span, seen = span * speed, seen * speed
    passed, t = t[: len(moments)], t[len(moments) :]
    flip = random.random() < mirror
    if flip:
        x = width - 1 - x
    angle, scale, aspect = np.deg2rad(draw(augmentation.rotation_degrees)), np.exp(draw(augmentation.log_scale)), np.exp(draw(augmentation.log_aspect))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    dy = y - centre_y
    dx = x - centre_x + draw(augmentation.shear) * dy
    # A dither of one pixel hides the grid of the original.
    moved_x = centre_x + draw(augmentation.shift_pixels) + aspect * (cos * dx - sin * dy) + random.random(len(x))
    moved_y = centre_y + draw(augmentation.shift_pixels) + (sin * dx + cos * dy) / aspect + random.random(len(x))
    lead, tail = random.uniform(0, augmentation.lead_micros), random.uniform(0, augmentation.tail_micros)
    t = np.where(t < 0, t + seen, t + seen + lead)
    return Moved(
        t, np.floor(moved_x).astype(np.int64), np.floor(moved_y).astype(np.int64), p, seen + lead + span + tail, seen, seen + lead + passed, flip,
    )


def with_noise(
    copy: Moved, micros: float, width: int, height: int, augmentation: Augmentation, random: np.random.Generator
) -> "Tuple[np.ndarray, ...]":
    """t, x, y, p of the copy, followed by those of events anywhere within its first `micros`."""
    noise = random.poisson(random.uniform(0, augmentation.noise_hertz) * width * height * micros / 1e6)
    return (
        np.concatenate([copy.t, random.uniform(0, micros, noise)]),
        np.concatenate([copy.x, random.integers(0, width, noise)]),
        np.concatenate([copy.y, random.integers(0, height, noise)]),
        np.concatenate([copy.p, random.integers(0, 2, noise)]),
    )


def _columns(events: Events, origin: int = 0) -> "Tuple[np.ndarray, ...]":
    return events.t - origin, events.x, events.y, events.p
