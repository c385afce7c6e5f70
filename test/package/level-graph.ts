import { Fire, Order, Rounding } from "../../assembly/abi.js";
import type { IntegerGraph, IntegerNode } from "../../models/graph/integer.js";
import { Random } from "../conformance/random.js";

const COUNT = 4, CLASSES = 5, SIDE = 32;
const CHANNELS = [8, 16, 24] as const;
const SIZES = [8, 4, 2] as const;

/**
 * A network of three level states as models/training exports them (level_export.py), with random weights: T sub-networks, counts of the level
 * above from the step before, states that live on, a readout that begins anew with each window.
 */
export function levelGraph(timesteps: number, seed: string): IntegerGraph {
  const random = new Random(seed), nodes: IntegerNode[] = [];
  const own = timesteps === 1 ? {} : { timesteps };
  const add = (node: IntegerNode): string => {
    nodes.push(node);
    return node.name;
  };
  const weighted = (name: string, input: string, inputs: number, outChannels: number, side: number, stride: number, groups = 1): string => add({
    type: "Conv2d", name, input, weight: weights(random, timesteps * outChannels * (inputs / groups) * side * side), ...own,
    bias: Int32Array.from({ length: outChannels }, () => random.integer(-200, 200)), outChannels, kernel: [side, side],
    stride: [stride, stride], padding: side === 3 ? [1, 1] : [0, 0], dilation: [1, 1], groups,
  });
  const scaled = (length: number, most: number) => ({ multiplier: Int32Array.from({ length }, () => random.integer(1, most)), shift: 12 });
  const rescaled = (name: string, input: string, channels: number): string => add({
    type: "Requantise", name, input, ...scaled(channels, 3000), rounding: Rounding.HalfUp, dtype: "i16", fractionBits: 8,
  });
  const counted = (name: string, input: string, more: object = {}): string =>
    add({ type: "Counts", name, input, fractionBits: 8, fire: Fire.HalfUp, maxCount: COUNT, ...more });

  add({ type: "Input", name: "frame", shape: [SIDE, SIDE, 2], dtype: "u8", bound: 15 });
  for (const at of [1, 2])
    add({ type: "Delay", name: `before${at}`, input: `count${at}`, steps: 1, shape: [SIZES[at]!, SIZES[at]!, CHANNELS[at]!], dtype: "u8", bound: COUNT });
  let down = "frame";
  for (const [at, channels] of CHANNELS.entries()) {
    const below = at === 0 ? 2 : CHANNELS[at - 1]!;
    const first = weighted(`down${at}`, down, below, channels, at === 0 ? 4 : 3, at === 0 ? 4 : 2);
    let sum = rescaled(`down${at}.drive`, first, channels);
    if (at < 2) {
      const up = rescaled(`up${at}.drive`, weighted(`up${at}`, `before${at + 1}`, CHANNELS[at + 1]!, channels, 1, 1), channels);
      const wide = add({ type: "Upsample", name: `up${at}.wide`, input: up, factor: [2, 2] });
      sum = add({ type: "Add", name: `fusion${at}`, inputs: [sum, wide] });
    }
    const deep = weighted(`deep${at}`, counted(`in${at}`, sum), channels, channels, 3, 1, channels);
    const point = weighted(`point${at}`, counted(`mid${at}`, deep, scaled(channels, 3000)), channels, channels, 1, 1);
    sum = add({ type: "Add", name: `sum${at}`, inputs: [sum, rescaled(`point${at}.drive`, point, channels)] });
    const state = add({
      type: "LI", name: `state${at}`, input: sum, multiplier: Int32Array.from({ length: channels }, () => random.integer(1, 32767)), shift: 15,
      decay: { form: "multiply", values: Int32Array.from({ length: channels }, () => random.integer(33, 32767)), bits: 15, rounding: Rounding.HalfUp },
      order: Order.DecayFirst, vMin: -32768, vMax: 32767, dtype: "i16", fractionBits: 8,
    });
    down = counted(`count${at}`, state, { leak: Int32Array.from({ length: channels }, () => random.integer(-300, 100)) });
  }
  add({ type: "Flatten", name: "flat", input: down });
  add({ type: "Linear", name: "linear", input: "flat", weight: weights(random, timesteps * CLASSES * 96), ...own, outFeatures: CLASSES });
  add({
    type: "I", name: "readout", input: "linear", multiplier: 100, shift: 6, decay: { form: "none" }, order: Order.DecayFirst,
    vMin: -(2 ** 30) + 1, vMax: 2 ** 30 - 1, dtype: "i32", fractionBits: 8, windowReset: true,
  });
  return { nodes, outputs: ["readout"] };
}

function weights(random: Random, length: number): Int8Array {
  return Int8Array.from({ length }, () => random.integer(-127, 127));
}
