"""
What the score of a network of levels is set beside, on the same recordings: a ridge classifier on counts pooled over space and time, and a
convolutional network of about the same size that keeps no state and looks at all steps at once.

  python -m saccade_training.action_baselines --data TRAIN… --test TEST --out results.json
"""

import argparse
import json
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .action_data import Actions, read_actions
from .action_recipe import TEST_SUBJECTS, TRAIN_SUBJECTS
from .actions import AUGMENTATION, FRAMING
from .baselines import RIDGE_PENALTIES, ridge
from .events import Events
from .loop import Average
from .stream_fit import StreamStage, fit, score

# Cells of a side, and parts of a recording's time, of the pooled counts.
RIDGE_CELLS, RIDGE_PARTS = 16, 8


class StepsConvNet(nn.Module):
    """Convolutions on every step's frame, batch norm and ReLU, then convolutions over time; logits at every step."""

    def __init__(self, classes: int, channels: Sequence[int] = (16, 32, 64, 96), wide: int = 192) -> None:
        super().__init__()
        pairs = list(zip((2, *channels[:-1]), channels))
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 4 if at == 0 else 3, 4 if at == 0 else 2, 0 if at == 0 else 1, bias=False) for at, (i, o) in enumerate(pairs))
        self.norms = nn.ModuleList(nn.BatchNorm2d(o) for o in channels)
        self.inner = nn.Conv1d(channels[-1] * 4, wide, 5, padding=2)
        self.outer = nn.Conv1d(wide, classes, 5, padding=2)

    def forward(self, frames: Tensor) -> "Tuple[Tensor, List[Tensor]]":
        """@param frames u8[N, steps, H, W, 2]; @return logits [N, steps, classes], and no counts"""
        batch = len(frames)
        x = torch.sqrt(frames.flatten(0, 1).permute(0, 3, 1, 2).float())
        for conv, norm in zip(self.convs, self.norms):
            x = F.relu(norm(conv(x)))
        x = F.adaptive_avg_pool2d(x, 2).flatten(1).unflatten(0, (batch, -1)).transpose(1, 2)
        return self.outer(F.relu(self.inner(F.dropout(x, 0.3, self.training)))).transpose(1, 2), []


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
    held = np.array([take.subject for take in takes]) == TRAIN_SUBJECTS[-1]
    right = {
        penalty: (ridge(features[~held], labels[~held], features[held], penalty) == labels[held]).mean() for penalty in RIDGE_PENALTIES
    }
    penalty = max(RIDGE_PENALTIES, key=lambda each: right[each])
    recordings, wanted = scored.recordings()
    predicted = ridge(features, labels, pooled(recordings), penalty)
    return {"accuracy": float((predicted == wanted).mean()), "n": len(wanted), "penalty": penalty, "held_out": float(right[penalty])}


def ann_baseline(train: Actions, scored: Actions, epochs: int, seed: int, state: Path) -> Dict[str, Any]:
    torch.manual_seed(seed)
    network, copy = StepsConvNet(len(train.names)), StepsConvNet(len(train.names))
    average = Average(network, copy)
    forward = lambda net, frames, first: net(frames)
    stage = StreamStage("ann", epochs, 3e-3)
    fit(network, average, forward, train, FRAMING, AUGMENTATION, stage, seed, lambda line: print(line, flush=True), state)
    result = score(average.network, forward, *scored.recordings(), FRAMING, 1)
    return {"accuracy": result["accuracy"], "n": result["n"], "parameters": sum(each.numel() for each in network.parameters()), "epochs": epochs}


def main() -> None:
    parser = argparse.ArgumentParser(description="Baselines for the network of actions.")
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="JSON to write; what the ANN needs to go on lies beside it")
    parser.add_argument("--epochs", type=int, default=60, help="of the ANN; 0: ridge alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    train, scored = read_actions(options.data).of(TRAIN_SUBJECTS), read_actions([options.test]).of(TEST_SUBJECTS)
    results: Dict[str, Any] = {"ridge": ridge_baseline(train, scored)}
    if options.epochs > 0:
        results["ann"] = ann_baseline(train, scored, options.epochs, options.seed, options.out.with_suffix(".pt"))
    options.out.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
