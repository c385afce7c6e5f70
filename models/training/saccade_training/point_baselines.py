"""
What the score of a network of points is set beside: the same network in floats with ReLU in place of counts, on the same recordings.

  python -m saccade_training.point_baselines --data TRAIN… --actor ACTOR… --skeletons NPZ --test TEST --out results.json
"""

import argparse
from pathlib import Path
from typing import Any, Dict

import torch
from torch.nn import functional as F

from .action_data import Actions
from .action_recipe import ann_results, recordings_parser, run_baselines
from .loop import Stage
from .point_fit import denoised, score
from .point_layers import PointLayers
from .points import BACKGROUND_MICROS, BATCH, FRAMING, NETWORK, RISE, WEIGHT_DECAY, first_stage, in_floats, places


def ann_baseline(train: Actions, scored: Actions, epochs: int, rate: float, seed: int, state: Path) -> Dict[str, Any]:
    torch.manual_seed(seed)
    train, scored = (denoised(each, BACKGROUND_MICROS, FRAMING) for each in (train, scored))
    layers = PointLayers(NETWORK.boxes, places(train, seed), NETWORK.neuron, seed)
    stage = Stage("ann", epochs, rate, BATCH, WEIGHT_DECAY, rise=RISE)
    network, _ = first_stage(layers, train, stage, seed, state, F.relu)
    return ann_results(network, score(network, in_floats, *scored.recordings(), FRAMING), epochs)


def main() -> None:
    run_baselines(recordings_parser("The network of points in floats, with ReLU.", epochs=200, rate=2e-3), baselines)


def baselines(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    return {"ann": ann_baseline(train, scored, options.epochs, options.rate, options.seed, options.out.with_suffix(".pt"))}


if __name__ == "__main__":
    main()
