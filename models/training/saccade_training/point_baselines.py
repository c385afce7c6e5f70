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
from .action_recipe import ann_results, recordings_parser, run_baselines, say
from .loop import Average, Stage
from .normed_points import NormedPoints
from .point_fit import denoised, fit, score
from .point_layers import PointLayers
from .points import AUGMENTATION, BACKGROUND_MICROS, BATCH, DROPOUT, FRAMING, NETWORK, RISE, WEIGHT_DECAY, places


def ann_baseline(train: Actions, scored: Actions, epochs: int, rate: float, seed: int, state: Path) -> Dict[str, Any]:
    torch.manual_seed(seed)
    train, scored = (denoised(each, BACKGROUND_MICROS, FRAMING) for each in (train, scored))
    layers = PointLayers(NETWORK.boxes, places(train, seed), NETWORK.neuron, seed)
    network, copy = (NormedPoints(NETWORK, layers, DROPOUT, F.relu, bool(train.poses())) for _ in range(2))
    average = Average(network, copy)
    forward = lambda net, clouds: net(clouds)
    stage = Stage("ann", epochs, rate, BATCH, WEIGHT_DECAY, rise=RISE)
    fit(network, average, forward, train, FRAMING, AUGMENTATION, stage, seed, say, state)
    result = score(average.network, forward, *scored.recordings(), FRAMING)
    return ann_results(network, result, epochs)


def main() -> None:
    run_baselines(recordings_parser("The network of points in floats, with ReLU.", epochs=200, rate=2e-3), baselines)


def baselines(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    return {"ann": ann_baseline(train, scored, options.epochs, options.rate, options.seed, options.out.with_suffix(".pt"))}


if __name__ == "__main__":
    main()
