"""The recipe of actions on made-up recordings: reading, changed copies, and that the command learns and leaves a file that scores alike."""

import contextlib
import io
import json
import struct
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Any, List
from unittest import mock

import numpy as np
import torch

from saccade_training import action_baselines, actions
from saccade_training.action_baselines import ann_baseline, ridge_baseline
from saccade_training.action_data import SYMMETRIC, read_actions
from saccade_training.action_recipe import card_of, recipe_parser, recordings, results_of
from saccade_training.checkpoint import read_checkpoint
from saccade_training.evaluate import evaluate
from saccade_training.evaluate import main as evaluate_main
from saccade_training.events import Events, read_dataset
from saccade_training.evt3 import read_evt3
from saccade_training.levels import LevelNetwork, LevelSpec
from saccade_training.moved_events import moved
from saccade_training.normed_levels import NormedLevels
from saccade_training.skeletons import JOINTS, Pose
from saccade_training.stream_augment import StreamAugmentation, StreamFraming, augmented, packed

STILL = StreamAugmentation(*[0.0] * 13, most_steps=100)


def evt3(events) -> bytes:
    """(t, x, y, p) in order, one word group each."""
    words = []
    for t, x, y, p in events:
        words += [0x8000 | t >> 12 & 0xFFF, 0x6000 | t & 0xFFF, y, 0x2000 | p << 11 | x]
    return b"% evt 3.0\n% geometry 128x128\n% end\n" + struct.pack(f"<{len(words)}H", *words)


def write_recordings(folder: Path, seed: int) -> Path:
    """A bar that moves to the right ("a") or to the left ("b"), by each of eight people."""
    random, samples = np.random.default_rng(seed), []
    folder.mkdir()
    for subject in range(1, 9):
        for label in ("a", "b"):
            t = np.sort(random.integers(0, 700_000, 1500))
            at = t / 700_000 * 80
            x = np.round(24 + (at if label == "a" else 80 - at) + random.normal(0, 2, len(t))).astype(int)
            y = random.integers(30, 100, len(t))
            clip = f"{label}_s{subject}"
            (folder / f"{clip}.raw").write_bytes(evt3(zip(t.tolist(), x.tolist(), y.tolist(), (x % 2).tolist())))
            samples.append({
                "file": f"{clip}.raw", "format": "evt3", "label": label, "clip": clip, "subject": subject,
                "mirrored": False, "end": 700_000, "intervals": [{"start": 50_000, "end": 650_000, "label": label}],
            })
    path = folder / "dataset.json"
    path.write_text(json.dumps({"task": "classification", "labels": ["a", "b"], "samples": samples}))
    return path


def write_skeletons(path: Path) -> Path:
    """Of the same people: a still body, and a right hand that goes where the bar goes."""
    still = np.random.default_rng(5).integers(-2000, 2000, (20, 3))
    still[0], still[2] = 0, (0, 2000, 0)
    clips, names = [], []
    for subject in range(1, 9):
        for label, way in (("a", -1), ("b", 1)):
            frames = np.repeat(still[None], 22, 0)
            frames[:, JOINTS.index("HandRight"), 0] = way * np.linspace(-2000, 2000, 22)
            clips.append(frames)
            names.append(f"{label}_s{subject}_skeleton.mat")
    starts = np.arange(len(clips) + 1) * 22
    np.savez(path, q=np.concatenate(clips).astype(np.int16), scale=np.float64(0.00025), start=starts, name=np.array(names), joints=np.array(JOINTS))
    return path


class Reading(unittest.TestCase):
    def test_evt3_words(self) -> None:
        words = [
            0x0001, 0x2805,  # before any time: dropped
            0x8001, 0x6002, 0x0007, 0x2803, 0x2004, 0x3805, 0x4801, 0x5003, 0x3010, 0x5080,
            0x8FFF, 0x6FFF, 0x2001, 0x8000, 0x6001, 0x2002,
            0x2FFF,  # as great as a time's word: what was before the first time tells none
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.raw"
            path.write_bytes(b"% evt 3.0\n" + struct.pack(f"<{len(words)}H", *words) + b"\0")
            t, x, y, p = read_evt3(path)
        self.assertEqual(t.tolist(), [4098] * 7 + [(1 << 24) - 1] + [(1 << 24) + 1] * 2)
        self.assertEqual(x.tolist(), [3, 4, 5, 16, 17, 18, 23, 1, 2, 2047])
        self.assertEqual(set(y.tolist()), {7})
        self.assertEqual(p.tolist(), [1, 0, 1, 1, 1, 1, 0, 0, 0, 1])

    def test_other_performances_are_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first, second = write_recordings(Path(folder) / "1", 1), write_recordings(Path(folder) / "2", 2)
            self.assertEqual(len(read_actions([first, second])), 16)
            described = json.loads(second.read_text())
            described["samples"].pop()
            second.write_text(json.dumps(described))
            with self.assertRaisesRegex(ValueError, "other performances"):
                read_actions([first, second])
            with self.assertRaisesRegex(ValueError, "it lacks 'clip'"):
                described["samples"][0].pop("clip")
                second.write_text(json.dumps(described))
                read_actions([second])

    def test_what_is_learned_from_tells_trainings_apart(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            actions = read_actions([write_recordings(Path(folder) / "1", 1)])
        one, *rest = actions.versions[0]
        one = replace(one, pose=Pose(np.arange(2.0), np.zeros((2, 20, 3), np.float32)))
        mirrored = replace(one.events, x=127 - one.events.x)
        others = [replace(one, events=mirrored), replace(one, pose=Pose(np.arange(2.0), np.ones((2, 20, 3), np.float32))), replace(one, pose=None), one]
        prints = [replace(actions, versions=[[each, *rest]]).fingerprint() for each in others]
        self.assertEqual(len(set(prints)), 4)

    def test_an_epoch_has_each_performance_once_and_some_of_the_actors(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first, second = write_recordings(Path(folder) / "1", 1), write_recordings(Path(folder) / "2", 2)
            actions = replace(read_actions([first, second], [second]).of((1, 3, 5)), played_share=0.5)
        random, seen = np.random.default_rng(1), set()
        for _ in range(20):
            takes = actions.epoch(random)
            self.assertEqual((len(takes), actions.epoch_size()), (9, 9))
            self.assertTrue(all(any(take is one for one in versions) for take, versions in zip(takes, [*zip(*actions.versions), *[actions.played] * 3])))
            seen |= {id(take) for take in takes}
        self.assertEqual(len(seen), 2 * 6 + 16)


class Copies(unittest.TestCase):
    def setUp(self) -> None:
        random = np.random.default_rng(3)
        t = np.sort(random.integers(5_000, 900_000, 3000))
        self.events = Events(t, random.integers(20, 100, 3000).astype(np.int16), random.integers(20, 100, 3000).astype(np.int16), random.integers(0, 2, 3000).astype(np.uint8))
        self.framing = StreamFraming()

    def test_an_unchanged_copy_has_the_hosts_frames(self) -> None:
        copy = augmented(self.events, (0, 600_000), 0.0, self.framing, STILL, np.random.default_rng(1))
        wanted = self.framing.frames(self.events, self.framing.steps_of(self.events))
        self.assertEqual((copy.start, copy.begin, copy.end, copy.mirrored), (0.0, 0.0, 12.0, False))
        # A dither of a pixel moves events, and none is lost.
        self.assertEqual(copy.frames.sum((1, 2)).tolist(), wanted.sum((1, 2)).tolist())

    def test_mirrored_copies_are_mirrored(self) -> None:
        copy = augmented(self.events, (0, 1), 1.0, self.framing, STILL, np.random.default_rng(1))
        self.assertTrue(copy.mirrored)
        columns = copy.frames.sum((0, 1, 3), dtype=np.int64)
        mean = (columns * np.arange(128)).sum() / columns.sum()
        self.assertAlmostEqual(mean, 127 - self.events.x.mean(), delta=1)

    def test_changed_copies_stay_in_their_steps(self) -> None:
        random = np.random.default_rng(2)
        for _ in range(20):
            copy = augmented(self.events, (100_000, 800_000), 0.5, self.framing, StreamAugmentation(), random)
            self.assertEqual((copy.frames.dtype, copy.frames.shape[1:]), (np.uint8, (128, 128, 2)))
            self.assertLessEqual(copy.frames.max(), self.framing.cap)
            self.assertTrue(0 == copy.start <= copy.begin < copy.end)
            self.assertGreater(copy.frames.sum(), 1000)

    def test_another_recording_may_come_before(self) -> None:
        alone = augmented(self.events, (0, 600_000), 0.0, self.framing, STILL, np.random.default_rng(1))
        past = replace(STILL, past_micros=400_000)
        for seed in range(9):
            copy = augmented(self.events, (0, 600_000), 0.0, self.framing, past, np.random.default_rng(seed), self.events)
            self.assertTrue(0.3 * 8 <= copy.start <= 8)
            self.assertAlmostEqual(copy.end - copy.start, alone.end)
            share = copy.start * self.framing.step_micros / (self.events.t[-1] - self.events.t[0])
            self.assertAlmostEqual(copy.frames.sum() / alone.frames.sum(), 1 + share, delta=0.05)

    def test_moments_move_as_events_do(self) -> None:
        changed, since = replace(StreamAugmentation(), drop_share=0.0, past_micros=400_000), (self.events.t - self.events.t[0]).astype(float)
        for seed, before in ((1, None), (2, None), (3, self.events)):
            copy = moved(self.events, since, 0.0, 128, 128, changed, np.random.default_rng(seed), before)
            self.assertTrue(np.allclose(copy.moments, copy.t[-len(since) :], rtol=0, atol=1e-3))
            self.assertGreater(np.abs(np.diff(copy.moments) - np.diff(since)).max(), 1)

    def test_packing_pads_with_silence(self) -> None:
        out = packed([np.ones((2, 4, 4, 2), np.uint8), np.ones((5, 4, 4, 2), np.uint8)])
        self.assertEqual(out.sum((2, 3, 4)).tolist(), [[32, 32, 0, 0, 0], [32] * 5])

    def test_every_symmetric_action_is_one(self) -> None:
        self.assertEqual(len(set(SYMMETRIC)), 12)


class Recipe(unittest.TestCase):
    def test_the_command_learns_goes_on_where_it_was_cut_off_and_its_file_scores_as_training_did(self) -> None:
        small = LevelSpec(channels=(8, 8, 16, 16), classes=2, subnetworks=2, slowest=(6.0, 12.0, 12.0, 12.0))
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            datasets = [str(write_recordings(at / str(seed), seed)) for seed in (1, 2)]
            skeletons = write_skeletons(at / "skeletons.npz")
            arguments = [
                "actions", "--data", *datasets, "--actor", datasets[1], "--skeletons", str(skeletons), "--test", datasets[0],
                "--out", str(at / "out"), "--epochs", "50", "--integer-epochs", "12", "--rate", "1e-2",
            ]
            with contextlib.redirect_stdout(io.StringIO()), mock.patch.object(actions, "NETWORK", small):
                with mock.patch.object(sys, "argv", [*arguments]), mock.patch.object(actions, "export", side_effect=KeyboardInterrupt):
                    self.assertRaises(KeyboardInterrupt, actions.main)
                with mock.patch.object(sys, "argv", [*arguments]):
                    actions.main()
                for other in (["--seed", "2"], ["--epochs", "51"], ["--holdout", "3"]):
                    with mock.patch.object(sys, "argv", [*arguments, *other]), self.assertRaisesRegex(SystemExit, "float.pt is of another training"):
                        actions.main()
            results = json.loads((at / "out" / "results.json").read_text())
            path = at / "out" / "actions-trev.safetensors"
            nodes, card, _ = read_checkpoint(path)
            described = json.loads(Path(datasets[0]).read_text())
            described["samples"] = [sample for sample in described["samples"] if sample["subject"] % 2 == 0]
            (at / "1" / "even.json").write_text(json.dumps(described))
            recordings, labels, _ = read_dataset(at / "1" / "even.json")
            scored = evaluate(path, recordings, labels)
            people = read_actions([Path(datasets[1])], skeletons=skeletons).of((1, 3, 5, 7)), read_actions([Path(datasets[0])]).of((2, 4, 6, 8))
            ridge = ridge_baseline(*people)
            with contextlib.redirect_stdout(io.StringIO()), mock.patch.object(action_baselines, "NETWORK", small):
                ann = ann_baseline(*people, 60, 1e-2, 1, at / "ann.pt")
        self.assertEqual((results["n"], results["trained_on"], results["versions"], results["played"]), (8, 8, 2, 16))
        self.assertEqual(scored["accuracy"], results["accuracy"])
        self.assertEqual(np.array(scored["confusion"]).tolist(), results["confusion"])
        self.assertGreaterEqual(results["accuracy"], 0.75)
        self.assertEqual(card["framing"]["windowMicros"], 100_000)
        self.assertEqual({node["timesteps"] for node in nodes if "timesteps" in node}, {2})
        self.assertGreaterEqual(ridge["accuracy"], 0.75)
        self.assertGreaterEqual(ann["accuracy"], 0.75)
        # What tells poses in training is not counted.
        self.assertEqual(ann["parameters"], sum(each.numel() for each in NormedLevels(LevelNetwork(small), 0.0).parameters()))

    def test_who_trains_and_who_is_scored(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            dataset = str(write_recordings(Path(folder) / "1", 1))
            for more, trains, scored, says in (
                (["--test", dataset], {1, 3, 5, 7}, {2, 4, 6, 8}, "the test subjects s2 s4 s6 s8"),
                (["--holdout", "3", "7"], {1, 5}, {3, 7}, "s3 s7"),
                (["--holdout", "3", "7", "--test", dataset], {1, 5}, {2, 4, 6, 8}, "the test subjects s2 s4 s6 s8"),
            ):
                with mock.patch.object(sys, "argv", ["recipe", "--data", dataset, "--out", folder, *more]):
                    options, *people = recordings(recipe_parser("", 1, 1, 1.0))
                self.assertEqual([{take.subject for take in each.versions[0]} for each in people], [trains, scored])
                results = {**results_of(options, people[0], 1, 0.0), "accuracy": 1.0, "n": 8}
                card = card_of("recipe", "package", ["a", "b"], results, "", {})
                self.assertTrue(card["scores"][0]["data"].endswith(f", {says}"))
                self.assertEqual("--holdout 3 7" in card["provenance"]["recipe"], trains == {1, 5})
                self.assertIn("subjects 1 and 5 " if trains == {1, 5} else "subjects 1, 3, 5 and 7 ", card["provenance"]["data"])
    def test_what_cannot_be_trained_or_scored_ends_before_it_is_tried(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            dataset = write_recordings(Path(folder) / "1", 1)
            held = json.loads(dataset.read_text())

            def changed(name: str, **members: Any) -> str:
                (dataset.parent / name).write_text(json.dumps({**held, **members}))
                return str(dataset.parent / name)

            (dataset.parent / "silent.raw").write_bytes(b"% evt 3.0\n% end\n")
            trainers = [sample for sample in held["samples"] if sample["subject"] % 2 == 1]
            silent = [{**sample, "file": "silent.raw"} for sample in held["samples"]]
            strange = [{**sample, "label": "c"} for sample in held["samples"]]
            for more, said in (
                ([], "nobody is scored"),
                (["--holdout", "1", "3", "5", "7"], "nobody is left to train"),
                (["--test", changed("reversed.json", labels=held["labels"][::-1])], "reversed.json lists other labels"),
                (["--test", changed("trainers.json", samples=trainers)], "trainers.json lists nobody who is scored"),
                (["--test", changed("silent.json", samples=silent)], "silent.raw holds no events"),
                (["--test", changed("strange.json", samples=strange)], "has the label c, which labels does not list"),
                (["--test", str(dataset), "--seed", "-1"], "-1 is no whole number from 0"),
                (["--test", str(dataset), "--threads", "0"], "0 is no whole number from 1"),
            ):
                with mock.patch.object(sys, "argv", ["recipe", "--data", str(dataset), "--out", folder, *more]):
                    with contextlib.redirect_stderr(io.StringIO()) as told, self.assertRaises(SystemExit):
                        recordings(recipe_parser("", 1, 1, 1.0))
                self.assertIn(said, told.getvalue())

    def test_labels_are_the_cards_in_whatever_order_a_list_has_them(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            dataset = write_recordings(Path(folder) / "1", 1)
            held, zoo = json.loads(dataset.read_text()), Path(__file__).parents[2] / "zoo" / "actions" / "actions-trev.safetensors"
            known = read_checkpoint(zoo)[1]["labels"]

            def score(labels: List[str], names: List[str]) -> Any:
                samples = [{**sample, "label": names[held["labels"].index(sample["label"])]} for sample in held["samples"][:4]]
                (dataset.parent / "named.json").write_text(json.dumps({**held, "labels": labels, "samples": samples}))
                arguments = ["evaluate", "--checkpoint", str(zoo), "--data", str(dataset.parent / "named.json")]
                with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(io.StringIO()) as told:
                    evaluate_main()
                return json.loads(told.getvalue())

            self.assertEqual(score(known[::-1], known[:2]), score(known, known[:2]))
            with contextlib.redirect_stderr(io.StringIO()) as told, self.assertRaises(SystemExit):
                score(["a", "b"], ["a", "b"])
            self.assertIn("labels that the checkpoint does not know: a, b", told.getvalue())


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
