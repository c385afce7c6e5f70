"""The training loop that recipes share: batches, one optimiser, averaged weights, and a state from which a run that was cut off goes on."""

import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn

# Norm to which gradients are cut.
GREATEST_GRADIENT = 2.0


@dataclass(frozen=True)
class Stage:
    name: str
    epochs: int
    learning_rate: float
    batch: int = 8
    weight_decay: float = 0.0
    label_smoothing: float = 0.1
    # Share of the steps in which the learning rate rises.
    rise: float = 0.15
    # Of the averaged weights that are scored and exported.
    average: float = 0.98


@dataclass(frozen=True)
class Judged:
    """A batch's loss, how many of its recordings are named rightly, how many it has, and mean counts of layers."""

    loss: Tensor
    right: int
    recordings: int
    rates: Sequence[Tensor]


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


# Judges the batches of one epoch, each when the network has learned from those before it.
Epoch = Callable[[np.random.Generator], Iterable[Judged]]


class OtherRun(SystemExit):
    """The state that is there is another training's: a recipe ends with its message."""


def fit(
    network: nn.Module, average: Average, epoch: Epoch, batches: int, stage: Stage, seed: int, report: Callable[[str], None], state: Path,
    run: Tuple[Any, ...], limit: Callable[[], None] = lambda: None,
) -> float:
    """
    Train in place with AdamW and one rise and fall of the learning rate. After each epoch all that is needed to go on is kept in `state`, and
    from there training goes on, as if it had not been cut off.

    @param batches  of an epoch    @param run  with stage and seed what tells this training from others, in its repr
    @param limit  keeps parameters in their ranges, after every step of the optimiser
    @return seconds that it took, of this process and those before it; raises OtherRun
    """
    random = np.random.default_rng(seed)
    weights = [each for each in network.parameters() if each.dim() > 1]
    others = [each for each in network.parameters() if each.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": weights, "weight_decay": stage.weight_decay}, {"params": others, "weight_decay": 0.0}], stage.learning_rate
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, stage.learning_rate, total_steps=max(2, stage.epochs * batches), pct_start=stage.rise, div_factor=10, final_div_factor=100
    )
    parts = {"network": network, "average": average.network, "optimiser": optimiser, "schedule": schedule}
    shapes = [(name, tuple(each.shape)) for name, each in network.state_dict().items()]
    told = repr((stage, seed, batches, zlib.crc32(repr(shapes).encode()), *run))
    held = _held(state, told)
    if held:
        for name, part in parts.items():
            part.load_state_dict(held[name])
        random.bit_generator.state, average._steps = held["random"], held["steps"]
        torch.set_rng_state(held["torch"])
        torch.cuda.set_rng_state_all(held["cuda"])
    seconds = held.get("seconds", 0.0)
    for done in range(held.get("epoch", 0), stage.epochs):
        began, judged = time.time(), []
        network.train()
        for batch in epoch(random):
            optimiser.zero_grad(set_to_none=True)
            batch.loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), GREATEST_GRADIENT)
            optimiser.step()
            limit()
            schedule.step()
            average.follow(network, stage.average)
            judged.append((batch.loss.item() * batch.recordings, batch.right, batch.recordings, [rate.item() for rate in batch.rates]))
        seconds += time.time() - began
        _keep(state, {
            "run": told, "epoch": done + 1, "seconds": seconds, "steps": average._steps, "random": random.bit_generator.state,
            "torch": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all(), **{name: part.state_dict() for name, part in parts.items()},
        })
        losses, right, recordings, rates = zip(*judged)
        activity = " ".join(f"{rate:.2f}" for rate in np.mean(rates, 0)) if rates[0] else "-"
        report(
            f"{stage.name} {done + 1}/{stage.epochs} loss {sum(losses) / sum(recordings):.3f} augmented accuracy "
            f"{sum(right) / sum(recordings):.3f} rates {activity} {time.time() - began:.0f} s"
        )
    return seconds


def _keep(state: Path, held: Dict[str, Any]) -> None:
    """In one stroke: what is there stays whole when this is cut off."""
    new = state.with_suffix(".new")
    torch.save(held, new)
    os.replace(new, state)


def _held(state: Path, run: str) -> Dict[str, Any]:
    if not state.exists():
        return {}
    held = torch.load(state, map_location="cpu")
    if held.get("run") != run:
        raise OtherRun(f"{state} is of another training: other recordings, network, seed, epochs or version; give another --out, or delete it")
    return held
