import t from "tap";
import { DType, Neuron, StateField } from "../../assembly/abi.js";
import { ProgramBuilder } from "./builder.js";
import { EXTREME_CASES } from "./cases/neuron-extremes.js";
import { RunningProgram, testedVariants } from "./engine-under-test.js";
import { conform } from "./harness.js";
import { neuron } from "./neuron-builder.js";

conform(t, EXTREME_CASES);

t.test("the counter of saturations stops at its end", async (t) => {
  for (const variant of testedVariants()) {
    const builder = new ProgramBuilder();
    const input = builder.tensor({ dtype: DType.U8, h: 1, w: 1, c: 8, bound: 15 });
    const out = neuron(builder, input, { kind: Neuron.LI, period: 1, min: 0, max: 1, stateDType: DType.I32 });
    const running = new RunningProgram(variant, builder.build(input, [out]));
    const state = running.state();
    new DataView(state.buffer).setUint32(StateField.Saturations * 4, 0xffffffff - 11, true);
    running.restore(state);
    const frame = new Uint8Array(8).fill(9);
    running.step(frame);
    t.equal(running.saturations(), 0xffffffff - 3);
    running.step(frame);
    t.equal(running.saturations(), 0xffffffff);
  }
});
