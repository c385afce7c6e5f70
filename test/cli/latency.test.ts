import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { LatencyHistogram } from "../../host/latency.js";
import { seeds } from "../seeds.js";

t.test("quantiles of nothing and of one", async t => {
  const latencies = new LatencyHistogram();
  t.equal(latencies.quantile(0.5), 0);
  latencies.add(17.4);
  t.equal(latencies.quantile(0), 17);
  t.equal(latencies.quantile(1), 17);
});

for (const seed of seeds())
  t.test(`quantiles are those of the sorted list, to 1 in 1024, seed ${seed}`, async () => {
    const micros = fc.array(fc.oneof(fc.nat(3000), fc.nat(2 ** 31 - 1)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(micros, fc.double({ min: 0, max: 1, noNaN: true }), (micros, share) => {
        const latencies = new LatencyHistogram();
        for (const each of micros) latencies.add(each);
        const exact = micros.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * micros.length)) - 1]!;
        const given = latencies.quantile(share);
        assert.ok(given <= exact && given > exact - Math.max(1, exact / 1024), `${given} for ${exact}`);
      }),
      { seed, numRuns: 300 },
    );
  });
