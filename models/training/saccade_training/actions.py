"""
The recipe of models/zoo/actions-trev: a network of level states that names 27 actions of UTD-MHAD while they happen.

  python -m saccade_training.actions --data TRAIN… --actor ACTOR… --skeletons NPZ --test TEST --out OUT      trains on s1 s3 s5 s7, scores s2 s4 s6 s8
  python -m saccade_training.actions --data TRAIN… --actor ACTOR… --skeletons NPZ --holdout 3 7 --out OUT    trains on s1 s5, scores s3 s7

TRAIN… are dataset.json files of `saccade simulate actions --split train`, the same performances in one or more versions; TEST is one of
`--split test`, ACTOR… of `saccade simulate actor`, NPZ holds the skeletons measured with the clips (skeletons.py). Every choice is made with
`--holdout`; the test subjects are for a score. OUT gets actions-trev.safetensors and results.json, and what a run that was cut off needs to go on.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn

from .action_data import Actions
from .action_recipe import card_of, recipe_parser, results_of, run_recipe, say
from .level_export import export
from .levels import LevelNetwork, LevelSpec
from .loop import Average
from .normed_levels import Fire, NormedLevels
from .reversible import run
from .stream_augment import StreamAugmentation, StreamFraming
from .stream_fit import StreamStage, fit, score

FRAMING = StreamFraming()
NETWORK = LevelSpec(subnetworks=2, input_bound=FRAMING.cap)
# A stream has no begin: states then hold what was before.
AUGMENTATION = StreamAugmentation(past_probability=0.25, most_steps=100)
DROPOUT, WEIGHT_DECAY = 0.3, 0.05
# The actor's recordings to each other one.
PLAYED_SHARE = 0.25
# Of logits in Q8: those with which a network of one training subject holds labels least while there is nothing to name, and names the actions of
# the other training subjects as before: bench/actions/thresholds.ts.
OPEN_SET = {
    "enter": {"logit": 200, "margin": 400}, "stay": {"logit": 200, "margin": 400}, "forget": 1, "leastEvents": 100, "idle": [],
}


def main() -> None:
    parser = recipe_parser("Train the network of actions of the zoo.", epochs=100, integer_epochs=12, rate=5e-3)
    parser.add_argument("--subnetworks", type=int, default=NETWORK.subnetworks, help="T: steps of a window, each with weights of its own")
    parser.add_argument("--memory", choices=("kept", "undone"), default="kept", help="undone: steps are undone, not kept; slower, smaller")
    parser.add_argument("--twin", action="store_true", help="also train the float twin for the integer stage's epochs")
    run_recipe(parser, train_and_score)


def train_and_score(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    """Both stages, export, and the score of the averaged network in integers; with the float twin when asked for."""
    spec, train = replace(NETWORK, subnetworks=options.subnetworks), replace(train, played_share=PLAYED_SHARE)
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network, average = LevelNetwork(spec).to(device), LevelNetwork(spec).to(device)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    say(f"{parameters} parameters, {train}, seed {options.seed}, {device}")
    seconds: Dict[str, float] = {}
    floats = StreamStage("float", options.epochs, options.rate, weight_decay=WEIGHT_DECAY)
    normed, seconds["float"] = first_stage(network, train, floats, options.seed, options.out / "float.pt")
    normed.eval().fold(network)
    learned = {name: value.clone() for name, value in network.state_dict().items()}
    stage = StreamStage("integer", options.integer_epochs, options.rate / 50)

    def through(integer: bool):
        def forward(net: nn.Module, frames: Tensor, first: int):
            return run(net, frames, integer, first) if options.memory == "undone" and net.training else net(frames, integer, first)

        return forward

    def second_stage(integer: bool) -> Dict[str, Any]:
        network.load_state_dict(learned)
        held = Average(network, average)
        each = stage if integer else replace(stage, name="twin")
        seconds[each.name] = fit(network, held, through(integer), train, FRAMING, AUGMENTATION, each, options.seed + 1, say, options.out / f"{each.name}.pt")
        return score(average, through(integer), *scored.recordings(), FRAMING, spec.subnetworks)

    results: Dict[str, Any] = {"float_twin": second_stage(False)["accuracy"]} if options.twin else {}
    results = {
        **second_stage(True), **results, "subnetworks": options.subnetworks, **results_of(options, train, parameters, sum(seconds.values())),
    }
    export(options.out / "actions-trev.safetensors", average.cpu(), card(train.names, results))
    return results


def first_stage(
    network: LevelNetwork, train: Actions, stage: StreamStage, seed: int, state: Path, fire: Optional[Fire] = None
) -> Tuple[NormedLevels, float]:
    """
    Floats with batch norm, all steps at once, of the shapes and time constants of `network`.

    @param fire in place of counts, as NormedLevels'    @return the averaged ones, and seconds
    """
    device, poses = next(network.parameters()).device, bool(train.poses())
    normed, average = (NormedLevels(network, DROPOUT, fire, poses).to(device) for _ in range(2))
    seconds = fit(normed, Average(normed, average), in_floats, train, FRAMING, AUGMENTATION, stage, seed, say, state, normed.limit)
    return average, seconds


def in_floats(network: nn.Module, frames: Tensor, first: int) -> Tuple:
    """A first stage knows no sub-networks."""
    return network(frames)


def card(names: Sequence[str], results: Dict[str, Any]) -> Dict[str, Any]:
    """models/package/card.ts."""
    window = results["subnetworks"]
    own = {
        "sensor": {"kind": "dvs", "width": FRAMING.width, "height": FRAMING.height},
        "framing": {
            "kind": "time", "windowMicros": FRAMING.step_micros * window, "timesteps": window, "frame": "counts", "cap": FRAMING.cap,
            "state": "keep",
        },
        "vote": {"wins": 2, "of": 3},
        "openSet": OPEN_SET,
    }
    return card_of("actions", "actions-trev", names, results, f" --subnetworks {window}", own)


if __name__ == "__main__":
    main()
