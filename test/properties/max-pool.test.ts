import fc from "fast-check";
import t from "tap";
import { DType, Fire, Neuron } from "../../assembly/abi.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { fill, type Density } from "../conformance/cases/case.js";
import { RunningProgram, testedVariants } from "../conformance/engine-under-test.js";
import { neuron, type NeuronSpec } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";
import { seeds } from "../seeds.js";

/** NUMERICS.md §6.3: the count of the greatest is the greatest of the counts. */
for (const variant of testedVariants()) {
  for (const seed of seeds()) {
    t.test(`max pooling and a monotone neuron commute, ${variant}, seed ${seed}`, async () => {
      fc.assert(fc.property(fc.nat(), fc.constantFrom<Density>(0.3, 1, "mixed max"), (draw, density) => {
        const random = new Random(draw);
        const c = random.pick([1, 3, 4, 16, 17]);
        const spec = { dtype: random.pick([DType.I16, DType.I32]), h: random.integer(2, 7), w: random.integer(2, 7), c, bound: 30000 };
        const geometry = { kernel: [2, random.integer(1, 2)], stride: [random.integer(1, 2), 2], pad: [random.integer(0, 1), 0] } as const;
        const builder = new ProgramBuilder();
        const input = builder.tensor(spec);
        const counts = monotone(c, random);
        const fired = builder.maxPool(neuron(builder, input, counts), geometry);
        const pooled = neuron(builder, builder.maxPool(input, geometry), counts);
        const running = new RunningProgram(variant, builder.build(input, [fired, pooled]));
        running.step(fill(spec, density, random));
        return Buffer.compare(running.output(0), running.output(1)) === 0;
      }), { seed, numRuns: 80 });
    });
  }
}

function monotone(c: number, random: Random): NeuronSpec {
  const drive = { period: c, multipliers: random.integers(c, 0, 4000), shift: 15, leak: random.integers(c, -500, 500),
    maxCount: random.integer(1, 15) };
  const fire = random.pick([Fire.AtLeast, Fire.HalfUp, Fire.HalfEven]);
  if (random.chance(0.5)) return { ...drive, kind: Neuron.Counts, fractionBits: random.integer(0, 9), fire };
  const rising = (): number[] => random.integers(drive.maxCount, -3000, 3000).sort((a, b) => a - b);
  return { ...drive, kind: Neuron.Thresholds, thresholds: Array.from({ length: c }, rising).flat() };
}
