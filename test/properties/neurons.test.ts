import fc from "fast-check";
import t from "tap";
import { DType } from "../../assembly/abi.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { DENSITIES, fill, type Case } from "../conformance/cases/case.js";
import { randomNeuron } from "../conformance/cases/neuron-rows.js";
import { testedVariants } from "../conformance/engine-under-test.js";
import { difference, engineTrace, referenceTrace } from "../conformance/harness.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";
import { seeds } from "../seeds.js";

/** Any neuron, whatever its attributes and its number of elements, beyond the pairs that the table holds. */
for (const seed of seeds()) {
  t.test(`any neuron, seed ${seed}`, async (t) => {
    fc.assert(fc.property(fc.nat(), (draw) => {
      const drawn = randomCase(draw);
      const expected = referenceTrace(drawn);
      for (const variant of testedVariants()) {
        const found = difference(drawn.program, expected, engineTrace(variant, drawn));
        if (found !== "equal") throw new Error(`${variant}: ${found}; ${JSON.stringify(drawn.program.ops[0]!.words)}`);
      }
    }), { seed, numRuns: 250 });
    t.pass();
  });
}

function randomCase(draw: number): Case {
  const random = new Random(draw);
  const input = {
    ...random.pick([
      { dtype: DType.U8, bound: 15 }, { dtype: DType.I8, bound: 127 }, { dtype: DType.I16, bound: 32767 },
      { dtype: DType.I32, bound: 30000 }, { dtype: DType.I32, bound: 500000000 },
    ]),
    h: random.integer(1, 3), w: random.integer(1, 3), c: random.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33]),
  };
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, randomNeuron(input, random));
  return {
    name: String(draw),
    program: builder.build(a, [out]),
    frames: Array.from({ length: 10 }, () => fill(input, random.pick(DENSITIES), random)),
    windows: [random.integer(0, 9)],
  };
}
