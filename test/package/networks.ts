import { createHash } from "node:crypto";
import { Fire, FrameKind, Order, Reset, Rounding } from "../../assembly/abi.js";
import type { IntegerGraph } from "../../models/graph/integer.js";
import type { Card } from "../../models/package/card.js";
import { describeGraph } from "../../models/package/describe.js";
import { lower } from "../../models/package/lower.js";
import type { Program } from "../../models/package/program.js";
import { makeSelfTest, type SelfTestRunner } from "../../models/package/self-test.js";
import { buildPackage } from "../../models/package/writer.js";
import { Reference } from "../reference/run-program.js";

/** Deterministic small integers, −127..127. */
export function weights(length: number, seed = 1): Int8Array {
  return Int8Array.from({ length }, (_, i) => ((i * 37 + seed * 101) % 255) - 127);
}

/** conv, LIF, pool, flatten, linear, readout: one of most things, on an 8 × 6 sensor. */
export const SMALL_GRAPH: IntegerGraph = {
  nodes: [
    { type: "Input", name: "input", shape: [6, 8, 2], dtype: "u8", bound: 15 },
    {
      type: "Conv2d", name: "conv", input: "input", weight: weights(4 * 2 * 9), outChannels: 4, kernel: [3, 3],
      bias: Int32Array.of(5, -6, 7, -8),
      stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1,
    },
    {
      type: "LIF", name: "lif", input: "conv", multiplier: Int32Array.of(1000, 1100, 1200, 1300), shift: 12,
      decay: { form: "multiply", values: 3686, bits: 12, rounding: Rounding.HalfUp }, order: Order.DecayFirst,
      vMin: -32768, vMax: 32767, dtype: "i16", fractionBits: 8, threshold: 256, fire: Fire.AtLeast, maxCount: 1, reset: Reset.Subtract,
    },
    { type: "SumPool2d", name: "pool", input: "lif", kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
    { type: "Flatten", name: "flat", input: "pool" },
    { type: "Linear", name: "linear", input: "flat", weight: weights(3 * 48, 2), outFeatures: 3 },
    {
      type: "I", name: "readout", input: "linear", decay: { form: "none" }, order: Order.DecayFirst, vMin: -1073741823, vMax: 1073741823,
      dtype: "i32", fractionBits: 0, windowReset: true,
    },
  ],
  outputs: ["readout"],
};

export const SMALL_CARD: Card = {
  name: "small",
  version: "0.1.0",
  task: "classification",
  labels: ["left", "right", "none"],
  sensor: { kind: "dvs", width: 8, height: 6 },
  framing: { kind: "time", windowMicros: 20000, timesteps: 5, frame: "counts", cap: 15, state: "keep" },
  vote: { wins: 2, of: 3 },
  licence: "Apache-2.0",
  provenance: { recipe: "by hand" },
  scores: [{ metric: "accuracy", value: 0.5, n: 2, data: "two made-up recordings" }],
};

export function smallProgram(): Program {
  return lower(SMALL_GRAPH, { timesteps: 5, frame: FrameKind.Counts, frameCap: 15 });
}

/** A digest that stands where no engine is asked. */
export const ANY_DIGEST = "ab".repeat(32);

/** The self-test's digest as the oracle finds it. */
export function oracleRunner(program: Program): SelfTestRunner {
  return (_plan, _constants, frames, timesteps) => {
    const oracle = new Reference(program);
    const hash = createHash("sha256");
    const size = frames.length / timesteps;
    for (let t = 0; t < timesteps; t++) {
      if (t % program.timesteps === 0) oracle.beginWindow();
      oracle.step(frames.subarray(t * size, (t + 1) * size));
      hash.update(oracle.output(0));
    }
    return hash.digest("hex");
  };
}

/** A whole package of the small network, self-test by the oracle. */
export async function smallPackage(): Promise<Uint8Array> {
  const program = smallProgram();
  const selfTest = await makeSelfTest(program, oracleRunner(program));
  return buildPackage({ program, card: SMALL_CARD, graph: describeGraph(SMALL_GRAPH), selfTest });
}
