import { corrupt, elements, type FloatGraph, type FloatNode, type Padding, type Tensor, wiring } from "./graph.js";
import type { Pair } from "./integer.js";
import { delays, topologicalOrder } from "./order.js";

/** [C, H, W] for images, [C, L] for Conv1d, [N] for vectors. */
export type Shape = readonly number[];

/**
 * The output shape of every node. Sizes are worked out from kernels and weights, never taken from what the file says of them.
 * @throws ModelError NETWORK_CORRUPT naming the node whose shapes disagree
 */
export function inferShapes(graph: FloatGraph): Map<string, Shape> {
  const { inputs } = wiring(graph);
  const { order } = topologicalOrder(graph, delays(graph));
  const shapes = new Map<string, Shape>();
  for (let unknown = Infinity; shapes.size < order.length && shapes.size !== unknown;) {
    unknown = shapes.size;
    for (const name of order) {
      if (shapes.has(name)) continue;
      const given = inputs(name)
        .map((from) => shapes.get(from))
        .filter((shape) => shape !== undefined);
      const shape = outputShape(name, graph.nodes.get(name)!, given[0]);
      if (shape !== undefined) shapes.set(name, shape);
    }
  }
  for (const name of order)
    check(
      name,
      graph.nodes.get(name)!,
      shapes.get(name),
      inputs(name).map((from) => shapes.get(from)),
    );
  return shapes;
}

function outputShape(name: string, node: FloatNode, input: Shape | undefined): Shape | undefined {
  switch (node.type) {
    case "Input":
      return node.shape;
    case "Affine":
    case "Linear":
      return [node.weight.shape[0]!];
    case "Conv2d":
      return input && convShape(name, input, node.weight.shape, node);
    case "Conv1d": {
      if (input === undefined) return undefined;
      if (input.length !== 2) throw corrupt(name, `Conv1d wants [C, L], its input is ${text(input)}`);
      const { weight, stride, padding, dilation } = node;
      const size = windows(name, input[1]!, weight.shape[2]!, stride, typeof padding === "number" ? padding : padding, dilation);
      return [weight.shape[0]!, size];
    }
    case "SumPool2d":
    case "AvgPool2d": {
      if (input === undefined) return undefined;
      if (input.length !== 3) throw corrupt(name, `${node.type} wants [C, H, W], its input is ${text(input)}`);
      const size = (axis: 0 | 1): number => windows(name, input[axis + 1]!, node.kernel[axis], node.stride[axis], node.padding[axis], 1);
      return [input[0]!, size(0), size(1)];
    }
    case "Flatten":
      return input && flattenShape(name, node, input);
    default:
      return input;
  }
}

function convShape(
  name: string,
  input: Shape,
  weight: readonly number[],
  { stride, padding, dilation }: { stride: Pair; padding: Padding; dilation: Pair },
): Shape {
  if (input.length !== 3) throw corrupt(name, `Conv2d wants [C, H, W], its input is ${text(input)}`);
  const size = (axis: 0 | 1): number =>
    windows(name, input[axis + 1]!, weight[axis + 2]!, stride[axis], typeof padding === "string" ? padding : padding[axis], dilation[axis]);
  return [weight[0]!, size(0), size(1)];
}

/** Positions of a kernel along one axis. */
function windows(name: string, size: number, kernel: number, stride: number, padding: number | "same" | "valid", dilation: number): number {
  if (padding === "same") {
    if (stride !== 1) throw corrupt(name, "padding 'same' wants stride 1");
    return size;
  }
  const count = Math.floor((size + 2 * (padding === "valid" ? 0 : padding) - dilation * (kernel - 1) - 1) / stride) + 1;
  if (!(count >= 1)) throw corrupt(name, `a kernel of ${kernel} (dilation ${dilation}) does not fit an input of ${size}`);
  return count;
}

/** Rows above and columns left of the image: torch puts the odd element of 'same' below and right. */
export function leadingPadding(padding: Padding, kernel: Pair, dilation: Pair): Pair {
  if (padding === "valid") return [0, 0];
  if (padding !== "same") return padding;
  return [Math.floor((dilation[0] * (kernel[0] - 1)) / 2), Math.floor((dilation[1] * (kernel[1] - 1)) / 2)];
}

function flattenShape(name: string, node: Extract<FloatNode, { type: "Flatten" }>, input: Shape): Shape {
  const batch = node.rank === input.length + 1 ? 1 : 0;
  const dim = (at: number): number => (at < 0 ? input.length + at : Math.max(0, at - batch));
  const [start, end] = [dim(node.startDim), dim(node.endDim)];
  if (!(start >= 0 && start <= end && end < input.length)) {
    throw corrupt(name, `flattens dims ${node.startDim}..${node.endDim} of ${text(input)}`);
  }
  return [...input.slice(0, start), elements(input.slice(start, end + 1)), ...input.slice(end + 1)];
}

function check(name: string, node: FloatNode, shape: Shape | undefined, given: readonly (Shape | undefined)[]): void {
  if (shape === undefined) throw corrupt(name, "its input shape cannot be known");
  if (shape.length < 1 || shape.length > 3) throw corrupt(name, `shape ${text(shape)} is neither [N], [C, L] nor [C, H, W]`);
  if (shape.some((size) => !Number.isInteger(size) || size < 1) || elements(shape) > MAX_SHAPE) {
    throw corrupt(name, `shape ${text(shape)} is empty or beyond ${MAX_SHAPE} elements`);
  }
  for (const input of given) {
    if (input === undefined) continue;
    if ((node.type === "Affine" || node.type === "Linear") && elements(input) !== node.weight.shape[1]) {
      throw corrupt(name, `${node.type} wants ${node.weight.shape[1]} inputs, its input is ${text(input)}`);
    }
    if (node.type === "Conv1d" || node.type === "Conv2d") {
      const wanted = node.weight.shape[1]! * node.groups;
      if (input[0] !== wanted || node.weight.shape[0]! % node.groups !== 0) {
        throw corrupt(name, `${node.type} wants ${wanted} channels in ${node.groups} groups, its input is ${text(input)}`);
      }
    }
    if (node.type === "Add" && text(input) !== text(shape))
      throw corrupt(name, `inputs of ${text(input)} and ${text(shape)} cannot be added`);
  }
}

/** Elements of one tensor: the engine's limit. */
const MAX_SHAPE = 16_777_216;

export function text(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** [h, w, c] of a NIR shape: a vector is 1 × 1 × N, a sequence 1 × L × C. */
export function hwc(shape: Shape): readonly [h: number, w: number, c: number] {
  if (shape.length === 3) return [shape[1]!, shape[2]!, shape[0]!];
  if (shape.length === 2) return [1, shape[1]!, shape[0]!];
  return [1, 1, shape[0]!];
}

/**
 * A node's parameter spread over its shape, numpy's way (right-aligned, leading ones dropped); a vector of C also fits [C, …] as one
 * value a channel, when it does not fit the last axis.
 *
 * @returns values in the shape's own order
 */
export function broadcast(name: string, field: string, { shape: own, data }: Tensor, shape: Shape): Float64Array {
  const total = elements(shape);
  if (data.length === 1) return new Float64Array(total).fill(data[0]!);
  let dims = [...own];
  while (dims.length > shape.length && dims[0] === 1) dims = dims.slice(1);
  if (dims.length === 1 && dims[0] === shape[0] && dims[0] !== shape.at(-1)) dims = [dims[0]!, ...shape.slice(1).map(() => 1)];
  const aligned = [...new Array<number>(Math.max(0, shape.length - dims.length)).fill(1), ...dims];
  if (aligned.length !== shape.length || aligned.some((size, axis) => size !== 1 && size !== shape[axis])) {
    throw corrupt(name, `${field} of shape ${text(own)} does not fit ${text(shape)}`);
  }
  return Float64Array.from({ length: total }, (_, i) => data[sourceIndex(i, shape, aligned)]!);
}

function sourceIndex(index: number, shape: Shape, aligned: Shape): number {
  let [at, stride] = [0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const position = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
    if (aligned[axis] !== 1) at += position * stride;
    stride *= aligned[axis]!;
  }
  return at;
}
