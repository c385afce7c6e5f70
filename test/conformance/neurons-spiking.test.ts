import t from "tap";
import { SPIKING_CASES } from "./cases/neurons.js";
import { conform, referenceTrace } from "./harness.js";

conform(t, SPIKING_CASES);

t.test("the table fires, keeps silent and saturates often enough to prove something", async (t) => {
  const traces = SPIKING_CASES.map((testCase) => ({ trace: referenceTrace(testCase), out: testCase.program.outputs[0]! }));
  const spikes = traces.flatMap(({ trace, out }) => trace.tensors.flatMap((tensors) => [...tensors[out]!]));
  const share = (test: (count: number) => boolean): number => spikes.filter(test).length / spikes.length;
  const saturating = traces.filter(({ trace }) => trace.saturations > 0).length;
  t.comment(`silent ${share((s) => s === 0)}, one ${share((s) => s === 1)}, more ${share((s) => s > 1)}, saturating ${saturating} of ${traces.length}`);
  t.ok(share((count) => count === 0) > 0.2);
  t.ok(share((count) => count === 1) > 0.05);
  t.ok(share((count) => count > 1) > 0.05);
  t.ok(saturating > traces.length / 5);
});
