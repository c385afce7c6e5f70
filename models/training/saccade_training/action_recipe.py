"""What recipes that learn the actions of UTD-MHAD share: who trains and who is scored, their command line, their results and cards."""

import argparse
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import torch
from torch import nn

from .action_data import Actions, read_actions
from .allocator import keep_freed_memory

TRAIN_SUBJECTS, TEST_SUBJECTS = (1, 3, 5, 7), (2, 4, 6, 8)
# Of seeds, epochs and threads.
MOST = 2**32 - 1


def recipe_parser(description: str, epochs: int, integer_epochs: int, rate: float) -> argparse.ArgumentParser:
    """The arguments of every such recipe, with its usual numbers."""
    parser = recordings_parser(description, epochs, rate)
    parser.add_argument("--out", type=Path, required=True, help="folder for what is made; a run that was cut off goes on there")
    parser.add_argument("--integer-epochs", type=_whole(0), default=integer_epochs, help="of the integer stage; its learning rate is a fiftieth")
    return parser


def recordings_parser(description: str, epochs: int, rate: float) -> argparse.ArgumentParser:
    """Who trains and who is scored, and how the float stage is trained."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="dataset.json of the training subjects, one a version")
    parser.add_argument("--actor", type=Path, nargs="+", default=[], help="dataset.json of the simulator's actor: more people to train on")
    parser.add_argument("--skeletons", type=Path, help="npz of the skeletons that were measured with the training clips (skeletons.py)")
    parser.add_argument("--test", type=Path, help="dataset.json of the test subjects, who are scored")
    parser.add_argument(
        "--holdout", type=int, nargs="+", choices=TRAIN_SUBJECTS, default=[], help="train without these subjects; without --test they are scored"
    )
    parser.add_argument("--seed", type=_whole(0), default=1)
    parser.add_argument("--epochs", type=_whole(0), default=epochs, help="of the float stage")
    parser.add_argument("--rate", type=float, default=rate, help="learning rate at most, of the float stage")
    parser.add_argument("--threads", type=_whole(1), default=1)
    return parser


def _whole(least: int) -> Callable[[str], int]:
    """argparse's type of whole numbers from `least` to MOST."""

    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= MOST:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} to {MOST}")
        return int(text)

    return number


def run_recipe(parser: argparse.ArgumentParser, train_and_score: Callable[[argparse.Namespace, Actions, Actions], Dict[str, Any]]) -> None:
    """Read the recordings, train on some and score others, and write results.json."""
    options, train, scored = recordings(parser)
    options.out.mkdir(parents=True, exist_ok=True)
    results = train_and_score(options, train, scored)
    (options.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps({name: value for name, value in results.items() if name != "confusion"}, indent=2))


def run_baselines(parser: argparse.ArgumentParser, score: Callable[[argparse.Namespace, Actions, Actions], Dict[str, Any]]) -> None:
    """Read the recordings, score what is set beside a recipe's network, and write that."""
    parser.add_argument("--out", type=Path, required=True, help="JSON to write; what the ANN needs to go on lies beside it")
    options, train, scored = recordings(parser)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    results = score(options, train, scored)
    options.out.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results))


def ann_results(network: nn.Module, score: Mapping[str, Any], epochs: int) -> Dict[str, Any]:
    """Of a first stage's network in floats; what tells poses in training is not counted."""
    parameters = sum(each.numel() for name, each in network.named_parameters() if not name.startswith("poses."))
    return {"accuracy": score["accuracy"], "n": score["n"], "parameters": parameters, "epochs": epochs}


def recordings(parser: argparse.ArgumentParser) -> Tuple[argparse.Namespace, Actions, Actions]:
    """The command line, who trains and who is scored; and PyTorch as training wants it."""
    options = parser.parse_args()
    if not options.test and not options.holdout:
        parser.error("nobody is scored; give --test or --holdout")
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    try:
        everybody = read_actions(options.data, options.actor, options.skeletons)
        tested = read_actions([options.test]) if options.test else None
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if tested and tested.names != everybody.names:
        parser.error(f"{options.test} lists other labels than {options.data[0]}, or the same in another order")
    scored = tested.of(TEST_SUBJECTS) if tested else everybody.of(options.holdout)
    if not len(scored):
        parser.error(f"{options.test or options.data[0]} lists nobody who is scored; simulate the test subjects, with --split test")
    train = everybody.of(_without(options.holdout))
    if not len(train):
        parser.error("nobody is left to train; hold out fewer subjects")
    return options, train, scored


def _without(holdout: Sequence[int]) -> List[int]:
    return [each for each in TRAIN_SUBJECTS if each not in holdout]


def results_of(options: argparse.Namespace, train: Actions, parameters: int, seconds: float) -> Dict[str, Any]:
    """How a score came to be."""
    return {
        "seed": options.seed, "epochs": [options.epochs, options.integer_epochs], "rate": options.rate, "parameters": parameters,
        "trained_on": len(train), "versions": len(train.versions), "played": len(train.played), "poses": len(train.poses()),
        "holdout": options.holdout, "scored": list(TEST_SUBJECTS) if options.test else options.holdout, "seconds": round(seconds),
        "threads": options.threads, "torch": str(torch.__version__),
    }


def scores_of(results: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """A card's."""
    test = "the test subjects " if results["scored"] == list(TEST_SUBJECTS) else ""
    who = test + " ".join(f"s{each}" for each in results["scored"])
    return [{"metric": "accuracy", "value": results["accuracy"], "n": results["n"], "data": f"UTD-MHAD before the simulator, {who}"}]


def card_of(
    recipe: str, package: str, names: Sequence[str], results: Mapping[str, Any], more: str, own: Mapping[str, Any]
) -> Dict[str, Any]:
    """models/package/card.ts. @param more arguments of the recipe    @param own members of this package: sensor, framing, vote …"""
    held = f" --holdout {' '.join(map(str, results['holdout']))}" if results["holdout"] else ""
    *most, last = _without(results["holdout"])
    subjects = f"subjects {', '.join(map(str, most))} and {last}" if most else f"subject {last}"
    more_data = [f"{results['played']} of the simulator's actor"] if results["played"] else []
    more_data += ["the skeletons measured with the clips"] if results["poses"] else []
    return {
        "name": package,
        "version": "1.0.0",
        "task": "classification",
        "labels": list(names),
        **own,
        "licence": "Apache-2.0",
        "provenance": {
            "data": f"UTD-MHAD (Chen, Jafari, Kehtarnavaz, ICIP 2015): depth clips of {subjects} before the simulator's DVS",
            "recipe": f"saccade_training.{recipe} --seed {results['seed']} --epochs {results['epochs'][0]} "
            f"--integer-epochs {results['epochs'][1]} --rate {results['rate']}{more}{held}",
            "trained_on": ", ".join([f"{results['trained_on']} recordings, {results['versions']} versions of each", *more_data]),
            "torch": results["torch"],
        },
        "scores": scores_of(results),
    }


def say(line: str) -> None:
    print(line, flush=True)
