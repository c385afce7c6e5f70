"""Event recordings: the N-MNIST reader and labelled data sets."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np

from .evt3 import read_evt3

RECORD_BYTES = 5
MARKER_Y = 240
MARKER_MICROS = 1 << 13


@dataclass(frozen=True)
class Events:
    """Events in order of arrival: t i64[n] µs, x and y i16[n] pixels, p u8[n] (0 OFF, 1 ON)."""

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray

    def __len__(self) -> int:
        return len(self.t)


def read_nmnist(path: Path, width: int = 34, height: int = 34) -> Events:
    """
    Read an N-MNIST recording (`.bin`, `.bs2`): five bytes an event, x, y, then p in bit 7 over 23 bits of µs, high byte first.

    A record with y = 240 is no event: it adds 2^13 µs to all later times. Bytes after the last whole record are dropped.
    Raises ValueError when an event lies outside width × height.
    """
    raw = np.fromfile(path, np.uint8)
    records = raw[: len(raw) // RECORD_BYTES * RECORD_BYTES].reshape(-1, RECORD_BYTES).astype(np.int64)
    x, y = records[:, 0], records[:, 1]
    t = (records[:, 2] & 0x7F) << 16 | records[:, 3] << 8 | records[:, 4]
    marker = y == MARKER_Y
    t = (t + MARKER_MICROS * np.cumsum(marker))[~marker]
    x, y, p = x[~marker], y[~marker], records[~marker, 2] >> 7
    if ((x >= width) | (y >= height)).any():
        raise ValueError(f"{path}: events outside {width}x{height}; the file is another sensor's, or another format's")
    return Events(t, x.astype(np.int16), y.astype(np.int16), p.astype(np.uint8))


def in_order(events: Events) -> Events:
    """Events that are older than the newest one before them get its time."""
    return replace(events, t=np.maximum.accumulate(events.t))


READERS = {"nmnist": read_nmnist, "evt3": lambda path: Events(*read_evt3(path))}


def read_dataset(path: Path) -> Tuple[List[Events], np.ndarray, Sequence[str]]:
    """
    Read a `dataset.json` of N-MNIST or EVT3 recordings: their events, labels as i64[n] indices, and the label names.

    Raises ValueError when a sample has another format, or a label that the list does not hold.
    """
    description = json.loads(Path(path).read_text())
    names = description["labels"]
    recordings, labels = [], []
    for sample in description["samples"]:
        if sample["format"] not in READERS:
            raise ValueError(f"{path}: {sample['file']} is {sample['format']}; this reader knows {', '.join(READERS)}")
        if sample["label"] not in names:
            raise ValueError(f"{path}: {sample['file']} has the label {sample['label']}, which labels does not list")
        recordings.append(READERS[sample["format"]](Path(path).parent / sample["file"]))
        labels.append(names.index(sample["label"]))
    return recordings, np.asarray(labels, np.int64), names
