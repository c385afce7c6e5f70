"""The training loop: a run that is cut off anywhere goes on as if it had not been; another training's state is refused; answers are scored."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Dict
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saccade_training import loop
from saccade_training.answers import score_of
from saccade_training.loop import Average, Judged, OtherRun, Stage

STAGE = Stage("float", epochs=3, learning_rate=1e-2, batch=4)
BATCHES = 2


class CutOff(Exception):
    pass


def trained(state: Path, stage: Stage = STAGE, seed: int = 1, run=("data",), cut_off_at: int = 1 << 30, width: int = 8) -> Dict[str, Tensor]:
    """Weights and averaged weights of a network with dropout. @param cut_off_at  the batch, of all, in which the process dies"""
    torch.manual_seed(seed)
    make = lambda: nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, 3))
    network, average = make(), make()
    left = cut_off_at

    def epoch(random: np.random.Generator):
        nonlocal left
        for _ in range(BATCHES):
            left -= 1
            if left < 0:
                raise CutOff
            inputs = torch.from_numpy(random.normal(size=(4, 6)).astype(np.float32))
            yield Judged(F.cross_entropy(network(inputs), torch.tensor([0, 1, 2, 0])), 1, 4, [])

    loop.fit(network, Average(network, average), epoch, BATCHES, stage, seed, lambda line: None, state, run)
    return {**network.state_dict(), **{f"average.{name}": each for name, each in average.state_dict().items()}}


class Loop(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = Path(folder.name)

    def test_goes_on_as_if_it_had_not_been_cut_off(self) -> None:
        wanted = trained(self.at / "whole.pt")
        for batch in (3, 4, 5):
            state = self.at / f"cut-{batch}.pt"
            self.assertRaises(CutOff, trained, state, cut_off_at=batch)
            for name, value in trained(state).items():
                self.assertTrue(torch.equal(value, wanted[name]), f"{name} after batch {batch}")
            self.assertTrue(all(torch.equal(value, wanted[name]) for name, value in trained(state).items()), "what is done is not done again")

    def test_a_state_that_is_cut_off_while_it_is_written_leaves_the_one_before(self) -> None:
        wanted, state = trained(self.at / "whole.pt"), self.at / "cut.pt"
        self.assertRaises(CutOff, trained, state, cut_off_at=3)

        def half(held, path) -> None:
            Path(path).write_bytes(b"half a state")
            raise CutOff

        with mock.patch.object(torch, "save", half):
            self.assertRaises(CutOff, trained, state)
        self.assertTrue(all(torch.equal(value, wanted[name]) for name, value in trained(state).items()))

    def test_another_trainings_state_is_refused(self) -> None:
        state = self.at / "a.pt"
        trained(state)
        for other in ({"seed": 2}, {"stage": replace(STAGE, epochs=4)}, {"run": ("other data",)}, {"width": 9}):
            with self.assertRaisesRegex(OtherRun, "another --out"):
                trained(state, **other)

    def test_a_recording_of_which_nothing_is_said_is_named_nothing(self) -> None:
        sums = np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 0.0], [1.0, 1.0, 2.0], [-1.0, -2.0, -2.0]])
        scored = score_of(sums, np.array([0, 0, 1, 0]))
        self.assertEqual(scored, {"accuracy": 0.5, "n": 4, "confusion": [[2, 0, 0], [0, 0, 1], [0, 0, 0]]})


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
