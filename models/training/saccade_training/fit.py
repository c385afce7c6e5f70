"""Training and scoring of networks that give logits by window."""

import time
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .augment import Augmentation, augmented_frames, frames_of
from .events import Events
from .framing import Framing
from .network import SpikingConvNet

# Frames f32[B, steps, C, H, W] to logits [B, windows, classes] and the counts of each spiking layer.
Forward = Callable[[Tensor], Tuple[Tensor, List[Tensor]]]

QUIET_WINDOW_EVENTS = 100


@dataclass(frozen=True)
class Stage:
    epochs: int
    learning_rate: float
    batch: int = 50
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    # Weight of the loss on single windows beside that on the recording's sum.
    window_weight: float = 0.5
    # Mean count of a neuron in a timestep above which activity costs, and what a layer costs at twice that.
    rate_target: float = 0.1
    rate_weight: float = 0.1
    # Recordings of nothing but noise in each batch, up to so many events a window, and what a spike of the last layer costs there:
    # without such spikes all logits are zero, and a window of noise says nothing.
    noise_recordings: int = 4
    noise_window_events: int = 60
    noise_weight: float = 0.0


def to_tensor(frames: np.ndarray) -> Tensor:
    """u8[B, windows, T, H, W, 2] to f32[B, windows · T, 2, H, W]."""
    return torch.from_numpy(frames).flatten(1, 2).permute(0, 1, 4, 2, 3).float()


def fit(
    model: nn.Module, forward: Forward, recordings: Sequence[Events], labels: np.ndarray, framing: Framing, windows: int,
    augmentation: Augmentation, stage: Stage, seed: int, report: Callable[[str], None],
) -> None:
    """Train in place with AdamW and one rise and fall of the learning rate; the device is that of the model's parameters."""
    random, device = np.random.default_rng(seed), next(model.parameters()).device
    steps = -(-len(recordings) // stage.batch)
    optimiser = torch.optim.AdamW(model.parameters(), stage.learning_rate, weight_decay=stage.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, stage.learning_rate, total_steps=max(2, stage.epochs * steps), pct_start=0.2)
    targets = torch.from_numpy(labels)
    for epoch in range(stage.epochs):
        began, loss_sum, right, rates = time.time(), 0.0, 0, []
        model.train()
        for at in np.array_split(random.permutation(len(recordings)), steps):
            frames = augmented_frames([recordings[i] for i in at], framing, windows, augmentation, random)
            noise = noise_frames(stage.noise_recordings, stage.noise_window_events, framing, windows, random)
            logits, layers = forward(to_tensor(np.concatenate([frames, noise])).to(device))
            logits, target = logits[: len(at)], targets[at].to(device)
            loss, rate = loss_of(logits, layers, target, torch.from_numpy(frames).flatten(2).sum(2).to(device), stage)
            if layers:
                loss = loss + stage.noise_weight * layers[-1][:, len(at) :].sum() / (len(noise) * windows)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if isinstance(model, SpikingConvNet):
                model.constrain()
            loss_sum += loss.item() * len(at)
            right += (logits.sum(1).argmax(1) == target).sum().item()
            rates.append(rate)
        rates_text = " ".join(f"{rate:.3f}" for rate in np.mean(rates, 0)) if rates[0] else "-"
        report(
            f"epoch {epoch + 1}/{stage.epochs} loss {loss_sum / len(recordings):.3f} augmented accuracy {right / len(recordings):.3f} "
            f"rates {rates_text} {time.time() - began:.1f} s"
        )


def noise_frames(rows: int, most: int, framing: Framing, windows: int, random: np.random.Generator) -> np.ndarray:
    """
    u8[rows, windows, T, H, W, 2]: from no events to `most` of them in a window, one density a row; one in ten comes from one hot pixel.
    """
    row = np.repeat(np.arange(rows), (random.random(rows) * most * windows).astype(np.int64))
    n = len(row)
    hot, hot_x, hot_y = random.random(n) < 0.1, random.integers(0, framing.width, rows), random.integers(0, framing.height, rows)
    x = np.where(hot, hot_x[row], random.integers(0, framing.width, n))
    y = np.where(hot, hot_y[row], random.integers(0, framing.height, n))
    counts = framing.count(
        random.integers(0, windows * framing.window_micros, n), x, y, random.integers(0, 2, n), row, rows, windows
    )
    return np.minimum(counts, framing.cap).astype(np.uint8)


def loss_of(logits: Tensor, layers: List[Tensor], target: Tensor, window_events: Tensor, stage: Stage) -> "tuple[Tensor, List[float]]":
    """Cross entropy of the recording's summed logits, that of single windows by their share of events, and the price of activity."""
    loss = F.cross_entropy(logits.sum(1), target, label_smoothing=stage.label_smoothing)
    share = window_events.float() / window_events.sum(1, keepdim=True).clamp(min=1)
    single = F.cross_entropy(
        logits.flatten(0, 1), target.repeat_interleave(logits.shape[1]), reduction="none", label_smoothing=stage.label_smoothing
    )
    loss = loss + stage.window_weight * (single * share.flatten()).sum() / len(target)
    rates = [layer.mean() for layer in layers]
    for rate in rates:
        loss = loss + stage.rate_weight * F.relu(rate / stage.rate_target - 1) ** 2
    return loss, [rate.item() for rate in rates]


@torch.no_grad()
def score(
    model: nn.Module, forward: Forward, recordings: Sequence[Events], labels: np.ndarray, framing: Framing, batch: int = 50
) -> Dict[str, object]:
    """
    Without augmentation, over all windows of each recording: accuracy of the summed logits, of single windows with at least
    QUIET_WINDOW_EVENTS events, and the mean count of each spiking layer.
    """
    model.eval()
    device = next(model.parameters()).device
    windows = np.array([framing.windows_of(events) for events in recordings])
    right = single_right = singles = 0
    rates, steps = [], 0
    for at in np.array_split(np.arange(len(recordings)), -(-len(recordings) // batch)):
        frames = frames_of([recordings[i] for i in at], framing, int(windows[at].max()))
        logits, layers = forward(to_tensor(frames).to(device))
        logits = logits.cpu().numpy()
        real = np.arange(logits.shape[1])[None, :] < windows[at, None]
        right += ((logits * real[..., None]).sum(1).argmax(1) == labels[at]).sum()
        loud = frames.reshape(*frames.shape[:2], -1).sum(2) >= QUIET_WINDOW_EVENTS
        single_right += ((logits.argmax(2) == labels[at, None]) & loud).sum()
        singles += loud.sum()
        rates.append([layer.mean().item() * len(at) for layer in layers])
    return {
        "accuracy": float(right / len(recordings)),
        "n": len(recordings),
        "window_accuracy": float(single_right / max(1, singles)),
        "windows": int(singles),
        "rates": [float(rate) for rate in np.sum(rates, 0) / len(recordings)],
    }
