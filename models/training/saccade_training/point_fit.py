"""Training and scoring of networks of points on whole recordings of actions."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import loop
from .action_data import Actions, Take
from .clouds import CloudFraming
from .denoise import background_activity
from .events import Events
from .loop import Average, Judged, Stage
from .moved_events import Augmentation, moved, with_noise

# Clouds i8[N, T, 1, points, 4] to logits of windows [N, classes] and mean counts of the layers.
Forward = Callable[[nn.Module, Tensor], Tuple[Tensor, List[Tensor]]]


def denoised(actions: Actions, micros: int, framing: CloudFraming) -> Actions:
    """The same recordings without background activity: their first events are those that are kept."""

    def quiet(take: Take) -> Take:
        events = background_activity(take.events, micros, framing.width, framing.height)
        late = float(events.t[0] - take.events.t[0])
        return replace(take, events=events, active=(take.active[0] - late, take.active[1] - late))

    versions = [[quiet(take) for take in version] for version in actions.versions]
    return replace(actions, versions=versions, played=[quiet(take) for take in actions.played])


def changed_clouds(
    events: Events, active: "Tuple[float, float]", mirror: float, framing: CloudFraming, augmentation: Augmentation,
    random: np.random.Generator,
) -> "Tuple[np.ndarray, bool]":
    """i8[windows, T, 1, points, 4] of a changed copy; the first begins up to half the lead before or after it. And whether it is mirrored."""
    copy = moved(events, active, mirror, framing.width, framing.height, augmentation, random)
    t, x, y, p = with_noise(copy, copy.length, framing.width, framing.height, augmentation, random)
    t = np.floor(t - augmentation.lead_micros / 2).astype(np.int64)
    kept = np.flatnonzero((t >= 0) & (x >= 0) & (x < framing.width) & (y >= 0) & (y < framing.height))
    kept = kept[np.argsort(t[kept], kind="stable")]
    windows = 1 + int(t[kept].max(initial=0)) // framing.window_micros
    return framing.clouds(t[kept], x[kept], y[kept], p[kept], windows, random), copy.mirrored


def fit(
    network: nn.Module, average: Average, forward: Forward, actions: Actions, framing: CloudFraming, augmentation: Augmentation,
    stage: Stage, seed: int, report: Callable[[str], None], state: Path,
) -> None:
    """
    `loop.fit` on changed copies of the actions, and in each batch of as many that the actor played; the loss is the cross entropy of
    the sum over a copy's windows.
    """
    device, batches = next(network.parameters()).device, -(-len(actions) // stage.batch)

    def epoch(random: np.random.Generator) -> Iterator[Judged]:
        for rows in np.array_split(random.permutation(len(actions)), batches):
            takes = [actions.drawn(random)[i] for i in rows]
            if actions.played:
                takes += [actions.played[i] for i in random.integers(0, len(actions.played), len(rows))]
            clouds, targets = zip(*(_changed(actions, take, framing, augmentation, random) for take in takes))
            windows, rates = forward(network, torch.from_numpy(np.concatenate(clouds)).to(device))
            wanted = torch.tensor(targets, device=device)
            owner = torch.repeat_interleave(torch.tensor([len(each) for each in clouds])).to(device)
            logits = windows.new_zeros(len(clouds), windows.shape[1]).index_add(0, owner, windows)
            loss = F.cross_entropy(logits, wanted, label_smoothing=stage.label_smoothing)
            yield Judged(loss, int((logits.argmax(1) == wanted).sum()), len(takes), rates)

    loop.fit(network, average, epoch, batches, stage, seed, report, state)


def _changed(
    actions: Actions, take: Take, framing: CloudFraming, augmentation: Augmentation, random: np.random.Generator
) -> "Tuple[np.ndarray, int]":
    mirrored, probability = actions.mirrored_of(take.label)
    clouds, flipped = changed_clouds(take.events, take.active, probability, framing, augmentation, random)
    return clouds, mirrored if flipped else take.label


@torch.no_grad()
def score(
    network: nn.Module, forward: Forward, recordings: Sequence[Events], labels: np.ndarray, framing: CloudFraming, batch: int = 16
) -> Dict[str, Any]:
    """
    As `saccade eval` decides: the greatest sum of logits over a recording's windows.

    @return accuracy, n, rates, and confusion [label][answer]
    """
    network.eval()
    device, classes = next(network.parameters()).device, int(labels.max()) + 1
    windows = [framing.frames(events) for events in recordings]
    clouds, owner = np.concatenate(windows), np.repeat(np.arange(len(windows)), [len(each) for each in windows])
    parts, rates = [], []
    for begin in range(0, len(clouds), batch):
        logits, counts = forward(network, torch.from_numpy(clouds[begin : begin + batch]).to(device))
        parts.append(logits.double().cpu().numpy())
        rates.append([count.item() * len(logits) for count in counts])
    sums = np.zeros((len(windows), parts[0].shape[1]))
    np.add.at(sums, owner, np.concatenate(parts))
    confusion = np.zeros((max(classes, sums.shape[1]),) * 2, np.int64)
    np.add.at(confusion, (labels, sums.argmax(1)), 1)
    return {
        "accuracy": float(confusion.trace() / len(windows)), "n": len(windows),
        "rates": [float(rate) for rate in np.sum(rates, 0) / len(clouds)], "confusion": confusion.tolist(),
    }
