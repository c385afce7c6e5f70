import type { Contestant } from "./contestants/list.js";

/** Greatest distance of a quantised or differently rounded network's logits from what they should be, as a share of their length. */
const INT8_TOLERANCE = 0.1;

export interface Answer {
  readonly contestant: Contestant;
  readonly outputs: readonly (readonly number[])[];
}

/**
 * Whether every engine runs the network that it is meant to: ours and C give exactly the expected logits; ONNX Runtime's forms, which
 * clip without rounding, agree with one another. (That they hold our weights is a test: rounded, their logits are ours.)
 * @throws Error that names the engine which does not
 */
export function agreeing(answers: readonly Answer[]): void {
  const yardstick = answers.find(({ contestant }) => contestant.form === "fp32")?.outputs.flat();
  for (const { contestant: { name, form, network }, outputs } of answers) {
    const wanted = form === undefined ? network.outputs.flatMap(row => [...row]) : yardstick ?? outputs.flat();
    mustBeNear(name, distance(outputs.flat(), wanted), form === undefined ? 0 : INT8_TOLERANCE);
  }
}

/** @throws Error that names an engine whose outputs are further away than it may be */
export function mustBeNear(name: string, off: number, tolerance: number): void {
  if (!(off <= tolerance)) throw new Error(`${name} does not run the bench's network: its outputs are off by ${off.toFixed(3)}`);
}

/** |a − b| / |b| */
export function distance(a: readonly number[], b: readonly number[]): number {
  const length = (values: readonly number[]): number => Math.hypot(...values);
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const off = length(a.map((value, i) => value - b[i]!));
  return off === 0 ? 0 : off / length(b);
}
