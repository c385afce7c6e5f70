"""
The recipe of models/zoo/actions-trev: a network of level states that names 27 actions of UTD-MHAD while they happen.

  python -m saccade_training.actions --data TRAIN… --test TEST --out OUT            trains on s1 s3 s5 s7, scores s2 s4 s6 s8 once
  python -m saccade_training.actions --data TRAIN… --holdout 7 --out OUT            trains without s7 and scores it; for every choice

TRAIN… are dataset.json files of `saccade simulate actions --split train`, the same performances in one or more versions; TEST is one of
`--split test`. OUT gets actions-trev.safetensors and results.json, and what a run that was cut off needs to go on.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Sequence

import torch
from torch import Tensor, nn

from .action_data import Actions, read_actions
from .allocator import keep_freed_memory
from .level_export import export
from .levels import LevelNetwork, LevelSpec
from .normed_levels import NormedLevels
from .reversible import run
from .stream_augment import StreamAugmentation, StreamFraming
from .stream_fit import Average, StreamStage, fit, score

FRAMING = StreamFraming()
NETWORK = LevelSpec(subnetworks=2, input_bound=FRAMING.cap)
# A stream has no begin: states then hold what was before.
AUGMENTATION = StreamAugmentation(past_probability=0.25, most_steps=100)
TRAIN_SUBJECTS, TEST_SUBJECTS = (1, 3, 5, 7), (2, 4, 6, 8)
DROPOUT, WEIGHT_DECAY = 0.3, 0.05
# Of logits in Q8, with which people of the simulator's actor, whom no training has seen, were named best: bench/actions/thresholds.ts.
OPEN_SET = {
    "enter": {"logit": 0, "margin": 200}, "stay": {"logit": 0, "margin": 60}, "forget": 1, "leastEvents": 20, "idle": [],
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the network of actions of the zoo.")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="dataset.json of the training subjects, one a version")
    parser.add_argument("--test", type=Path, help="dataset.json of the test subjects")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is made; a run that was cut off goes on there")
    parser.add_argument("--holdout", type=int, choices=TRAIN_SUBJECTS, help="train without this subject and score it instead of the test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=100, help="of the float stage")
    parser.add_argument("--integer-epochs", type=int, default=12, help="of the integer stage")
    parser.add_argument("--rate", type=float, default=5e-3, help="greatest learning rate of the float stage; a fiftieth in the integer stage")
    parser.add_argument("--subnetworks", type=int, default=NETWORK.subnetworks, help="T: steps of a window, each with weights of its own")
    parser.add_argument("--memory", choices=("kept", "undone"), default="kept", help="undone: steps are undone, not kept; slower, smaller")
    parser.add_argument("--twin", action="store_true", help="also train the float twin for the integer stage's epochs")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if (options.test is None) == (options.holdout is None):
        parser.error("give either --test or --holdout")
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    everybody = read_actions(options.data)
    if options.holdout is None:
        train, scored = everybody.of(TRAIN_SUBJECTS), read_actions([options.test]).of(TEST_SUBJECTS)
    else:
        train, scored = everybody.of([each for each in TRAIN_SUBJECTS if each != options.holdout]), everybody.of([options.holdout])
    results = train_and_score(options, train, scored)
    (options.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps({name: value for name, value in results.items() if name != "confusion"}, indent=2))


def train_and_score(options: argparse.Namespace, train: Actions, scored: Actions) -> Dict[str, Any]:
    """Both stages, export, and the score of the averaged network in integers; with the float twin when asked for."""
    spec = replace(NETWORK, subnetworks=options.subnetworks)
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network, average = LevelNetwork(spec).to(device), LevelNetwork(spec).to(device)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    say(f"{parameters} parameters, {len(train)} recordings × {len(train.versions)}, seed {options.seed}, {device}")
    began = time.time()
    first_stage(options, network, train, device)
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
        fit(network, held, through(integer), train, FRAMING, AUGMENTATION, each, options.seed + 1, say, options.out / f"{each.name}.pt")
        return score(average, through(integer), *scored.recordings(), FRAMING, spec.subnetworks)

    results: Dict[str, Any] = {"float_twin": second_stage(False)["accuracy"]} if options.twin else {}
    results = {
        **second_stage(True), **results, "seed": options.seed, "epochs": [options.epochs, options.integer_epochs], "rate": options.rate,
        "subnetworks": options.subnetworks, "parameters": parameters, "trained_on": len(train), "versions": len(train.versions),
        "holdout": options.holdout, "seconds": round(time.time() - began), "threads": options.threads, "torch": str(torch.__version__),
    }
    what = f"UTD-MHAD before the simulator, {'the test subjects s2 s4 s6 s8' if options.holdout is None else f's{options.holdout}'}"
    made = [{"metric": "accuracy", "value": results["accuracy"], "n": results["n"], "data": what}]
    export(options.out / "actions-trev.safetensors", average.cpu(), card(train.names, results, made))
    return results


def first_stage(options: argparse.Namespace, network: LevelNetwork, train: Actions, device: str) -> None:
    """Floats with batch norm, all steps at once, folded into `network`."""
    normed, average = NormedLevels(network, DROPOUT).to(device), NormedLevels(network, DROPOUT).to(device)
    held = Average(normed, average)
    stage = StreamStage("float", options.epochs, options.rate, weight_decay=WEIGHT_DECAY)

    def forward(net: nn.Module, frames: Tensor, first: int):
        return net(frames)

    fit(normed, held, forward, train, FRAMING, AUGMENTATION, stage, options.seed, say, options.out / "float.pt", normed.limit)
    average.eval().fold(network)


def say(line: str) -> None:
    print(line, flush=True)


def card(names: Sequence[str], results: Dict[str, Any], scores: List[Dict[str, Any]]) -> Dict[str, Any]:
    """models/package/card.ts."""
    window = results["subnetworks"]
    return {
        "name": "actions-trev",
        "version": "1.0.0",
        "task": "classification",
        "labels": list(names),
        "sensor": {"kind": "dvs", "width": FRAMING.width, "height": FRAMING.height},
        "framing": {
            "kind": "time", "windowMicros": FRAMING.step_micros * window, "timesteps": window, "frame": "counts", "cap": FRAMING.cap,
            "state": "keep",
        },
        "vote": {"wins": 2, "of": 3},
        "openSet": OPEN_SET,
        "licence": "Apache-2.0",
        "provenance": {
            "data": "UTD-MHAD (Chen, Jafari, Kehtarnavaz, ICIP 2015): depth clips of subjects 1, 3, 5 and 7 before the simulator's DVS",
            "recipe": f"saccade_training.actions --seed {results['seed']} --epochs {results['epochs'][0]} "
            f"--integer-epochs {results['epochs'][1]} --rate {results['rate']} --subnetworks {window}"
            + (f" --holdout {results['holdout']}" if results["holdout"] else ""),
            "trained_on": f"{results['trained_on']} recordings, {results['versions']} versions of each",
            "torch": results["torch"],
        },
        "scores": scores,
    }


if __name__ == "__main__":
    main()
