"""Simulated recordings of UTD-MHAD's actions, as `saccade simulate actions` lists them in a dataset.json."""

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from .events import Events, in_order
from .evt3 import read_evt3
from .skeletons import Pose, Skeletons

# Actions that look alike when they are mirrored, and those that become another one. Of the rest but two it is the same with the other hand.
SYMMETRIC = (
    "clap", "arm_cross", "basketball_shoot", "boxing", "arm_curl", "push", "jog", "walk", "sit_to_stand", "stand_to_sit", "lunge", "squat",
)
EXCHANGED = {
    "swipe_left": "swipe_right", "swipe_right": "swipe_left", "draw_circle_cw": "draw_circle_ccw", "draw_circle_ccw": "draw_circle_cw",
}
UNLIKE = ("draw_x", "draw_triangle")
# Everybody in the recordings uses the right hand.
SYMMETRIC_PROBABILITY, HANDED_PROBABILITY = 0.5, 0.1
# How often the first version is drawn whatever the others: it is as the recordings that are scored.
FIRST_VERSION = 0.4
# In place of a subject's number.
ACTOR = 0


@dataclass(frozen=True)
class Take:
    """One recording: its label's index, who acts, when the action begins and ends, µs after the first event, and what skeleton was measured."""

    events: Events
    label: int
    subject: int
    active: Tuple[float, float]
    pose: Optional[Pose] = None


@dataclass(frozen=True)
class Actions:
    """The same performances, recording for recording, in one or more versions: other clothes, light, background, camera."""

    versions: Sequence[Sequence[Take]]
    names: Sequence[str]
    # Of the simulator's actor: more people, for training; and how many of theirs an epoch has to each other recording.
    played: Sequence[Take] = ()
    played_share: float = 1.0

    def __len__(self) -> int:
        return len(self.versions[0])

    def of(self, subjects: Sequence[int]) -> "Actions":
        return replace(self, versions=[[take for take in version if take.subject in subjects] for version in self.versions])

    def mirrored_of(self, label: int) -> "Tuple[int, float]":
        """What a mirrored one is, and how often one is made."""
        name = self.names[label]
        if name in SYMMETRIC:
            return label, SYMMETRIC_PROBABILITY
        return self.names.index(EXCHANGED.get(name, name)), 0.0 if name in UNLIKE else HANDED_PROBABILITY

    def __str__(self) -> str:
        return f"{len(self)} recordings × {len(self.versions)} and {len(self.played)} of the actor"

    def epoch_size(self) -> int:
        return len(self) + (round(self.played_share * len(self)) if self.played else 0)

    def epoch(self, random: np.random.Generator) -> List[Take]:
        """What an epoch has: each performance in one of its versions, most often the first, and as many of the actor's as belong to them."""
        others = [0 if random.random() < FIRST_VERSION else int(random.integers(len(self.versions))) for _ in range(len(self))]
        takes = [self.versions[version][i] for i, version in enumerate(others)]
        return takes + [self.played[int(random.integers(len(self.played)))] for _ in range(self.epoch_size() - len(self))]

    def fingerprint(self) -> Tuple[float, int]:
        """Tells trainings on other recordings apart."""
        takes = [take for version in (*self.versions, self.played) for take in version]
        told = zlib.crc32(repr([(take.label, take.subject, take.active, take.pose is not None) for take in takes]).encode())
        for take in takes:
            pose = (take.pose.times, take.pose.joints) if take.pose else ()
            for column in (take.events.t, take.events.x, take.events.y, take.events.p, *pose):
                told = zlib.crc32(np.ascontiguousarray(column), told)
        return self.played_share, told

    def poses(self) -> List[Pose]:
        """Of the first version."""
        return [take.pose for take in self.versions[0] if take.pose]

    def recordings(self) -> "Tuple[List[Events], np.ndarray]":
        """Events and labels of the first version."""
        return [take.events for take in self.versions[0]], np.array([take.label for take in self.versions[0]])


def read_actions(datasets: Sequence[Path], actor: Sequence[Path] = (), skeletons: Optional[Path] = None) -> Actions:
    """
    Raises ValueError when a file is no list of such recordings, or when two do not list the same performances: mirrored ones may have another
    label.

    @param actor  recordings as `saccade simulate actor` lists them    @param skeletons  of the other recordings (skeletons.py)
    """
    measured = Skeletons(skeletons) if skeletons else None
    versions, names, clips = [], None, None
    for path in datasets:
        described = _listed(path, ("clip", "subject"))
        samples = sorted(described["samples"], key=lambda sample: sample["clip"])
        names, clips = names or described["labels"], clips or [sample["clip"] for sample in samples]
        if described["labels"] != names or [sample["clip"] for sample in samples] != clips:
            raise ValueError(f"{path}: lists other performances, or labels, than {datasets[0]}")
        versions.append([_take(path, sample, names, measured) for sample in samples])
    return Actions(versions, names, [take for path in actor for take in _played(path, names)])


def _played(path: Path, names: Sequence[str]) -> List[Take]:
    described = _listed(path)
    if not set(described["labels"]) <= set(names):
        raise ValueError(f"{path}: lists actions that the others do not")
    return [_take(path, sample, names) for sample in described["samples"]]


def _listed(path: Path, more: Sequence[str] = ()) -> Any:
    """A dataset.json. @param more  members of its samples, beside those that all have"""
    described = json.loads(path.read_text())
    try:
        for sample in described["samples"]:
            for member in ("file", "format", "label", "intervals", *more):
                sample[member]
        described["labels"]
    except (KeyError, TypeError) as missing:
        raise ValueError(f"{path}: is no list of simulated actions: it lacks {missing}") from missing
    return described


def _take(path: Path, sample: Any, names: Sequence[str], skeletons: Optional[Skeletons] = None) -> Take:
    if sample["format"] != "evt3" or len(sample["intervals"]) != 1:
        raise ValueError(f"{path}: {sample['file']} is no recording of one action in evt3")
    events = in_order(Events(*read_evt3(path.parent / sample["file"])))
    if not len(events.t):
        raise ValueError(f"{path}: {sample['file']} holds no events")
    if sample["label"] not in names:
        raise ValueError(f"{path}: {sample['file']} has the label {sample['label']}, which labels does not list")
    interval = sample["intervals"][0]
    begin = int(events.t[0])
    active = interval["start"] - begin, interval["end"] - begin
    return Take(events, names.index(sample["label"]), sample.get("subject", ACTOR), active, skeletons and skeletons.pose(sample, begin))
