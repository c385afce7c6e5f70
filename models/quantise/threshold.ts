import { ModelError } from "../errors.js";
import type { ThresholdsNode } from "../graph/integer.js";
import { fixedPoint, maximum, overShape, toParameter } from "./fixed-point.js";
import type { Rule } from "./rule.js";
import type { Value } from "./values.js";

const DRIVE_BITS = 28;

/** NIR's Threshold: one spike where x is above (or at least) θ; thresholds may be zero or negative. */
export function quantiseThreshold(
  name: string,
  threshold: Float64Array,
  input: Value,
  { comparison }: Rule,
): { node: ThresholdsNode; value: Value } {
  const real = input.scale.map((step, c) => step * input.bound + Math.abs(input.bias?.[c] ?? 0));
  const unit = 2 ** Math.ceil(Math.log2(Math.max(maximum(real), maximum(threshold)) || 1) - DRIVE_BITS);
  const fixed = fixedPoint(overShape(input.scale, input.shape).map((step) => step / unit));
  if (fixed === undefined)
    throw new ModelError("NETWORK_RANGE", `node ${name}: its thresholds are too fine for its inputs`, "check the weights before it");
  const steps = threshold.map((theta) => (comparison === "above" ? Math.floor(theta / unit) + 1 : Math.ceil(theta / unit)));
  const parameter = toParameter(steps, input.shape);
  const bias = input.bias && overShape(input.bias, input.shape).map((value) => Math.round(value / unit));
  const node: ThresholdsNode = {
    type: "Threshold",
    name,
    input: input.name,
    multiplier: toParameter(fixed.multiplier, input.shape),
    shift: fixed.shift,
    ...(bias && { leak: toParameter(bias, input.shape) }),
    thresholds: typeof parameter === "number" ? Int32Array.of(parameter) : parameter,
    maxCount: 1,
  };
  return { node, value: { name, shape: input.shape, dtype: "u8", bound: 1, scale: new Float64Array(input.scale.length).fill(1) } };
}
