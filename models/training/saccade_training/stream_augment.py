"""Recordings of actions as streams of frames: changed copies with stillness before and after, at any phase of the steps."""

from dataclasses import dataclass
from typing import Sequence, Tuple

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

    log_speed: float = 0.25
    warp: float = 0.3
    rotation_degrees: float = 8.0
    log_scale: float = 0.2
    log_aspect: float = 0.08
    shear: float = 0.08
    shift_pixels: float = 10.0
    drop_share: float = 0.4
    noise_hertz: float = 0.5
    lead_micros: float = 250_000
    tail_micros: float = 150_000
    most_steps: int = 72


def augmented(
    events: Events, active: "Tuple[float, float]", mirror: float, framing: StreamFraming, augmentation: StreamAugmentation,
    random: np.random.Generator,
) -> "Tuple[np.ndarray, float, float, bool]":
    """
    Frames of a changed copy.

    @param active  when the action begins and ends, µs after the first event    @param mirror  probability of a mirrored copy
    @return        u8[steps, H, W, 2]; the steps, with fractions, at which the action begins and ends; whether it is mirrored
    """

    def draw(half_width: float) -> float:
        return random.uniform(-half_width, half_width)

    kept = random.random(len(events)) >= random.random() * augmentation.drop_share
    t = np.concatenate([active, (events.t - events.t[0])[kept]])
    x, y = (part[kept].astype(np.float32) for part in (events.x, events.y))
    p = events.p[kept].astype(np.int64)
    span = max(1.0, t.max(initial=1.0))
    u, span = t / span, span * np.exp(draw(augmentation.log_speed))
    t = (u + 2 * draw(augmentation.warp) * np.sin(np.pi * u) * u * (1 - u)) * span
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
    steps = min(augmentation.most_steps, int((lead + span + tail) // framing.step_micros) + 1)
    noise = random.poisson(random.uniform(0, augmentation.noise_hertz) * framing.width * framing.height * steps * framing.step_micros / 1e6)
    frames = framing.count(
        np.concatenate([t + lead, random.uniform(0, steps * framing.step_micros, noise)]),
        np.concatenate([np.floor(moved_x).astype(np.int64), random.integers(0, framing.width, noise)]),
        np.concatenate([np.floor(moved_y).astype(np.int64), random.integers(0, framing.height, noise)]),
        np.concatenate([p, random.integers(0, 2, noise)]), steps,
    )
    return frames, (lead + begin) / framing.step_micros, (lead + end) / framing.step_micros, flip


def packed(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """u8[N, steps, H, W, 2] of the longest one's steps, the others followed by silence."""
    out = np.zeros((len(pieces), max(len(piece) for piece in pieces), *pieces[0].shape[1:]), np.uint8)
    for row, piece in zip(out, pieces):
        row[: len(piece)] = piece
    return out
