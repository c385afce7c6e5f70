import fc from "fast-check";
import t from "tap";
import { fill, type Density } from "../conformance/cases/case.js";
import { RunningProgram, testedVariants } from "../conformance/engine-under-test.js";
import { Random } from "../conformance/random.js";
import { seeds } from "../seeds.js";
import { randomWeighted } from "./random-weighted.js";

const DEPTH = 15;
const BITS = 4;

/** NUMERICS.md §6.1, on the engine: a count is D unary virtual timesteps, and is its bits. */
for (const variant of testedVariants()) {
  for (const seed of seeds()) {
    t.test(`integer = unary timesteps = bit planes, ${variant}, seed ${seed}`, async () => {
      fc.assert(fc.property(fc.nat(), fc.constantFrom<Density>(0.05, 0.3, 1, "max"), (draw, density) => {
        const random = new Random(draw);
        const { program, input, bias } = randomWeighted(random);
        const counts = fill(input, density, random);
        const running = new RunningProgram(variant, program);
        const channels = program.tensors[1]!.c;
        /** Accumulators without their bias, for any input. */
        const sums = (frame: Uint8Array): number[] => {
          running.step(frame);
          return [...new Int32Array(running.output(0).buffer)].map((value, i) => value - (bias?.[i % channels] ?? 0));
        };
        const whole = sums(counts);
        const unary = Array.from({ length: DEPTH }, (_, d) => sums(counts.map((count) => (d < count ? 1 : 0))));
        const planes = Array.from({ length: BITS }, (_, bit) =>
          sums(counts.map((count) => (count >> bit) & 1)).map((sum) => sum * 2 ** bit));
        return equal(whole, total(unary)) && equal(whole, total(planes));
      }), { seed, numRuns: 60 });
    });
  }
}

function total(vectors: readonly (readonly number[])[]): number[] {
  return vectors.reduce<number[]>((sums, vector) => vector.map((value, i) => value + (sums[i] ?? 0)), []);
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
