"""The recipe's parts on tiny made-up data: that they learn, score, and leave a file that scores alike."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from saccade_training import nmnist
from saccade_training.baselines import ridge
from saccade_training.fit import noise_frames
from saccade_training.framing import Framing


def write_recordings(folder: Path, name: str, n: int, seed: int) -> None:
    """Two classes: a bar on the left, a bar on the right; 120 ms each."""
    random, samples = np.random.default_rng(seed), []
    for i in range(n):
        label, events = i % 2, 600
        t = np.sort(random.integers(0, 120_000, events))
        x, y = random.integers(4, 10, events) + 20 * label, random.integers(6, 28, events)
        p = random.integers(0, 2, events)
        records = np.stack([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255], 1).astype(np.uint8)
        file = f"{name}-{i}.bin"
        (folder / file).write_bytes(records.tobytes())
        samples.append({"file": file, "format": "nmnist", "label": str(label)})
    (folder / f"{name}.json").write_text(json.dumps({"labels": [str(i) for i in range(10)], "samples": samples}))


class Recipe(unittest.TestCase):
    def test_the_command_learns_and_its_file_scores_as_training_did(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            write_recordings(at, "train", 80, 1)
            write_recordings(at, "test", 20, 2)
            arguments = ["nmnist", "--data", folder, "--out", str(at / "out"), "--epochs", "7", "--integer-epochs", "3", "--batch", "10"]
            with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(io.StringIO()):
                nmnist.main()
            results = json.loads((at / "out" / "results.json").read_text())
        self.assertGreaterEqual(results["integer"]["accuracy"], 0.9)
        self.assertEqual(results["integer"]["accuracy"], results["file"]["accuracy"])
        self.assertEqual(results["integer"]["window_accuracy"], results["file"]["window_accuracy"])
        self.assertLess(results["file"]["bytes"], 60_000)

    def test_ridge_in_the_dual_equals_the_primal(self) -> None:
        random = np.random.default_rng(4)
        train, test, labels = random.normal(size=(40, 12)), random.normal(size=(30, 12)), random.integers(0, 3, 40)
        centred, targets = train - train.mean(0), np.eye(3)[labels]
        primal = np.linalg.solve(centred.T @ centred + 5 * np.eye(12), centred.T @ (targets - targets.mean(0)))
        want = ((test - train.mean(0)) @ primal + targets.mean(0)).argmax(1)
        self.assertTrue(np.array_equal(ridge(train, labels, test, 5), want))

    def test_noise_has_at_most_its_density(self) -> None:
        frames = noise_frames(6, 40, Framing(), 4, np.random.default_rng(1))
        self.assertEqual((frames.shape, frames.dtype), ((6, 4, 5, 34, 34, 2), np.uint8))
        self.assertTrue(0 < frames.reshape(6, -1).sum(1).max() <= 160)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
