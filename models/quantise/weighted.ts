import { ModelError } from "../errors.js";
import type { WeightedFloatNode } from "../graph/graph.js";
import type { IntegerNode, WeightBits } from "../graph/integer.js";
import { leadingPadding, type Shape } from "../graph/shapes.js";
import { maximum } from "./fixed-point.js";
import type { WeightReport } from "./report.js";
import { channelsOf, uniformScale, type Value } from "./values.js";
import { GREATEST, roundRows, rowMaxima, rowSums, searchScales, weightReport } from "./weights.js";

/** One weighted node of the float graph with what it reads. */
export interface Branch {
  readonly name: string;
  readonly node: WeightedFloatNode;
  readonly input: Value;
  readonly shape: Shape;
  readonly bits: WeightBits;
}

export interface WeightedResult {
  readonly node: IntegerNode;
  readonly value: Value;
  readonly report: WeightReport;
}

/** Steps of the accumulator, one a row: real value of one step of weight times one step of input. */
export type RowScales = Float64Array;

/**
 * Scales that all branches of one sum share, so that their accumulators add up: of each channel the greatest max|w|·input scale / 127 (/ 7
 * of int4).
 * @param search  choose scales that lose the least instead, by clipping
 */
export function sharedScales(branches: readonly Branch[], search: boolean): RowScales {
  const rows = channelsOf(branches[0]!.shape);
  const maxima = branches.map(({ node, input, bits }) =>
    rowMaxima(node.weight.data, rows).map((most) => (most * inputScale(input)) / GREATEST[bits]));
  const greatest = Float64Array.from({ length: rows }, (_, o) => Math.max(...maxima.map((one) => one[o]!)));
  const otherwise = maximum(greatest) || 1;
  const filled = greatest.map((most) => most || otherwise);
  if (!search) return filled;
  return searchScales(branches.map(({ node, input, bits }) => ({ weight: node.weight.data, step: inputScale(input), bits })), filled);
}

/**
 * One weighted node in integers.
 * @param scales     of the accumulator
 * @param deferBias  whether the reader adds the bias in its own, finer units
 */
export function quantiseWeighted({ name, node, input, shape, bits }: Branch, scales: RowScales, deferBias: boolean): WeightedResult {
  const rows = channelsOf(shape);
  const step = inputScale(input);
  const weightScales = scales.map((scale) => scale / step);
  const rounded = roundRows(node.weight.data, weightScales, bits);
  const bias = biasOf(node);
  const integerBias = bias === undefined || deferBias ? undefined : integerBiases(name, bias, scales);
  const value = accumulator(name, shape, rounded, input, integerBias, scales);
  return {
    node: integerNode(name, node, input, rounded, rows, integerBias, bits),
    value: deferBias && bias !== undefined ? { ...value, bias } : value,
    report: weightReport(name, node.type, node.weight.data, rounded, weightScales, bits),
  };
}

function inputScale(input: Value): number {
  const step = uniformScale(input);
  if (step === undefined) throw new Error(`${input.name} reaches weights with a scale a channel`);
  return step;
}

export function biasOf(node: WeightedFloatNode): Float64Array | undefined {
  const bias = "bias" in node ? node.bias?.data : undefined;
  return bias?.some((value) => value !== 0) ? bias : undefined;
}

function integerBiases(name: string, bias: Float64Array, scales: RowScales): Int32Array {
  const rounded = bias.map((value, o) => Math.round(value / scales[o]!));
  if (rounded.some((value) => Math.abs(value) > 2 ** 30)) {
    throw new ModelError(
      "NETWORK_RANGE",
      `node ${name}: a bias is more than 2^30 steps of its weights`,
      "scale weights and biases alike before export",
    );
  }
  return Int32Array.from(rounded);
}

/** The accumulator's greatest |value|: NUMERICS.md §3. */
export function accumulator(
  name: string,
  shape: Shape,
  rounded: Int8Array,
  input: Value,
  bias: Int32Array | undefined,
  scale: RowScales,
): Value {
  const sums = rowSums(rounded, channelsOf(shape));
  const bound = maximum(sums.map((sum, o) => sum * input.bound + Math.abs(bias?.[o] ?? 0)));
  if (bound > 2147483647) {
    throw new ModelError(
      "NETWORK_RANGE",
      `node ${name}: its sum could reach ${bound}, beyond 2^31 − 1`,
      "lower --cap, or use fewer inputs",
    );
  }
  return { name, shape, dtype: "i32", bound, scale };
}

export function integerNode(
  name: string,
  node: WeightedFloatNode,
  input: Value,
  weight: Int8Array,
  rows: number,
  bias: Int32Array | undefined,
  bits: WeightBits = 8,
): IntegerNode {
  const common = { name, input: input.name, weight, ...(bits !== 8 && { weightBits: bits }), ...(bias && { bias }) };
  if (node.type !== "Conv2d") return { type: "Linear", ...common, outFeatures: rows };
  const kernel = [node.weight.shape[2]!, node.weight.shape[3]!] as const;
  return {
    type: "Conv2d",
    ...common,
    outChannels: rows,
    kernel,
    stride: node.stride,
    dilation: node.dilation,
    groups: node.groups,
    padding: leadingPadding(node.padding, kernel, node.dilation),
    ...(node.padding === "same" && { outSize: [input.shape[1]!, input.shape[2]!] as const }),
  };
}
