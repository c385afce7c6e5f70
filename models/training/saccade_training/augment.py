"""Augmentation of events, before they become frames: a thousand recordings are few."""

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from .events import Events
from .framing import Framing


@dataclass(frozen=True)
class Augmentation:
    """Each value is the half-width of a uniform draw, a greatest share, or a probability; one draw a recording."""

    shift_pixels: float = 2.5
    rotation_degrees: float = 12.0
    log_scale: float = 0.15
    shear: float = 0.15
    jitter_micros: float = 2_000.0
    drop_share: float = 0.4
    flip_share: float = 0.05
    noise_events: int = 200
    # Share of recordings that begin anywhere in a window, as they do in a live stream.
    phase_probability: float = 0.5
    # Share that runs backwards in time with polarities exchanged: the same shape moving the other way.
    reverse_probability: float = 0.1


def frames_of(recordings: Sequence[Events], framing: Framing, windows: int) -> np.ndarray:
    """u8[B, windows, T, H, W, 2]: the exact frames of the recordings, cut or padded with silence to `windows`."""
    return _pack(recordings, framing, windows, None, None)


def augmented_frames(
    recordings: Sequence[Events], framing: Framing, windows: int, augmentation: Augmentation, random: np.random.Generator
) -> np.ndarray:
    """u8[B, windows, T, H, W, 2]: frames of randomly changed copies of the recordings."""
    return _pack(recordings, framing, windows, augmentation, random)


def _pack(recordings, framing, windows, augmentation, random):
    rows = len(recordings)
    lengths = np.array([len(events) for events in recordings])
    row = np.repeat(np.arange(rows), lengths)
    t = np.concatenate([events.t - events.t[0] for events in recordings if len(events)])
    x = np.concatenate([events.x for events in recordings]).astype(np.int64)
    y = np.concatenate([events.y for events in recordings]).astype(np.int64)
    p = np.concatenate([events.p for events in recordings]).astype(np.int64)
    if augmentation is not None:
        t, x, y, p, row = _augment(t, x, y, p, row, rows, framing, augmentation, random)
    return np.minimum(framing.count(t, x, y, p, row, rows, windows), framing.cap).astype(np.uint8)


def _augment(t, x, y, p, row, rows, framing, augmentation, random):
    def draw(half_width):
        return random.uniform(-half_width, half_width, rows)

    span = np.zeros(rows, np.int64)
    np.maximum.at(span, row, t)

    # One affine map a recording about the sensor's centre, plus a dither of one pixel, which hides the grid of the original.
    angle, scale, shear = np.deg2rad(draw(augmentation.rotation_degrees)), np.exp(draw(augmentation.log_scale)), draw(augmentation.shear)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre_x, centre_y = (framing.width - 1) / 2, (framing.height - 1) / 2
    dx, dy = x - centre_x, y - centre_y
    dx = dx + shear[row] * dy
    moved_x = centre_x + draw(augmentation.shift_pixels)[row] + cos[row] * dx - sin[row] * dy
    moved_y = centre_y + draw(augmentation.shift_pixels)[row] + sin[row] * dx + cos[row] * dy
    x = np.floor(moved_x + random.random(len(x))).astype(np.int64)
    y = np.floor(moved_y + random.random(len(y))).astype(np.int64)

    reverse = random.random(rows) < augmentation.reverse_probability
    t = np.where(reverse[row], span[row] - t, t)
    p = np.where(reverse[row], 1 - p, p)
    p = np.where(random.random(len(p)) < (random.random(rows) * augmentation.flip_share)[row], 1 - p, p)
    t = t + (random.standard_normal(len(t)) * augmentation.jitter_micros * random.random(rows)[row]).astype(np.int64)
    phase = (random.random(rows) < augmentation.phase_probability) * random.integers(0, framing.window_micros, rows)
    t = t + phase[row]

    kept = random.random(len(t)) >= (random.random(rows) * augmentation.drop_share)[row]
    kept &= (x >= 0) & (x < framing.width) & (y >= 0) & (y < framing.height)
    t, x, y, p, row = t[kept], x[kept], y[kept], p[kept], row[kept]

    noise_row = np.repeat(np.arange(rows), random.integers(0, augmentation.noise_events + 1, rows))
    n = len(noise_row)
    return (
        np.concatenate([t, random.integers(0, span[noise_row] + 1)]),
        np.concatenate([x, random.integers(0, framing.width, n)]),
        np.concatenate([y, random.integers(0, framing.height, n)]),
        np.concatenate([p, random.integers(0, 2, n)]),
        np.concatenate([row, noise_row]),
    )
