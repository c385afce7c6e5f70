import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { LeakyEvidence } from "../../host/heads/evidence.js";
import { seeds } from "../seeds.js";

t.test("each window by itself when all is forgotten", async t => {
  const evidence = new LeakyEvidence(0);
  t.same([...evidence.add(Int32Array.of(-5, 7))], [-5, 7]);
  t.same([...evidence.add(Int32Array.of(-(2 ** 31), 2 ** 31 - 1))], [-(2 ** 31), 2 ** 31 - 1]);
  t.same([...evidence.add(Int32Array.of(1, 0))], [1, 0]);
});

t.test("older windows count ever less, and nothing is left of them in the end", async t => {
  const evidence = new LeakyEvidence(2);
  t.same([...evidence.add(Int32Array.of(100, -100))], [100, -100]);
  t.same([...evidence.add(Int32Array.of(0, 0))], [75, -75]);
  t.same([...evidence.add(Int32Array.of(10, 10))], [67, -46]);
  for (let i = 0; i < 60; i++) evidence.add(new Int32Array(2));
  t.same([...evidence.add(new Int32Array(2))], [3, 0], "less than one forgetting of 1 is left");
});

for (const seed of seeds()) {
  t.test(`equals the sum in big integers, saturated, seed ${seed}`, async () => {
    const windows = fc.array(fc.array(fc.integer(), { minLength: 3, maxLength: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.nat(8), windows, (forget, all) => {
        const evidence = new LeakyEvidence(forget);
        let wanted = [0n, 0n, 0n];
        for (const logits of all) {
          wanted = wanted.map((e, i) => BigInt.asIntN(32, saturate(e - (e >> BigInt(forget)) + BigInt(logits[i]!))));
          assert.deepEqual([...evidence.add(Int32Array.from(logits))].map(BigInt), wanted);
        }
      }),
      { seed, numRuns: 200 },
    );
  });
}

function saturate(e: bigint): bigint {
  const limit = 1n << 31n;
  return e < -limit ? -limit : e >= limit ? limit - 1n : e;
}
