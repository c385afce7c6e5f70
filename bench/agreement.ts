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
    const off = form === undefined ? distance(outputs.flat(), network.outputs.flatMap(row => [...row])) : distance(outputs.flat(), yardstick ?? outputs.flat());
    if (off > (form === undefined ? 0 : INT8_TOLERANCE)) throw new Error(`${name} does not run the bench's network: off by ${off.toFixed(3)}`);
  }
}

/** |a − b| / |b| */
export function distance(a: readonly number[], b: readonly number[]): number {
  const length = (values: readonly number[]): number => Math.hypot(...values);
  return a.length === b.length ? length(a.map((value, i) => value - b[i]!)) / Math.max(length(b), Number.MIN_VALUE) : Number.POSITIVE_INFINITY;
}
