"""
The parity test's PyTorch side: a checkpoint's integer logits, for frames or recordings that the engine has seen too.

  python -m saccade_training.parity --checkpoint C.safetensors --frames X.npz --out logits.npz
  saccade eval PACKAGE --data DATASET.json --logits engine.npz
  python -m saccade_training.parity --checkpoint C.safetensors --data DATASET.json --against engine.npz

X.npz holds `frames` u8 or, of points, i8[windows, T, H, W, C] of one stream. logits.npz gets `logits` i32[windows, classes] and `recording` i32[windows],
the sample that each window is of. State is kept from window to window, or not, as the card's framing says; every recording begins anew.
With --against the exit status is 1 unless windows and logits are equal, every one.
"""

import argparse
import sys
from pathlib import Path
from typing import List

import numpy as np

from .checkpoint import read_checkpoint
from .evaluate import framing_of
from .events import read_dataset
from .integer import IntegerNetwork


def main() -> None:
    parser = argparse.ArgumentParser(description="Integer logits of a checkpoint for given frames or recordings.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--frames", type=Path, help="npz with frames u8 or i8[windows, T, H, W, C] of one stream")
    source.add_argument("--data", type=Path, help="a dataset.json of N-MNIST or EVT3 recordings")
    parser.add_argument("--out", type=Path, help="npz to write: logits i32[windows, classes], recording i32[windows]")
    parser.add_argument("--against", type=Path, help="npz to compare with: window_logits, window_recording (saccade eval --logits)")
    options = parser.parse_args()
    nodes, card, outputs = read_checkpoint(options.checkpoint)
    if options.frames is not None:
        with np.load(options.frames) as held:
            frames = held["frames"]
        if frames.ndim != 5 or frames.dtype not in (np.uint8, np.int8):
            parser.error(f"{options.frames}: frames is {frames.dtype}{list(frames.shape)}, not u8 or i8[windows, T, H, W, C]")
        streams = [frames]
    else:
        recordings, _, _ = read_dataset(options.data)
        framing = framing_of(card, nodes)
        streams = [framing.frames(events) for events in recordings]
    network, keep_state = IntegerNetwork(nodes, outputs), card["framing"]["state"] == "keep"
    logits = np.concatenate([network.logits(frames[None], keep_state)[0].numpy() for frames in streams]).astype(np.int32)
    recording = np.repeat(np.arange(len(streams), dtype=np.int32), [len(frames) for frames in streams])
    if options.out is not None:
        np.savez(options.out, logits=logits, recording=recording)
    if options.against is not None:
        with np.load(options.against) as held:
            differences = compare(logits, recording, held["window_logits"], held["window_recording"])
        print("\n".join(differences) or f"{len(logits)} windows of {len(streams)} recordings, {logits.size} logits: all equal")
        sys.exit(1 if differences else 0)


def compare(logits: np.ndarray, recording: np.ndarray, others: np.ndarray, other_recording: np.ndarray) -> List[str]:
    """What differs, in words; empty when nothing does."""
    if logits.shape != others.shape or not np.array_equal(recording, other_recording):
        return [f"windows differ: {list(logits.shape)} here, {list(others.shape)} there, or of other recordings"]
    window = np.arange(len(recording)) - np.searchsorted(recording, recording)
    return [
        f"recording {recording[at]}, window {window[at]}: {logits[at].tolist()} here, {others[at].tolist()} there"
        for at in np.flatnonzero((logits != others).any(1))
    ]


if __name__ == "__main__":
    main()
