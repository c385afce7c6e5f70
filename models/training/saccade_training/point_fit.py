"""Training and scoring of networks of points on whole recordings of actions."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import loop
from .action_data import Actions, Take
from .answers import score_of
from .clouds import CloudFraming
from .denoise import background_activity
from .events import Events
from .loop import Average, Judged, Stage
from .moved_events import Augmentation, moved, with_noise
from .poses import Goals
from .skeletons import Pose

# Clouds i8[N, T, 1, points, 4] to logits of windows [N, classes], mean counts of the layers and, in a stage that asks for it, what poses are
# seen [N · T, parts, poses.VALUES].
Forward = Callable[[nn.Module, Tensor], Tuple]
# Velocities are taken over no less time than this.
LEAST_SPAN_MICROS = 20_000


@dataclass(frozen=True)
class CloudCopy:
    """i8[windows, T, 1, points, 4]; when its events came and its pose, µs after the first window's begin."""

    clouds: np.ndarray
    since: np.ndarray
    mirrored: bool
    pose: Optional[Pose]


def denoised(actions: Actions, micros: int, framing: CloudFraming) -> Actions:
    """The same recordings without background activity: their first events are those that are kept."""

    def quiet(take: Take) -> Take:
        events = background_activity(take.events, micros, framing.width, framing.height)
        late = float(events.t[0] - take.events.t[0])
        pose = take.pose and replace(take.pose, times=take.pose.times - late)
        return replace(take, events=events, active=(take.active[0] - late, take.active[1] - late), pose=pose)

    versions = [[quiet(take) for take in version] for version in actions.versions]
    return replace(actions, versions=versions, played=[quiet(take) for take in actions.played])


def changed_clouds(
    events: Events, mirror: float, framing: CloudFraming, augmentation: Augmentation, random: np.random.Generator,
    pose: Optional[Pose] = None,
) -> CloudCopy:
    """A changed copy; its first window begins up to half the lead before or after it."""
    copy = moved(events, pose.times if pose else (), mirror, framing.width, framing.height, augmentation, random)
    t, x, y, p = with_noise(copy, copy.length, framing.width, framing.height, augmentation, random)
    t = np.floor(t - augmentation.lead_micros / 2).astype(np.int64)
    kept = np.flatnonzero((t >= 0) & (x >= 0) & (x < framing.width) & (y >= 0) & (y < framing.height))
    kept = kept[np.argsort(t[kept], kind="stable")]
    windows = 1 + int(t[kept].max(initial=0)) // framing.window_micros
    moment = copy.moments - augmentation.lead_micros / 2
    clouds = framing.clouds(t[kept], x[kept], y[kept], p[kept], windows, random)
    return CloudCopy(clouds, t[kept], copy.mirrored, pose and pose.moved(moment, copy.mirrored))


def fit(
    network: nn.Module, average: Average, forward: Forward, actions: Actions, framing: CloudFraming, augmentation: Augmentation,
    stage: Stage, seed: int, report: Callable[[str], None], state: Path,
) -> float:
    """`loop.fit` on changed copies of the actions; the loss is the cross entropy of the sum over a copy's windows."""
    device, batches = next(network.parameters()).device, -(-actions.epoch_size() // stage.batch)
    goals = Goals(actions.poses()) if actions.poses() else None

    def epoch(random: np.random.Generator) -> Iterator[Judged]:
        takes = actions.epoch(random)
        for rows in np.array_split(random.permutation(len(takes)), batches):
            copies, targets = [], []
            for take in (takes[i] for i in rows):
                mirrored, probability = actions.mirrored_of(take.label)
                copies.append(changed_clouds(take.events, probability, framing, augmentation, random, take.pose))
                targets.append(mirrored if copies[-1].mirrored else take.label)
            windows, rates, *poses = forward(network, torch.from_numpy(np.concatenate([copy.clouds for copy in copies])).to(device))
            wanted, lengths = torch.tensor(targets, device=device), [len(copy.clouds) for copy in copies]
            owner = torch.repeat_interleave(torch.tensor(lengths)).to(device)
            logits = windows.new_zeros(len(copies), windows.shape[1]).index_add(0, owner, windows)
            loss = F.cross_entropy(logits, wanted, label_smoothing=stage.label_smoothing)
            if goals and poses:
                parts = poses[0].shape[1]
                told = poses[0].flatten(0, 1).split([length * framing.timesteps * parts for length in lengths])
                edges = (framing.spans(copy.since, len(copy.clouds), parts) for copy in copies)
                spans = [(begins, np.maximum(ends, begins + LEAST_SPAN_MICROS)) for begins, ends in edges]
                loss = loss + goals.loss(told, [copy.pose for copy in copies], spans)
            yield Judged(loss, int((logits.argmax(1) == wanted).sum()), len(rows), rates)

    run = (framing, augmentation, actions.fingerprint())
    return loop.fit(network, average, epoch, batches, stage, seed, report, state, run)


@torch.no_grad()
def score(
    network: nn.Module, forward: Forward, recordings: Sequence[Events], labels: np.ndarray, framing: CloudFraming, batch: int = 16
) -> Dict[str, Any]:
    """`score_of` the sums of logits over a recording's windows, and the layers' rates."""
    network.eval()
    device = next(network.parameters()).device
    windows = [framing.frames(events) for events in recordings]
    clouds, owner = np.concatenate(windows), np.repeat(np.arange(len(windows)), [len(each) for each in windows])
    parts, rates = [], []
    for begin in range(0, len(clouds), batch):
        logits, counts, *_ = forward(network, torch.from_numpy(clouds[begin : begin + batch]).to(device))
        parts.append(logits.double().cpu().numpy())
        rates.append([count.item() * len(logits) for count in counts])
    sums = np.zeros((len(windows), parts[0].shape[1]))
    np.add.at(sums, owner, np.concatenate(parts))
    return {**score_of(sums, labels), "rates": [float(rate) for rate in np.sum(rates, 0) / len(clouds)]}
