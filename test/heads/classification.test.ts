import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { argmax, scorePerMille, winner } from "../../host/heads/classification.js";
import { seeds } from "../seeds.js";

t.test("argmax: the greatest, of equal ones the lowest", async t => {
  t.equal(argmax(Int32Array.of(3)), 0);
  t.equal(argmax(Int32Array.of(-5, 7, 7, 2)), 1);
  t.equal(argmax(Int32Array.of(-2147483648, -2147483648, 2147483647)), 2);
  t.equal(argmax([2 ** 40, 2 ** 40 + 1]), 1, "sums beyond i32");
});

t.test("a window whose logits are all equal names no label", async t => {
  t.equal(winner(Int32Array.of(0, 0, 0)), undefined);
  t.equal(winner(Int32Array.of(9)), undefined);
  t.equal(winner(Int32Array.of(0, 1, 1)), 1);
});

t.test("score: softmax in per mille, from Q(f)", async t => {
  t.equal(scorePerMille(Int32Array.of(0, 0), 0, 0), 500);
  t.equal(scorePerMille(Int32Array.of(1, 0), 0, 0), 731, "1 / (1 + e^-1)");
  t.equal(scorePerMille(Int32Array.of(256, 0), 0, 8), 731, "the same in Q8");
  t.equal(scorePerMille(Int32Array.of(2147483647, -2147483648), 0, 0), 1000);
  t.equal(scorePerMille(Int32Array.of(2147483647, -2147483648), 1, 0), 0, "no overflow");
});

for (const seed of seeds()) {
  t.test(`argmax and scores agree, seed ${seed}`, async () => {
    const logits = fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(logits, fc.nat(12), (values, bits) => {
        const scores = values.map((_, i) => scorePerMille(Int32Array.from(values), i, bits));
        assert.equal(argmax(values), values.indexOf(Math.max(...values)));
        assert.equal(scores[argmax(values)], Math.max(...scores));
        assert.ok(scores.every(score => Number.isInteger(score) && score >= 0 && score <= 1000));
        assert.ok(Math.abs(scores.reduce((sum, score) => sum + score) - 1000) <= values.length / 2);
      }),
      { seed, numRuns: 300 },
    );
  });
}
