"""
The integer mode's score on labelled recordings.

  python -m saccade_training.evaluate --checkpoint C.safetensors --data DATASET.json
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence, Union

import numpy as np

from .answers import score_of
from .checkpoint import Node, read_checkpoint
from .clouds import CloudFraming
from .denoise import background_activity
from .events import Events, read_dataset
from .fit import QUIET_WINDOW_EVENTS
from .framing import Framing
from .integer import IntegerNetwork


@dataclass(frozen=True)
class DenoisedFraming:
    """A framing of what is left when background activity is taken out (denoise.py)."""

    framing: Union[Framing, CloudFraming]
    background_micros: int

    def frames(self, events: Events) -> np.ndarray:
        return self.framing.frames(background_activity(events, self.background_micros, self.framing.width, self.framing.height))


def framing_of(card: Mapping[str, Any], nodes: Sequence[Node]) -> Union[Framing, CloudFraming, DenoisedFraming]:
    """Raises ValueError for a framing, or for filters, that this package does not make."""
    framing, sensor, denoise = card["framing"], card["sensor"], card.get("denoise", {})
    if framing["kind"] != "time" or framing["frame"] not in ("counts", "points"):
        raise ValueError(f"frames of kind {framing['kind']} and {framing['frame']} are not made here")
    if set(denoise) - {"backgroundActivityMicros"}:
        raise ValueError(f"of filters only background activity is made here, not {', '.join(denoise)}")
    window, timesteps = framing["windowMicros"], framing["timesteps"]
    if framing["frame"] == "counts":
        made = Framing(window, timesteps, sensor["height"], sensor["width"], framing["cap"])
    else:
        (points,) = (node["shape"][1] for node in nodes if node["type"] == "Input")
        made = CloudFraming(window, timesteps, points, sensor["height"], sensor["width"])
    return DenoisedFraming(made, denoise["backgroundActivityMicros"]) if denoise else made


def evaluate(path: Path, recordings: Sequence[Events], labels: np.ndarray) -> Dict[str, Any]:
    """
    Accuracy of each recording's summed logits and of its single windows with at least QUIET_WINDOW_EVENTS events (of points: with
    any), the confusion matrix [label][answer], and the checkpoint's bytes.

    @param labels  i64[n], indices of the card's labels
    """
    nodes, card, outputs = read_checkpoint(path)
    network, framing = IntegerNetwork(nodes, outputs), framing_of(card, nodes)
    sums = np.zeros((len(recordings), len(card["labels"])), np.int64)
    single_right = singles = 0
    for events, label, total in zip(recordings, labels, sums):
        frames = framing.frames(events)
        if len(frames) == 0:
            continue
        logits = network.logits(frames[None], card["framing"]["state"] == "keep")[0].numpy()
        total += logits.sum(0)
        counted = frames.reshape(len(frames), -1)
        loud = counted.sum(1) >= QUIET_WINDOW_EVENTS if frames.dtype == np.uint8 else counted.any(1)
        single_right += int((logits[loud].argmax(1) == label).sum())
        singles += int(loud.sum())
    return {
        **score_of(sums, labels), "window_accuracy": single_right / max(1, singles), "windows": singles, "bytes": path.stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Score a checkpoint's integer mode on labelled recordings.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="a dataset.json of N-MNIST or EVT3 recordings")
    options = parser.parse_args()
    recordings, labels, names = read_dataset(options.data)
    known = read_checkpoint(options.checkpoint)[1]["labels"]
    strangers = {names[label] for label in labels} - set(known)
    if strangers:
        parser.error(f"{options.data} has labels that the checkpoint does not know: {', '.join(sorted(strangers))}")
    print(json.dumps(evaluate(options.checkpoint, recordings, np.array([known.index(names[label]) for label in labels]))))


if __name__ == "__main__":
    main()
