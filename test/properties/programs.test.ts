import fc from "fast-check";
import t from "tap";
import { testedVariants } from "../conformance/engine-under-test.js";
import { difference, engineTrace, referenceTrace } from "../conformance/harness.js";
import { seeds } from "../seeds.js";
import { randomProgram } from "./random-program.js";

/** NUMERICS.md §6.2: whatever the network, every build gives the oracle's bytes. */
for (const seed of seeds()) {
  t.test(`any program, seed ${seed}`, async (t) => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 14 }), (draw, size) => {
      const drawn = randomProgram(draw, size);
      const expected = referenceTrace(drawn);
      for (const variant of testedVariants()) {
        const found = difference(drawn.program, expected, engineTrace(variant, drawn));
        if (found !== "equal") throw new Error(`${variant}: ${found}`);
      }
    }), { seed, numRuns: 80 });
    t.pass();
  });
}
