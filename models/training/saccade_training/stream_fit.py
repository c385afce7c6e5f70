"""Training and scoring of networks that give logits at every step of a stream."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import loop
from .action_data import Actions, Take
from .answers import score_of
from .events import Events
from .loop import Average, Judged, Stage
from .poses import Goals
from .stream_augment import Copy, StreamAugmentation, StreamFraming, augmented, packed

# Frames u8[N, steps, H, W, 2] and the first step's number to logits [N, steps, classes], mean counts of each level and, in a stage that asks for
# it, what poses are seen [N, steps, poses.VALUES].
Forward = Callable[[nn.Module, Tensor, int], Tuple]


@dataclass(frozen=True)
class StreamStage(Stage):
    # A recording's logits are summed over its steps; so many steps' worth decide in the loss.
    decisive_steps: float = 12.0
    # Weight of the loss on single steps, which grows from the action's begin to its end, and of flat logits before it begins.
    step_weight: float = 0.5
    idle_weight: float = 0.1
    # Steps after its end in which an action still counts.
    late_steps: float = 4.0
    # Mean count of a level above which activity costs.
    rate_target: float = 0.4
    rate_weight: float = 0.05


def fit(
    network: nn.Module, average: Average, forward: Forward, actions: Actions, framing: StreamFraming, augmentation: StreamAugmentation,
    stage: StreamStage, seed: int, report: Callable[[str], None], state: Path, limit: Callable[[], None] = lambda: None,
) -> float:
    """`loop.fit` on changed copies of the actions, recordings of about the same length together."""
    device, batches = next(network.parameters()).device, -(-actions.epoch_size() // stage.batch)
    goals = Goals(actions.poses()) if actions.poses() else None

    def epoch(random: np.random.Generator) -> Iterator[Judged]:
        takes = actions.epoch(random)
        for rows in _batches(takes, framing, batches, random):
            copies, targets = _draw(actions, [takes[i] for i in rows], takes, framing, augmentation, random)
            frames = packed([copy.frames for copy in copies])
            logits, counts, *poses = forward(network, torch.from_numpy(frames).to(device), int(random.integers(0, 1 << 16)))
            when = (torch.tensor(each, device=device) for each in zip(*((copy.start, copy.begin, copy.end) for copy in copies)))
            loss, hits = loss_of(logits, counts, torch.tensor(targets, device=device), *when, stage)
            if goals and poses:
                told = [row[: len(copy.frames)] for row, copy in zip(poses[0], copies)]
                spans = [framing.spans(len(each)) for each in told]
                loss = loss + goals.loss(told, [copy.pose for copy in copies], spans)
            yield Judged(loss, hits, len(rows), counts)

    run = (framing, augmentation, actions.fingerprint())
    return loop.fit(network, average, epoch, batches, stage, seed, report, state, run, limit)


def _batches(takes: Sequence[Take], framing: StreamFraming, batches: int, random: np.random.Generator) -> List[np.ndarray]:
    """Recordings of about the same length together, so that little of a batch is padding."""
    order = random.permutation(len(takes))
    steps = np.array([framing.steps_of(takes[i].events) for i in order]) + random.uniform(0, 20, len(order))
    split = np.array_split(order[np.argsort(steps)], batches)
    random.shuffle(split)
    return split


def _draw(
    actions: Actions, takes: Sequence[Take], others: Sequence[Take], framing: StreamFraming, augmentation: StreamAugmentation,
    random: np.random.Generator,
) -> "Tuple[List[Copy], List[int]]":
    """Changed copies and their labels. @param others  recordings of which one may come before each"""
    copies, targets, past = [], [], random.random() < augmentation.past_probability
    for take in takes:
        mirrored, probability = actions.mirrored_of(take.label)
        before = others[int(random.integers(len(others)))].events if past else None
        copies.append(augmented(take.events, take.active, probability, framing, augmentation, random, before, take.pose))
        targets.append(mirrored if copies[-1].mirrored else take.label)
    return copies, targets


def loss_of(
    logits: Tensor, counts: List[Tensor], targets: Tensor, starts: Tensor, begins: Tensor, ends: Tensor, stage: StreamStage
) -> "tuple[Tensor, int]":
    """
    Cross entropy of the recording's summed logits, that of its single steps, flat logits before it begins, and the price of activity.

    @param logits [N, steps, classes]    @param starts, begins, ends  of the recording, of its action, in steps [N]
    @return the loss, and how many sums are right
    """
    batch, steps, classes = logits.shape
    middle = torch.arange(steps, device=logits.device).float() + 0.5
    past = (middle > starts[:, None]) & (middle < ends[:, None] + stage.late_steps)
    total = (logits * past[..., None]).sum(1)
    loss = F.cross_entropy(total / stage.decisive_steps, targets, label_smoothing=stage.label_smoothing)
    single = F.cross_entropy(
        logits.flatten(0, 1), targets.repeat_interleave(steps), reduction="none", label_smoothing=stage.label_smoothing
    ).reshape(batch, steps)
    weight = ((middle - begins[:, None]) / (ends - begins)[:, None]).clamp(0, 1) * past
    loss = loss + stage.step_weight * (single * weight).sum() / weight.sum()
    idle = ((middle > starts[:, None]) & (middle < begins[:, None])).float()
    flat = -F.log_softmax(logits, -1).mean(-1) - float(np.log(classes))
    loss = loss + stage.idle_weight * (flat * idle).sum() / idle.sum().clamp(min=1)
    for count in counts:
        loss = loss + stage.rate_weight * F.relu(count / stage.rate_target - 1) ** 2
    return loss, int((total.argmax(1) == targets).sum())


@torch.no_grad()
def score(
    network: nn.Module, forward: Forward, recordings: Sequence[Events], labels: np.ndarray, framing: StreamFraming, window: int,
    batch: int = 16,
) -> Dict[str, Any]:
    """`score_of` the sums of logits over all steps of all windows, and the levels' rates. @param window  T, steps of a window"""
    network.eval()
    device = next(network.parameters()).device
    steps = np.array([-(-framing.steps_of(events) // window) * window for events in recordings])
    sums, rates, order = [], [], np.argsort(steps, kind="stable")
    for rows in np.array_split(order, -(-len(order) // batch)):
        frames = packed([framing.frames(recordings[i], int(steps[i])) for i in rows])
        logits, counts, *_ = forward(network, torch.from_numpy(frames).to(device), 0)
        real = torch.from_numpy(np.arange(frames.shape[1])[None, :] < steps[rows, None]).to(device)
        sums.append((logits * real[..., None]).double().sum(1).cpu().numpy())
        rates.append([count.item() * len(rows) for count in counts])
    return {**score_of(np.concatenate(sums), labels[order]), "rates": [float(rate) for rate in np.sum(rates, 0) / len(recordings)]}
