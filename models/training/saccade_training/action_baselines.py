"""
What the score of a network of levels is set beside, on the same recordings: a ridge classifier on counts pooled over space and time, and the
same network in floats with ReLU in place of counts.

  python -m saccade_training.action_baselines --data TRAIN… --actor ACTOR… --skeletons NPZ --test TEST --out results.json
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from .action_data import Actions
from .action_recipe import ann_results, recordings_parser, run_baselines
from .actions import FRAMING, NETWORK, PLAYED_SHARE, WEIGHT_DECAY, first_stage, in_floats
from .baselines import RIDGE_PENALTIES, ridge
from .events import Events
from .levels import LevelNetwork
from .stream_fit import StreamStage, score

# Cells of a side, and parts of a recording's time, of the pooled counts.
RIDGE_CELLS, RIDGE_PARTS = 16, 8


def pooled(recordings: Sequence[Events]) -> np.ndarray:
    """f64[n, cells · cells · 2 · parts]: square roots of counts."""
    rows = []
    for events in recordings:
        part = np.minimum((events.t - events.t[0]) * RIDGE_PARTS // (events.t[-1] - events.t[0] + 1), RIDGE_PARTS - 1)
        cell = events.y.astype(np.int64) * RIDGE_CELLS // FRAMING.height * RIDGE_CELLS + events.x.astype(np.int64) * RIDGE_CELLS // FRAMING.width
        at = (part * RIDGE_CELLS * RIDGE_CELLS + cell) * 2 + events.p
        rows.append(np.sqrt(np.bincount(at, minlength=RIDGE_PARTS * RIDGE_CELLS * RIDGE_CELLS * 2)))
    return np.stack(rows)


def ridge_baseline(train: Actions, scored: Actions) -> Dict[str, Any]:
    """Trained on all versions; the penalty is the best of training without the last training subject on that subject."""
    takes = [take for version in train.versions for take in version]
    features, labels = pooled([take.events for take in takes]), np.array([take.label for take in takes])
    subjects = np.array([take.subject for take in takes])
    held = subjects == subjects.max()
    if held.all():
        raise SystemExit("one subject trains, and the ridge's penalty is chosen on another; give two or more")
    right = {
        penalty: (ridge(features[~held], labels[~held], features[held], penalty) == labels[held]).mean() for penalty in RIDGE_PENALTIES
    }
    penalty = max(RIDGE_PENALTIES, key=lambda each: right[each])
    recordings, wanted = scored.recordings()
    predicted = ridge(features, labels, pooled(recordings), penalty)
    return {"accuracy": float((predicted == wanted).mean()), "n": len(wanted), "penalty": penalty, "held_out": float(right[penalty])}


def ann_baseline(train: Actions, scored: Actions, epochs: int, rate: float, seed: int, state: Path) -> Dict[str, Any]:
    torch.manual_seed(seed)
    # ReLU has no greatest value, and what it gives is no count that costs.
    stage = StreamStage("ann", epochs, rate, weight_decay=WEIGHT_DECAY, rate_weight=0.0)
    network, _ = first_stage(LevelNetwork(NETWORK), replace(train, played_share=PLAYED_SHARE), stage, seed, state, F.relu)
    return ann_results(network, score(network, in_floats, *scored.recordings(), FRAMING, 1), epochs)


def main() -> None:
    parser = recordings_parser("Baselines for the network of actions; --epochs 0: ridge alone.", epochs=100, rate=5e-3)
    run_baselines(parser, baselines)


def baselines(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    results: Dict[str, Any] = {"ridge": ridge_baseline(train, scored)}
    if options.epochs > 0:
        results["ann"] = ann_baseline(train, scored, options.epochs, options.rate, options.seed, options.out.with_suffix(".pt"))
    return results


if __name__ == "__main__":
    main()
