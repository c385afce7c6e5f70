"""
The parity test's PyTorch side: a checkpoint's integer logits for frames that the engine has seen too.

  python -m saccade_training.parity --checkpoint C.safetensors --frames X.npz --out logits.npz

X.npz holds `frames` u8[windows, T, H, W, C] of one stream; logits.npz gets `logits` i32[windows, classes]. State is kept from window to
window, or not, as the card's framing says.
"""

import argparse
from pathlib import Path

import numpy as np

from .checkpoint import read_checkpoint
from .integer import IntegerNetwork


def main() -> None:
    parser = argparse.ArgumentParser(description="Integer logits of a checkpoint for given frames.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--frames", type=Path, required=True, help="npz with frames u8[windows, T, H, W, C]")
    parser.add_argument("--out", type=Path, required=True, help="npz to write: logits i32[windows, classes]")
    options = parser.parse_args()
    nodes, card, outputs = read_checkpoint(options.checkpoint)
    with np.load(options.frames) as held:
        frames = held["frames"]
    if frames.ndim != 5 or frames.dtype != np.uint8:
        parser.error(f"{options.frames}: frames is {frames.dtype}{list(frames.shape)}, not u8[windows, T, H, W, C]")
    logits = IntegerNetwork(nodes, outputs).logits(frames[None], card["framing"]["state"] == "keep")[0]
    np.savez(options.out, logits=logits.numpy().astype(np.int32))


if __name__ == "__main__":
    main()
