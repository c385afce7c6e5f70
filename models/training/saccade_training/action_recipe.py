"""What recipes that learn the actions of UTD-MHAD share: who trains and who is scored, their command line, their results and cards."""

import argparse
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import torch

from .action_data import Actions, read_actions
from .allocator import keep_freed_memory

TRAIN_SUBJECTS, TEST_SUBJECTS = (1, 3, 5, 7), (2, 4, 6, 8)


def recipe_parser(description: str, epochs: int, integer_epochs: int, rate: float) -> argparse.ArgumentParser:
    """The arguments of every such recipe, with its usual numbers."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="dataset.json of the training subjects, one a version")
    parser.add_argument("--test", type=Path, help="dataset.json of the test subjects")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is made; a run that was cut off goes on there")
    parser.add_argument("--holdout", type=int, choices=TRAIN_SUBJECTS, help="train without this subject and score it instead of the test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=epochs, help="of the float stage")
    parser.add_argument("--integer-epochs", type=int, default=integer_epochs, help="of the integer stage")
    parser.add_argument("--rate", type=float, default=rate, help="learning rate at most, of the float stage; a fiftieth in the integer stage")
    parser.add_argument("--threads", type=int, default=1)
    parser.set_defaults(actor=[])
    return parser


def run_recipe(parser: argparse.ArgumentParser, train_and_score: Callable[[argparse.Namespace, Actions, Actions], Dict[str, Any]]) -> None:
    """Read the recordings, train on some and score others, and write results.json."""
    options = parser.parse_args()
    if (options.test is None) == (options.holdout is None):
        parser.error("give either --test or --holdout")
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    results = train_and_score(options, *_split(options))
    (options.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps({name: value for name, value in results.items() if name != "confusion"}, indent=2))


def _split(options: argparse.Namespace) -> Tuple[Actions, Actions]:
    everybody = read_actions(options.data, options.actor)
    if options.holdout is None:
        return everybody.of(TRAIN_SUBJECTS), read_actions([options.test]).of(TEST_SUBJECTS)
    return everybody.of([each for each in TRAIN_SUBJECTS if each != options.holdout]), everybody.of([options.holdout])


def results_of(options: argparse.Namespace, train: Actions, parameters: int, seconds: float) -> Dict[str, Any]:
    """How a score came to be."""
    return {
        "seed": options.seed, "epochs": [options.epochs, options.integer_epochs], "rate": options.rate, "parameters": parameters,
        "trained_on": len(train), "versions": len(train.versions), "played": len(train.played), "holdout": options.holdout,
        "seconds": round(seconds), "threads": options.threads, "torch": str(torch.__version__),
    }


def scores_of(results: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """A card's."""
    who = "the test subjects s2 s4 s6 s8" if results["holdout"] is None else f"s{results['holdout']}"
    return [{"metric": "accuracy", "value": results["accuracy"], "n": results["n"], "data": f"UTD-MHAD before the simulator, {who}"}]


def card_of(
    recipe: str, package: str, names: Sequence[str], results: Mapping[str, Any], more: str, own: Mapping[str, Any]
) -> Dict[str, Any]:
    """models/package/card.ts. @param more arguments of the recipe    @param own members of this package: sensor, framing, vote …"""
    held = f" --holdout {results['holdout']}" if results["holdout"] else ""
    played = f", and {results['played']} of the simulator's actor" if results["played"] else ""
    return {
        "name": package,
        "version": "1.0.0",
        "task": "classification",
        "labels": list(names),
        **own,
        "licence": "Apache-2.0",
        "provenance": {
            "data": "UTD-MHAD (Chen, Jafari, Kehtarnavaz, ICIP 2015): depth clips of subjects 1, 3, 5 and 7 before the simulator's DVS",
            "recipe": f"saccade_training.{recipe} --seed {results['seed']} --epochs {results['epochs'][0]} "
            f"--integer-epochs {results['epochs'][1]} --rate {results['rate']}{more}{held}",
            "trained_on": f"{results['trained_on']} recordings, {results['versions']} versions of each" + played,
            "torch": results["torch"],
        },
        "scores": scores_of(results),
    }


def say(line: str) -> None:
    print(line, flush=True)
