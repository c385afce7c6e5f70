"""
The recipe of models/zoo/nmnist: a spiking convolutional network for N-MNIST, trained on the 1,000 recordings of nmnist-small.

  python -m saccade_training.nmnist --data DIR --out DIR              trains on all 1,000, scores the test recordings once
  python -m saccade_training.nmnist --data DIR --out DIR --holdout    trains on 800, scores the other 200; for every choice
  python -m saccade_training.nmnist --data DIR --out DIR --weight-bits 4 --epochs 0 --from nmnist.safetensors
                                                                      trains a checkpoint on, with weights of 4 bits
  python -m saccade_training.nmnist --data DIR --out DIR --channels 4 12 24 --name nmnist-tiny
                                                                      a network for 16 KiB of RAM

DIR holds train.json and test.json. The output folder gets nmnist.safetensors and results.json.
"""

import argparse
import copy
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import torch

from .augment import Augmentation
from .baselines import RIDGE_PENALTIES, ConvNet, ridge, ridge_features
from .checkpoint import export, read_checkpoint, restore
from .evaluate import evaluate
from .events import Events, in_order, read_dataset
from .fit import Stage, fit, score
from .framing import Framing
from .integer import IntegerNetwork
from .network import NetworkSpec, SpikingConvNet

FRAMING = Framing(window_micros=100_000, timesteps=5, cap=7)
NETWORK = NetworkSpec(channels=(2, 16, 32, 64), input_bound=FRAMING.cap)
AUGMENTATION = Augmentation()
# Recordings last 291..314 ms, and augmentation may begin them late.
TRAIN_WINDOWS = 4
SPLIT_SEED = 7
HELD_OUT = 200


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the N-MNIST network of the zoo.")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.json and test.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for nmnist.safetensors and results.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=60, help="of the float stage")
    parser.add_argument("--integer-epochs", type=int, default=16, help="of the integer stage")
    parser.add_argument("--weight-bits", type=int, choices=(8, 4), default=8, help="of the integer stage")
    parser.add_argument("--from", type=Path, dest="origin", help="a checkpoint to begin from, instead of random weights and a float stage")
    parser.add_argument("--rate", type=float, default=0.1, help="mean count of a neuron in a timestep above which activity costs")
    parser.add_argument("--channels", type=int, nargs="+", default=NETWORK.channels[1:], help="of the convolutions")
    parser.add_argument("--name", default="nmnist", help="of the package; with weights of 4 bits -int4 is added")
    parser.add_argument("--batch", type=int, default=50, help="recordings")
    parser.add_argument("--holdout", action="store_true", help="train on 800, score 200 of the training recordings, leave the test alone")
    parser.add_argument("--baselines", action="store_true", help="also train the float twin's second stage, the ANN and the ridge")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.origin is not None and options.epochs > 0:
        parser.error("a checkpoint is in integers already: give --epochs 0 with --from")
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    recordings, labels, names = _read(options.data / "train.json")
    if options.holdout:
        order = np.random.default_rng(SPLIT_SEED).permutation(len(recordings))
        scored, trained = order[:HELD_OUT], order[HELD_OUT:]
        test, test_labels = [recordings[i] for i in scored], labels[scored]
        recordings, labels = [recordings[i] for i in trained], labels[trained]
    else:
        test, test_labels, test_names = _read(options.data / "test.json")
        if test_names != names:
            parser.error("test.json lists other labels than train.json, or the same in another order")
    results = run(options, recordings, labels, test, test_labels, names)
    (options.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


def _read(path: Path) -> Tuple[List[Events], np.ndarray, Sequence[str]]:
    recordings, labels, names = read_dataset(path)
    return [in_order(events) for events in recordings], labels, names


def run(
    options: argparse.Namespace, train: Sequence[Events], labels: np.ndarray, test: Sequence[Events], test_labels: np.ndarray,
    names: Sequence[str],
) -> Dict[str, Any]:
    """Both stages, export, and the score of the file that was written; with the baselines when asked for."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    float_stage = Stage(options.epochs, 4e-3, options.batch, rate_target=options.rate)
    integer_stage = Stage(options.integer_epochs, 5e-4, options.batch, rate_target=options.rate, noise_weight=0.01)

    def train_with(model, forward, stage, seed):
        fit(model, forward, train, labels, FRAMING, TRAIN_WINDOWS, AUGMENTATION, stage, seed, lambda line: print(line, flush=True))
        return score(model, forward, test, test_labels, FRAMING)

    torch.manual_seed(options.seed)
    began = time.time()
    model = SpikingConvNet(replace(NETWORK, channels=(2, *options.channels), weight_bits=options.weight_bits)).to(device)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{parameters} parameters, {len(train)} recordings, seed {options.seed}, {device}, torch {torch.__version__}", flush=True)
    if options.origin is not None:
        restore(options.origin, model)
    else:
        train_with(model, lambda frames: model(frames, FRAMING.timesteps, False), float_stage, options.seed)
    twin = copy.deepcopy(model)
    model.fold()
    model.constrain()
    integer = train_with(model, lambda frames: model(frames, FRAMING.timesteps, True), integer_stage, options.seed + 1)
    seconds = round(time.time() - began)
    results: Dict[str, Any] = {
        "name": options.name, "channels": list(options.channels),
        "seed": options.seed, "weight_bits": options.weight_bits, "from": options.origin and options.origin.name,
        "trained_on": len(train), "scored_on": len(test), "parameters": parameters,
        "epochs": [options.epochs, options.integer_epochs], "rate": options.rate, "batch": options.batch, "seconds": seconds,
        "threads": options.threads, "device": device, "torch": str(torch.__version__), "integer": integer,
    }
    path = options.out / "nmnist.safetensors"
    scores = [{
        "metric": "accuracy", "value": integer["accuracy"], "n": len(test),
        "data": f"N-MNIST, {len(test)} held-out training recordings" if options.holdout else "N-MNIST, nmnist-small test recordings",
    }]
    export(path, model.cpu(), card(names, results, scores))
    results["file"] = evaluate(path, test, test_labels)
    results["silent_noise_windows"] = silent_noise_windows(path)
    if options.baselines:
        results["float_twin"] = train_with(twin, lambda frames: twin(frames, FRAMING.timesteps, False), integer_stage, options.seed + 1)
        ann = ConvNet(NETWORK).to(device)
        train_with(ann, lambda frames: ann(frames, FRAMING.timesteps), float_stage, options.seed)
        results["ann"] = train_with(ann, lambda frames: ann(frames, FRAMING.timesteps), integer_stage, options.seed + 1)
        results["ann"]["parameters"] = sum(parameter.numel() for parameter in ann.parameters())
        results["ridge"] = ridge_baseline(train, labels, test, test_labels)
    return results


def silent_noise_windows(path: Path) -> Dict[str, float]:
    """For windows of so many noise events, the share in which all logits are zero."""
    nodes, _, outputs = read_checkpoint(path)
    network, shares = IntegerNetwork(nodes, outputs), {}
    for events in (10, 35, 60, 100):
        random = np.random.default_rng(events)
        n, windows, at = events * 40, 40, np.zeros(events * 40, np.int64)
        since = random.integers(0, windows * FRAMING.window_micros, n)
        x, y, p = random.integers(0, FRAMING.width, n), random.integers(0, FRAMING.height, n), random.integers(0, 2, n)
        frames = np.minimum(FRAMING.count(since, x, y, p, at, 1, windows), FRAMING.cap).astype(np.uint8)
        shares[str(events)] = float((network.logits(frames, keep_state=True)[0] == 0).all(1).double().mean())
    return shares


def ridge_baseline(train: Sequence[Events], labels: np.ndarray, test: Sequence[Events], test_labels: np.ndarray) -> Dict[str, Any]:
    """The penalty is chosen on the last fifth of the training recordings."""
    features, held = ridge_features(train, FRAMING), len(train) // 5
    penalty = max(
        RIDGE_PENALTIES, key=lambda each: (ridge(features[:-held], labels[:-held], features[-held:], each) == labels[-held:]).mean()
    )
    predicted = ridge(features, labels, ridge_features(test, FRAMING), penalty)
    return {"accuracy": float((predicted == test_labels).mean()), "n": len(test), "penalty": penalty}


def card(names: Sequence[str], results: Dict[str, Any], scores: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """models/package/card.ts."""
    return {
        "name": results["name"] + ("" if results["weight_bits"] == 8 else f"-int{results['weight_bits']}"),
        "version": "1.0.0",
        "task": "classification",
        "labels": list(names),
        "sensor": {"kind": "dvs", "width": FRAMING.width, "height": FRAMING.height},
        "framing": {
            "kind": "time", "windowMicros": FRAMING.window_micros, "timesteps": FRAMING.timesteps, "frame": "counts", "cap": FRAMING.cap,
            "state": "keep",
        },
        "vote": {"wins": 2, "of": 3},
        "licence": "Apache-2.0",
        "provenance": {
            "data": "N-MNIST (Orchard, Jayawant, Cohen, Thakor 2015, CC BY-SA 4.0): the 1,000 training recordings of nmnist-small",
            "recipe": f"saccade_training.nmnist --seed {results['seed']} --epochs {results['epochs'][0]} "
            f"--integer-epochs {results['epochs'][1]}"
            + (f" --rate {results['rate']}" if results["rate"] != 0.1 else "")
            + (f" --channels {' '.join(map(str, results['channels']))}" if tuple(results["channels"]) != NETWORK.channels[1:] else "")
            + (f" --weight-bits {results['weight_bits']}" if results["weight_bits"] != 8 else "")
            + (f" --from {results['from']}" if results["from"] else ""),
            "trained_on": f"{results['trained_on']} recordings",
            "torch": results["torch"],
        },
        "scores": list(scores),
    }


if __name__ == "__main__":
    main()
