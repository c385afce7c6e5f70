import t from "tap";
import { Decay, Fire, Order, Reset, Rounding } from "../../assembly/abi.js";
import { counts } from "./counts.js";
import { currentStep } from "./current.js";
import { li } from "./li.js";
import { lif, type LifRule } from "./lif.js";
import { decayed, spikesOf, type DecayRule } from "./potential.js";
import { reached } from "./thresholds.js";

const KEEP: DecayRule = { form: Decay.None, value: 0, bits: 0, rounding: Rounding.HalfUp };
const PLAIN: LifRule = {
  decay: KEEP, order: Order.DecayFirst, limits: { min: -100, max: 100 }, threshold: 10,
  fire: Fire.AtLeast, maxCount: 3, reset: Reset.Subtract, resetValue: 0, resetDelayed: false,
};

t.test("counts round and clamp", async (t) => {
  t.same([-9, -2, 1, 2, 6, 10, 99].map((v) => counts(v, 2, 4, Fire.HalfUp)), [0, 0, 0, 1, 2, 3, 4]);
  t.same([2, 6, 10].map((v) => counts(v, 2, 4, Fire.HalfEven)), [0, 2, 2]);
  t.same([3, 4, 7, 8].map((v) => counts(v, 2, 4, Fire.AtLeast)), [0, 1, 1, 2]);
});

t.test("thresholds are reached from below, equality included", async (t) => {
  t.same([-6, -5, 3, 4, 100].map((v) => reached(v, [-5, 4, 4, 100])), [0, 1, 1, 3, 4]);
});

t.test("decay", async (t) => {
  t.same([-9, -1, 1, 9].map((v) => decayed(v, { ...KEEP, form: Decay.Shift, value: 2 })), [-6, 0, 1, 7], "v − floor(v / 4)");
  const half: DecayRule = { form: Decay.Multiply, value: 1, bits: 1, rounding: Rounding.HalfUp };
  t.same([-3, -1, 1, 3].map((v) => decayed(v, half)), [-1, 0, 1, 2]);
  t.same([-3, -1, 1, 3].map((v) => decayed(v, { ...half, rounding: Rounding.HalfEven })), [-2, 0, 0, 2]);
  t.same([-3, -1, 1, 3].map((v) => decayed(v, { ...half, rounding: Rounding.Floor })), [-2, -1, 0, 1]);
  t.same([-3, -1, 1, 3].map((v) => decayed(v, { ...half, rounding: Rounding.TowardZero })), [-1, 0, 0, 1]);
});

t.test("the comparison says which k-th spike is emitted", async (t) => {
  t.same([9, 10, 20, 30, 99].map((v) => spikesOf(v, 10, 3, Fire.AtLeast)), [0, 1, 2, 3, 3]);
  t.same([9, 10, 11, 20, 21, 99].map((v) => spikesOf(v, 10, 3, Fire.Above)), [0, 0, 1, 1, 2, 3]);
  t.same([4, 5, 14, 15, 25].map((v) => spikesOf(v, 10, 3, Fire.HalfUp)), [0, 1, 1, 2, 3]);
  t.same([5, 6, 15, 25, 26].map((v) => spikesOf(v, 10, 3, Fire.HalfEven)), [0, 1, 2, 2, 3], "0.5 → 0, 1.5 → 2, 2.5 → 2");
});

t.test("lif resets", async (t) => {
  t.same(lif(7, 18, PLAIN), { v: 5, spikes: 2, saturations: 0 });
  t.same(lif(7, 18, { ...PLAIN, reset: Reset.Zero }), { v: 0, spikes: 2, saturations: 0 });
  t.same(lif(7, 18, { ...PLAIN, reset: Reset.Value, resetValue: -4 }), { v: -4, spikes: 2, saturations: 0 });
  t.same(lif(7, 18, { ...PLAIN, reset: Reset.None }), { v: 25, spikes: 2, saturations: 0 });
  t.same(lif(90, 18, PLAIN), { v: 70, spikes: 3, saturations: 1 }, "clamped to 100, then three spikes");
  t.same(lif(-90, -18, PLAIN), { v: -100, spikes: 0, saturations: 1 });
});

t.test("a delayed reset takes the spikes of the step before", async (t) => {
  const delayed = { ...PLAIN, resetDelayed: true };
  t.same(lif(25, 3, delayed), { v: 8, spikes: 0, saturations: 0 }, "two spikes were in 25");
  t.same(lif(25, 3, { ...delayed, reset: Reset.Zero }), { v: 0, spikes: 0, saturations: 0 }, "the drive is lost with it");
  t.same(lif(9, 3, { ...delayed, reset: Reset.Zero }), { v: 12, spikes: 1, saturations: 0 });
});

t.test("order of decay and input", async (t) => {
  const half: DecayRule = { form: Decay.Multiply, value: 1, bits: 1, rounding: Rounding.Floor };
  t.equal(li(8, 3, { decay: half, order: Order.DecayFirst, limits: PLAIN.limits }).v, 7);
  t.equal(li(8, 3, { decay: half, order: Order.InputFirst, limits: PLAIN.limits }).v, 5);
});

t.test("a current fades, takes its input, and stays in range", async (t) => {
  const half: DecayRule = { form: Decay.Multiply, value: 2048, bits: 12, rounding: Rounding.TowardZero };
  t.same(currentStep(-9, 1, half), { current: -3, saturations: 0 });
  t.same(currentStep(536870911, 5, KEEP), { current: 536870911, saturations: 1 });
});
