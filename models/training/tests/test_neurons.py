"""Neurons and requantisation against plain loops over Python integers: exact equality."""

import itertools
import unittest

import numpy as np
import torch

from saccade_training.integer import round_shift, spikes
from saccade_training.neurons import FIRES, LIF, Counts, NeuronSpec, integrate
from saccade_training.quantise import multipliers_of, quantise_weight, requantise, weight_scale


def fires(v: int, k: int, theta: int, rule: str) -> bool:
    """The k-th spike's comparison, in doubled units so that halves are whole."""
    middle = (2 * k - 1) * theta
    if rule == "at-least":
        return v >= k * theta
    if rule == "above":
        return v > k * theta
    return 2 * v > middle if rule == "half-even" and k % 2 == 1 else 2 * v >= middle


def lif_loop(x, spec):
    """NUMERICS.md §4 for one neuron; returns counts, potentials after the reset, and how many clamps changed v."""
    v, counts, potentials, clamps = 0, [], [], 0
    for drive in x:
        v = v - ((v >> spec.decay_shift) if spec.decay_shift else 0) + drive
        clamped = min(32767, max(-32768, v))
        clamps += clamped != v
        v = clamped
        count = sum(fires(v, k, spec.threshold, spec.fire) for k in range(1, spec.max_count + 1))
        v -= count * spec.threshold
        counts.append(count)
        potentials.append(v)
    return counts, potentials, clamps


class Neurons(unittest.TestCase):
    def setUp(self) -> None:
        self.random = np.random.default_rng(20)

    def test_lif_equals_the_integer_loop(self) -> None:
        clamps = 0
        for fire, shift, most in itertools.product(FIRES, (0, 1, 2, 5), (1, 4, 15)):
            spec = NeuronSpec(decay_shift=shift, max_count=most, fire=fire)
            x = np.concatenate([
                self.random.integers(-400, 500, (40, 8)),
                self.random.integers(-8, 9, (40, 4)) * 64,
                self.random.integers(-40_000, 40_000, (40, 4)),
            ], 1)
            counts, v = LIF(spec)(torch.from_numpy(x).float(), torch.zeros(16), integer=True)
            for i in range(16):
                want_counts, want_v, clamped = lif_loop(x[:, i].tolist(), spec)
                clamps += clamped
                self.assertEqual(counts[:, i].tolist(), want_counts, (fire, shift, most))
                self.assertEqual(v[i].item(), want_v[-1])
        self.assertGreater(clamps, 100, "the cases must reach the clamp")

    def test_every_comparison_at_every_potential(self) -> None:
        v = np.arange(-3 * 256, 7 * 256)
        for fire, most in itertools.product(FIRES, (1, 4)):
            want = [sum(fires(int(each), k, 256, fire) for k in range(1, most + 1)) for each in v]
            self.assertEqual(spikes(torch.from_numpy(v), torch.tensor(256), most, fire).tolist(), want)
            if fire != "above":
                spec = NeuronSpec(max_count=most, fire=fire)
                self.assertEqual(Counts(spec)(torch.from_numpy(v).float(), integer=True).tolist(), want)

    def test_ni_lif_is_the_count_over_d(self) -> None:
        spec, x = NeuronSpec(max_count=4), torch.linspace(-1, 6, 50)
        self.assertTrue(torch.equal(Counts(spec, normalised=True)(x, integer=False) * 4, Counts(spec)(x, integer=False)))

    def test_float_twin_is_the_same_neuron_without_rounding(self) -> None:
        x = torch.from_numpy(self.random.normal(0.1, 0.6, (30, 500))).float()
        spec = NeuronSpec(fraction_bits=12)
        real, _ = LIF(spec)(x, torch.zeros(500), integer=False)
        whole, _ = LIF(spec)(torch.round(x * 4096), torch.zeros(500), integer=True)
        self.assertLess((real != whole).float().mean().item(), 0.01)

    def test_gradients_are_the_surrogates(self) -> None:
        for integer, theta in ((False, 1.0), (True, 256.0)):
            spec = NeuronSpec(decay_shift=1, surrogate="rectangle")
            x = (torch.tensor([[0.3], [-0.6], [0.2], [9.0]]) * theta).requires_grad_()
            counts, _ = LIF(spec)(x, torch.zeros(1), integer)
            counts.sum().backward()
            # v before firing: 0.3, −0.45, −0.025, above D: one slope of 1/θ at the first step, none after it.
            self.assertEqual(counts.flatten().tolist(), [0, 0, 0, 4])
            self.assertTrue(torch.allclose(x.grad.flatten() * theta, torch.tensor([1.0, 0.0, 0.0, 0.0])))

    def test_gradient_travels_back_through_the_decay(self) -> None:
        spec = NeuronSpec(decay_shift=2)
        x = torch.full((3, 1), 0.1, requires_grad=True)
        counts, _ = LIF(spec)(x, torch.zeros(1), integer=False)
        counts[2].sum().backward()
        self.assertTrue(torch.allclose(x.grad.flatten(), torch.tensor([0.5625, 0.75, 1.0])))

    def test_silent_drive_never_fires(self) -> None:
        for shift in (1, 2, 3, 4):
            spec = NeuronSpec(decay_shift=shift)
            drive = torch.full((400, 1), float(spec.silent_drive() + 2))
            for start in (0.0, 127.0, -5000.0):
                counts, _ = LIF(spec)(drive, torch.full((1,), start), integer=True)
                self.assertEqual(counts[1:].sum().item(), 0, (shift, start))

    def test_readout_integrates(self) -> None:
        x = torch.from_numpy(self.random.integers(-500, 500, (20, 3))).float()
        self.assertTrue(torch.equal(integrate(x), x.cumsum(0)))
        v, want = 0, []
        for drive in x[:, 0].long().tolist():
            v = v - (v >> 3) + drive
            want.append(v)
        self.assertEqual(integrate(x, 3, integer=True)[:, 0].tolist(), want)


class Quantisation(unittest.TestCase):
    def test_requantise_equals_the_integer_formula(self) -> None:
        random = np.random.default_rng(3)
        for factor in (3.7e-6, 0.013, 0.5, 1.0, 40.0):
            multipliers, shift = multipliers_of(torch.tensor([factor, factor / 3, factor / 50]))
            self.assertTrue((1 << 30) <= int(multipliers.max()) < 1 << 31)
            acc = random.integers(-(1 << 21), 1 << 21, (200, 3))
            got = requantise(torch.from_numpy(acc).float(), multipliers, shift)
            for row, want in zip(got.tolist(), acc.tolist()):
                exact = [(a * int(m) + (1 << shift >> 1)) >> shift for a, m in zip(want, multipliers)]
                if max(map(abs, exact)) < 1 << 24:
                    self.assertEqual(row, exact)

    def test_multipliers_stay_narrow_where_precision_allows(self) -> None:
        for factor, accumulator, narrow in ((0.7, 26_000, True), (2.2, 9_800, True), (0.01, 100_000, True), (900.0, 2_000_000, False)):
            multipliers, shift = multipliers_of(torch.tensor([factor, factor / 2]), accumulator)
            greatest = int(multipliers.max())
            self.assertAlmostEqual(greatest / 2**shift, factor, delta=factor / (1 << 11))
            self.assertEqual(greatest * accumulator + (1 << shift) < 1 << 31, narrow, factor)

    def test_round_shift_rules(self) -> None:
        for value, shift in itertools.product(range(-40, 41), (0, 1, 2, 3)):
            floor, rest = divmod(value, 1 << shift)
            half = (1 << shift) / 2
            want = {
                "floor": floor,
                "half-up": floor + (shift > 0 and rest >= half),
                "half-even": round(value / (1 << shift)),
                "toward-zero": int(value / (1 << shift)),
            }
            for rule, whole in want.items():
                self.assertEqual(round_shift(torch.tensor([value]), shift, rule).item(), whole, (value, shift, rule))

    def test_weights_are_symmetric_int8_for_each_channel(self) -> None:
        weight = torch.randn(6, 3, 3, 3, generator=torch.Generator().manual_seed(1), requires_grad=True)
        scale = weight_scale(weight)
        whole = quantise_weight(weight, scale)
        self.assertEqual(whole.abs().flatten(1).amax(1).tolist(), [127.0] * 6)
        self.assertLessEqual((whole * scale.reshape(-1, 1, 1, 1) - weight).abs().max().item(), scale.max().item() / 2 + 1e-6)
        (whole * scale.reshape(-1, 1, 1, 1)).sum().backward()
        self.assertTrue(torch.allclose(weight.grad, torch.ones_like(weight)))

    def test_weights_of_four_bits_lose_the_least_by_channel(self) -> None:
        weight = torch.randn(5, 40, generator=torch.Generator().manual_seed(2), requires_grad=True)
        scale = weight_scale(weight, 4)
        whole = quantise_weight(weight, scale, 4)
        self.assertEqual(whole.abs().max().item(), 7)

        def loss(scale: torch.Tensor) -> torch.Tensor:
            return (quantise_weight(weight, scale, 4) * scale.reshape(-1, 1) - weight).detach().square().sum(1)

        full = weight.detach().abs().amax(1) / 7
        self.assertTrue((loss(scale) <= loss(full)).all())
        for share in np.linspace(0.4, 1, 200):
            self.assertTrue((loss(scale) <= 1.05 * loss(full * share)).all(), share)
        (whole * scale.reshape(-1, 1)).sum().backward()
        self.assertTrue(torch.allclose(weight.grad, torch.ones_like(weight)))
        self.assertEqual(weight_scale(torch.zeros(2, 3), 4).tolist(), [1, 1])


if __name__ == "__main__":
    unittest.main()
