import { FrameKind } from "../../assembly/abi.js";
import { Engine } from "../../host/engine/engine.js";
import type { Card } from "../../host/types.js";
import type { IntegerGraph } from "../../models/graph/integer.js";
import { lower } from "../../models/package/lower.js";
import { makeSelfTest } from "../../models/package/self-test.js";
import { buildPackage } from "../../models/package/writer.js";

const SIDE = 34;
const LABELS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Weights −9..9 that are the same on every run. */
function weights(n: number): Int8Array {
  let random = 1;
  return Int8Array.from({ length: n }, () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return (random >>> 24) % 19 - 9;
  });
}

const graph: IntegerGraph = {
  nodes: [
    { type: "Input", name: "input", shape: [SIDE, SIDE, 2], dtype: "u8", bound: 7 },
    {
      type: "Conv2d", name: "conv", input: "input", weight: weights(8 * 2 * 9), outChannels: 8, kernel: [3, 3], stride: [2, 2],
      padding: [1, 1], dilation: [1, 1], groups: 1,
    },
    {
      type: "LIF", name: "lif", input: "conv", decay: { form: "shift", values: 2 }, order: 0, vMin: -32768, vMax: 32767, dtype: "i16",
      fractionBits: 4, threshold: 32, fire: 0, maxCount: 4, reset: 1,
    },
    { type: "SumPool2d", name: "pool", input: "lif", kernel: [4, 4], stride: [4, 4], padding: [0, 0] },
    { type: "Flatten", name: "flat", input: "pool" },
    { type: "Linear", name: "head", input: "flat", weight: weights(10 * 8 * 4 * 4), outFeatures: 10 },
    {
      type: "I", name: "readout", input: "head", decay: { form: "none" }, order: 0, vMin: -1073741823, vMax: 1073741823, dtype: "i32",
      fractionBits: 6, windowReset: true,
    },
  ],
  outputs: ["readout"],
};

/** A network of untrained weights for 34×34 events: for what does not depend on what it says. */
export async function untrainedPackage(changed: Partial<Card> = {}): Promise<Uint8Array> {
  const card: Card = {
    name: "untrained",
    version: "0.0.1",
    task: "classification",
    labels: LABELS,
    sensor: { kind: "dvs", width: SIDE, height: SIDE },
    framing: { kind: "time", windowMicros: 100_000, timesteps: 5, frame: "counts", cap: 7, state: "keep" },
    vote: { wins: 1, of: 1 },
    licence: "Apache-2.0",
    provenance: { made: "test/cli/package.ts" },
    scores: [],
    ...changed,
  };
  const program = lower(graph, { timesteps: card.framing.timesteps, frame: FrameKind.Counts, frameCap: card.framing.cap });
  const selfTest = await makeSelfTest(program, (plan, constants, frames, timesteps) => new Engine(plan, constants).digest(frames, timesteps));
  return buildPackage({ program, card, graph: {}, selfTest });
}
