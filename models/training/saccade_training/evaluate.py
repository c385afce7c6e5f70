"""
The integer mode's score on labelled recordings.

  python -m saccade_training.evaluate --checkpoint C.safetensors --data DATASET.json
"""

import argparse
import json
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence, Union

import numpy as np

from .checkpoint import Node, read_checkpoint
from .clouds import CloudFraming
from .events import Events, read_dataset
from .fit import QUIET_WINDOW_EVENTS
from .framing import Framing
from .integer import IntegerNetwork


def framing_of(card: Mapping[str, Any], nodes: Sequence[Node]) -> Union[Framing, CloudFraming]:
    """Raises ValueError for a framing that this package does not make."""
    framing, sensor = card["framing"], card["sensor"]
    if framing["kind"] != "time" or framing["frame"] not in ("counts", "points"):
        raise ValueError(f"frames of kind {framing['kind']} and {framing['frame']} are not made here")
    window, timesteps = framing["windowMicros"], framing["timesteps"]
    if framing["frame"] == "counts":
        return Framing(window, timesteps, sensor["height"], sensor["width"], framing["cap"])
    (points,) = (node["shape"][1] for node in nodes if node["type"] == "Input")
    return CloudFraming(window, timesteps, points, sensor["height"], sensor["width"])


def evaluate(path: Path, recordings: Sequence[Events], labels: np.ndarray) -> Dict[str, Any]:
    """
    Accuracy of each recording's summed logits and of its single windows with at least QUIET_WINDOW_EVENTS events (of points: with
    any), the confusion matrix [label][answer], and the checkpoint's bytes.
    """
    nodes, card, outputs = read_checkpoint(path)
    network, framing = IntegerNetwork(nodes, outputs), framing_of(card, nodes)
    confusion = np.zeros((len(card["labels"]),) * 2, np.int64)
    single_right = singles = 0
    for events, label in zip(recordings, labels):
        frames = framing.frames(events)
        logits = network.logits(frames[None], card["framing"]["state"] == "keep")[0].numpy()
        confusion[label, logits.sum(0).argmax()] += 1
        counted = frames.reshape(len(frames), -1)
        loud = counted.sum(1) >= QUIET_WINDOW_EVENTS if frames.dtype == np.uint8 else counted.any(1)
        single_right += int((logits[loud].argmax(1) == label).sum())
        singles += int(loud.sum())
    return {
        "accuracy": float(confusion.trace() / len(recordings)), "n": len(recordings),
        "window_accuracy": single_right / max(1, singles), "windows": singles,
        "confusion": confusion.tolist(), "bytes": path.stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Score a checkpoint's integer mode on labelled recordings.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="a dataset.json of N-MNIST or EVT3 recordings")
    options = parser.parse_args()
    recordings, labels, _ = read_dataset(options.data)
    print(json.dumps(evaluate(options.checkpoint, recordings, labels)))


if __name__ == "__main__":
    main()
