"""
The recipe of models/zoo/actions-point: a spiking network of points (Spike PointNet) that names 27 actions of UTD-MHAD.

  python -m saccade_training.points --data TRAIN… --actor ACTOR… --skeletons NPZ --test TEST --out OUT      trains on s1 s3 s5 s7, scores s2 s4 s6 s8
  python -m saccade_training.points --data TRAIN… --actor ACTOR… --skeletons NPZ --holdout 3 7 --out OUT    trains on s1 s5, scores s3 s7

TRAIN…, ACTOR…, NPZ and TEST are as for `actions.py`. OUT gets actions-point.safetensors and results.json, and what a run that was cut off needs to go on.
"""

import argparse
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn

from .action_data import Actions
from .action_recipe import card_of, recipe_parser, results_of, run_recipe, say
from .clouds import CloudFraming
from .loop import Average, Stage
from .moved_events import Augmentation
from .normed_levels import Fire
from .normed_points import NormedPoints
from .point_export import export
from .point_fit import denoised, fit, score
from .point_layers import PointLayers
from .point_network import PointNetwork, PointSpec

NETWORK = PointSpec()
FRAMING = CloudFraming(window_micros=3_000_000, timesteps=NETWORK.timesteps, points=NETWORK.points)
# A lone event is noise when no neighbour's came within this time.
BACKGROUND_MICROS = 10_000
# Of a few people a network of points learns the places by heart, unless they are moved far: boxes share nothing with those beside them.
AUGMENTATION = Augmentation(
    log_speed=0.15, rotation_degrees=10.0, log_scale=0.2, log_aspect=0.12, shear=0.15, shift_pixels=10.0, noise_hertz=0.02,
    lead_micros=200_000, tail_micros=0,
)
DROPOUT, WEIGHT_DECAY, RISE, BATCH = 0.3, 0.05, 0.05, 16
# Points of each recording that boxes may begin around.
PLACES = 240
# Of logits in Q8: half of what new people of the actor have, for others are named with less; and more events than noise leaves in a window
# (bench/actions/thresholds.ts).
OPEN_SET = {
    "enter": {"logit": 200, "margin": 100}, "stay": {"logit": 200, "margin": 100}, "forget": 0, "leastEvents": 600, "idle": [],
}


def main() -> None:
    parser = recipe_parser("Train the network of points of the zoo.", epochs=200, integer_epochs=8, rate=2e-3)
    run_recipe(parser, train_and_score)


def train_and_score(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    """Both stages, export, and the score of the averaged network in integers."""
    train, scored = (denoised(each, BACKGROUND_MICROS, FRAMING) for each in (train, scored))
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    layers = PointLayers(NETWORK.boxes, places(train, options.seed), NETWORK.neuron, options.seed).to(device)
    network, average = (PointNetwork(NETWORK, layers).to(device) for _ in range(2))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    say(f"{parameters} parameters, {train}, seed {options.seed}, {device}")
    first = Stage("float", options.epochs, options.rate, BATCH, WEIGHT_DECAY, rise=RISE)
    normed, seconds = first_stage(layers, train, first, options.seed, options.out / "float.pt")
    normed.eval().fold(network)
    floats = score(normed, in_floats, *scored.recordings(), FRAMING)["accuracy"]
    say(f"floats {floats:.4f}")
    stage = Stage("integer", options.integer_epochs, options.rate / 50, BATCH)
    state = options.out / "integer.pt"
    seconds += fit(network, Average(network, average), _integers, train, FRAMING, AUGMENTATION, stage, options.seed + 1, say, state)
    results = {
        **score(average, _integers, *scored.recordings(), FRAMING), "first_stage": floats,
        **results_of(options, train, parameters, seconds),
    }
    export(options.out / "actions-point.safetensors", average.cpu(), card(train.names, results))
    return results


def places(train: Actions, seed: int) -> Tensor:
    """i8[n, 4] points of the recordings."""
    random = np.random.default_rng(seed)
    points = [FRAMING.frames(events)[0].reshape(-1, 4) for events in train.recordings()[0]]
    # Of the points of a slice without events none has a polarity.
    points = [each[each[:, 3] != 0] for each in points]
    return torch.from_numpy(np.concatenate([each[random.integers(0, len(each), PLACES)] for each in points]))


def first_stage(
    layers: PointLayers, train: Actions, stage: Stage, seed: int, state: Path, fire: Optional[Fire] = None
) -> Tuple[NormedPoints, float]:
    """
    Floats with batch norm behind the point layers.

    @param fire in place of counts, as NormedPoints'    @return the averaged ones, and seconds
    """
    device, poses = next(layers.parameters()).device, bool(train.poses())
    normed, average = (NormedPoints(NETWORK, layers, DROPOUT, fire, poses).to(device) for _ in range(2))
    return average, fit(normed, Average(normed, average), in_floats, train, FRAMING, AUGMENTATION, stage, seed, say, state)


def in_floats(network: nn.Module, clouds: Tensor) -> Tuple:
    return network(clouds)


def _integers(network: nn.Module, clouds: Tensor) -> Tuple:
    return network(clouds, True)


def card(names: Sequence[str], results: Dict[str, Any]) -> Dict[str, Any]:
    """models/package/card.ts."""
    own = {
        "sensor": {"kind": "dvs", "width": FRAMING.width, "height": FRAMING.height},
        "denoise": {"backgroundActivityMicros": BACKGROUND_MICROS},
        "framing": {
            "kind": "time", "windowMicros": FRAMING.window_micros, "timesteps": FRAMING.timesteps, "frame": "points", "cap": 1,
            "state": "reset",
        },
        "vote": {"wins": 1, "of": 1},
        "openSet": OPEN_SET,
    }
    return card_of("points", "actions-point", names, results, "", own)


if __name__ == "__main__":
    main()
