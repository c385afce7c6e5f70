"""Training and scoring of networks that give logits at every step of a stream."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .events import Events
from .action_data import Actions
from .stream_augment import StreamAugmentation, StreamFraming, augmented, packed

# Frames u8[N, steps, H, W, 2] and the first step's number to logits [N, steps, classes] and mean counts of each level.
Forward = Callable[[nn.Module, Tensor, int], Tuple[Tensor, List[Tensor]]]

# Norm to which gradients are cut.
GREATEST_GRADIENT = 2.0
# How often a copy is made of the first version whatever the others: it is as the recordings that are scored.
FIRST_VERSION = 0.4


@dataclass(frozen=True)
class StreamStage:
    name: str
    epochs: int
    learning_rate: float
    batch: int = 8
    weight_decay: float = 0.0
    label_smoothing: float = 0.1
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
    # Of the averaged weights that are scored and exported.
    average: float = 0.98


class Average:
    """The exponential average of a network's parameters, in a network of its own."""

    def __init__(self, network: nn.Module, copy: nn.Module) -> None:
        copy.load_state_dict(network.state_dict())
        self.network, self._steps = copy, 0

    @torch.no_grad()
    def follow(self, network: nn.Module, keep: float) -> None:
        self._steps += 1
        keep = min(keep, (1 + self._steps) / (10 + self._steps))
        for mine, its in zip(self.network.parameters(), network.parameters()):
            mine.lerp_(its, 1 - keep)
        for mine, its in zip(self.network.buffers(), network.buffers()):
            mine.copy_(its)


def fit(
    network: nn.Module, average: Average, forward: Forward, actions: Actions, framing: StreamFraming, augmentation: StreamAugmentation,
    stage: StreamStage, seed: int, report: Callable[[str], None], state: Path, limit: Callable[[], None] = lambda: None,
) -> None:
    """
    Train in place with AdamW and one rise and fall of the learning rate. After each epoch all that is needed to go on is kept in `state`; if
    it is of this stage, training goes on from there. @param limit  keeps parameters in their ranges, after every step of the optimiser
    """
    random, device = np.random.default_rng(seed), next(network.parameters()).device
    batches = -(-len(actions) // stage.batch)
    weights = [each for each in network.parameters() if each.dim() > 1]
    others = [each for each in network.parameters() if each.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": weights, "weight_decay": stage.weight_decay}, {"params": others, "weight_decay": 0.0}], stage.learning_rate
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, stage.learning_rate, total_steps=max(2, stage.epochs * batches), pct_start=0.15, div_factor=10, final_div_factor=100
    )
    parts = {"network": network, "average": average.network, "optimiser": optimiser, "schedule": schedule}
    begin = _restore(state, stage, parts, random, average)
    for epoch in range(begin, stage.epochs):
        began, losses, right, rates = time.time(), 0.0, 0, []
        network.train()
        for rows in _batches(actions, framing, batches, random):
            frames, targets, *when = _draw(actions, rows, framing, augmentation, random)
            logits, counts = forward(network, torch.from_numpy(frames).to(device), int(random.integers(0, 1 << 16)))
            loss, hits = loss_of(logits, counts, targets.to(device), *(each.to(device) for each in when), stage)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), GREATEST_GRADIENT)
            optimiser.step()
            limit()
            schedule.step()
            average.follow(network, stage.average)
            losses, right = losses + loss.item() * len(rows), right + hits
            rates.append([count.item() for count in counts])
        torch.save({
            "stage": stage.name, "epoch": epoch + 1, "steps": average._steps, "random": random.bit_generator.state,
            **{name: part.state_dict() for name, part in parts.items()},
        }, state)
        activity = " ".join(f"{rate:.2f}" for rate in np.mean(rates, 0)) if rates[0] else "-"
        report(
            f"{stage.name} {epoch + 1}/{stage.epochs} loss {losses / len(actions):.3f} augmented accuracy {right / len(actions):.3f} "
            f"rates {activity} {time.time() - began:.0f} s"
        )


def _restore(state: Path, stage: StreamStage, parts: Mapping[str, Any], random: np.random.Generator, average: Average) -> int:
    if not state.exists():
        return 0
    held = torch.load(state)
    if held["stage"] != stage.name:
        return 0
    for name, part in parts.items():
        part.load_state_dict(held[name])
    random.bit_generator.state, average._steps = held["random"], held["steps"]
    return held["epoch"]


def _batches(actions: Actions, framing: StreamFraming, batches: int, random: np.random.Generator) -> List[np.ndarray]:
    """Recordings of about the same length together, so that little of a batch is padding."""
    order = random.permutation(len(actions))
    steps = np.array([framing.steps_of(actions.versions[0][i].events) for i in order]) + random.uniform(0, 20, len(order))
    split = np.array_split(order[np.argsort(steps)], batches)
    random.shuffle(split)
    return split


def _draw(actions: Actions, rows: np.ndarray, framing: StreamFraming, augmentation: StreamAugmentation, random: np.random.Generator):
    """Frames, targets, starts of recordings, begins and ends of their actions: one copy of one version of each recording, most often of the first."""
    drawn, past = [], random.random() < augmentation.past_probability
    for i in rows:
        version = 0 if random.random() < FIRST_VERSION else int(random.integers(len(actions.versions)))
        take = actions.versions[version][i]
        mirrored, probability = actions.mirrored_of(take.label)
        before = actions.versions[version][int(random.integers(len(actions)))].events if past else None
        copy = augmented(take.events, take.active, probability, framing, augmentation, random, before)
        drawn.append((copy.frames, mirrored if copy.mirrored else take.label, copy.start, copy.begin, copy.end))
    frames, *numbers = zip(*drawn)
    return packed(frames), *(torch.tensor(each) for each in numbers)


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
    """
    As `saccade eval` decides: the greatest sum of logits over all steps of all windows. @param window  T, steps of a window

    @return accuracy, n, rates, and confusion [label][answer]
    """
    network.eval()
    device = next(network.parameters()).device
    steps = np.array([-(-framing.steps_of(events) // window) * window for events in recordings])
    classes, rates, order = int(labels.max()) + 1, [], np.argsort(steps, kind="stable")
    confusion = np.zeros((classes, classes), np.int64)
    for rows in np.array_split(order, -(-len(order) // batch)):
        frames = packed([framing.frames(recordings[i], int(steps[i])) for i in rows])
        logits, counts = forward(network, torch.from_numpy(frames).to(device), 0)
        real = torch.from_numpy(np.arange(frames.shape[1])[None, :] < steps[rows, None]).to(device)
        answers = (logits * real[..., None]).sum(1).argmax(1).cpu().numpy()
        np.add.at(confusion, (labels[rows], answers), 1)
        rates.append([count.item() * len(rows) for count in counts])
    return {
        "accuracy": float(confusion.trace() / len(recordings)), "n": len(recordings),
        "rates": [float(rate) for rate in np.sum(rates, 0) / len(recordings)], "confusion": confusion.tolist(),
    }
