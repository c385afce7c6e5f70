"""Recordings in EVT3 (Prophesee), as `saccade simulate` and `saccade convert` write them. Source: Prophesee's description of the format."""

from pathlib import Path
from typing import Tuple

import numpy as np

ADDR_Y, ADDR_X, VECT_BASE_X, VECT_12, VECT_8, TIME_LOW, TIME_HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
WRAP = 1 << 24


def read_evt3(path: Path) -> Tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    t i64[n] µs, x, y i16[n], p u8[n] of all events of a file: lines that begin with % up to "% end" or the first that does not, then 16-bit
    words. t is the file's own clock, unwrapped. Events before the first time are dropped.
    """
    raw = Path(path).read_bytes()
    at = 0
    while raw[at : at + 1] == b"%":
        line_end = raw.find(b"\n", at) + 1 or len(raw)
        last = raw[at:line_end].strip() == b"% end"
        at = line_end
        if last:
            break
    words = np.frombuffer(raw[at : at + (len(raw) - at) // 2 * 2], "<u2").astype(np.int64)
    kind, index = words >> 12, np.arange(len(words))
    if not (kind == TIME_HIGH).any():
        return np.zeros(0, np.int64), np.zeros(0, np.int16), np.zeros(0, np.int16), np.zeros(0, np.uint8)

    def latest(mask: np.ndarray) -> np.ndarray:
        """For each word the index of the last one of a kind up to it, −1 before the first."""
        return np.maximum.accumulate(np.where(mask, index, -1))

    high_at, low_at, y_at, base_at = latest(kind == TIME_HIGH), latest(kind == TIME_LOW), latest(kind == ADDR_Y), latest(kind == VECT_BASE_X)
    high, low = words[np.where(high_at < 0, np.argmax(kind == TIME_HIGH), high_at)] & 0xFFF, np.where(low_at > high_at, words[low_at] & 0xFFF, 0)
    time = high << 12 | low
    time = time + WRAP * np.cumsum(np.diff(high, prepend=high[:1]) < -(1 << 11))
    known = (high_at >= 0) & (y_at >= 0)
    moved = np.cumsum(np.where(kind == VECT_12, 12, np.where(kind == VECT_8, 8, 0)))
    single = np.flatnonzero((kind == ADDR_X) & known)
    vector = np.flatnonzero(((kind == VECT_12) | (kind == VECT_8)) & known & (base_at >= 0))
    width = np.where(kind[vector] == VECT_12, 12, 8)
    row, bit = np.nonzero((words[vector][:, None] >> np.arange(12) & 1) & (np.arange(12) < width[:, None]))
    from_vector = vector[row]
    base = base_at[from_vector]
    x_vector = (words[base] & 0x7FF) + moved[from_vector] - width[row] - moved[base] + bit
    order = np.argsort(np.concatenate([single, from_vector]), kind="stable")
    place = np.concatenate([single, from_vector])[order]
    x = np.concatenate([words[single] & 0x7FF, x_vector])[order]
    p = np.concatenate([words[single] >> 11 & 1, words[base] >> 11 & 1])[order]
    return time[place], x.astype(np.int16), (words[y_at[place]] & 0x7FF).astype(np.int16), p.astype(np.uint8)
