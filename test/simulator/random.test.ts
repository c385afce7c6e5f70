import t from "tap";
import { Random } from "../../host/simulator/random.js";

/** Made with this generator, Node 20.20, on the day it was written: a change to it changes every simulated recording. */
const GOLDEN_1: readonly number[] = [3451886104, 764134858, 3130938363];

t.test("the same seed gives the same numbers for ever", async (t) => {
  const draw = (...words: number[]): number[] => {
    const random = new Random(...words);
    return [random.bits(), random.bits(), random.bits()];
  };
  t.same(draw(1), GOLDEN_1);
  t.notSame(draw(1), draw(2));
  t.notSame(draw(1, 2), draw(2, 1));
  t.notSame(draw(1), draw(1, 0));
});

t.test("numbers are as they are told to be", async (t) => {
  const random = new Random(20261121);
  const count = 40_000;
  const mean = (next: () => number): number => Array.from({ length: count }, next).reduce((sum, value) => sum + value, 0) / count;
  t.ok(Math.abs(mean(() => random.uniform()) - 0.5) < 0.01);
  t.ok(Math.abs(mean(() => random.between(-3, 1)) + 1) < 0.03);
  t.ok(Math.abs(mean(() => random.normal())) < 0.02);
  t.ok(Math.abs(mean(() => random.normal() ** 2) - 1) < 0.03);
  t.ok(Math.abs(mean(() => random.wait(0.01)) - 100) < 2);
  t.equal(random.wait(0), Number.POSITIVE_INFINITY);
  const faces = new Array<number>(6).fill(0);
  for (let i = 0; i < count; i++) faces[random.below(6)]! += 1;
  t.ok(faces.every((times) => Math.abs(times - count / 6) < 300));
  t.ok("abc".includes(random.pick(["a", "b", "c"])));
});
