import { Fire, Reset, Rounding } from "../../assembly/abi.js";
import type {
  CountsNode, IntegerGraph, IntegerNode, NeuronNode, Pair, Parameter, PoolNode, WeightedConv, WeightedLinear,
} from "../../models/graph/integer.js";
import { round } from "../reference/rounding.js";

/** A value as torch holds it: (c, h, w) order; a vector has h = w = 1 once it is flattened. */
export interface Planes {
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly data: readonly number[];
}

const SATURATION = { u8: [0, 255], i8: [-128, 127], i16: [-32768, 32767], i32: [-(2 ** 31), 2 ** 31 - 1] } as const;

/** Runs an integer graph node by node in torch's order of elements, knowing nothing of ops and plans. */
export class TorchOrder {
  readonly #potentials = new Map<string, number[]>();
  readonly #past = new Map<string, Planes[]>();
  #step = 0;

  constructor(private readonly graph: IntegerGraph) {}

  /** One timestep. @returns the values of all nodes by name */
  step(input: Planes): Map<string, Planes> {
    const values = new Map<string, Planes>();
    for (const node of this.graph.nodes) values.set(node.name, this.#node(node, values, input));
    for (const node of this.graph.nodes) {
      if (node.type !== "Delay") continue;
      this.#past.set(node.name, [...(this.#past.get(node.name) ?? []), values.get(node.input)!].slice(-node.steps));
    }
    this.#step++;
    return values;
  }

  #node(node: IntegerNode, values: ReadonlyMap<string, Planes>, frame: Planes): Planes {
    if (node.type === "Input") return frame;
    if (node.type === "Add") return node.inputs.map((name) => values.get(name)!).reduce(added);
    if (node.type === "Concat") return node.inputs.map((name) => values.get(name)!).reduce(joined);
    if (node.type === "Delay") {
      const past = this.#past.get(node.name) ?? [];
      const [h, w, c] = node.shape;
      return past.length < node.steps ? { c, h, w, data: new Array<number>(h * w * c).fill(0) } : past[0]!;
    }
    const x = values.get(node.input)!;
    switch (node.type) {
      case "Conv2d": return conv(x, node, weightOf(node, this.#step));
      case "Linear": return linear(x, node, weightOf(node, this.#step));
      case "Requantise": return mapped(x, (value, at) => {
        const [low, high] = SATURATION[node.dtype];
        const scaled = scale(value, parameter(node.multiplier, x, at), node.shift, node.rounding) + (parameter(node.offset, x, at) ?? 0);
        return Math.min(Math.max(scaled, low), high);
      });
      case "MaxPool2d": return pooled(x, node, (window) => Math.max(...window));
      case "SumPool2d": return pooled(x, node, total);
      case "AvgPool2d": return pooled(x, node, (window) => scale(total(window), node.multiplier, node.shift!, Rounding.HalfUp));
      case "GlobalMean": return {
        c: x.c, h: 1, w: 1,
        data: Array.from({ length: x.c }, (_, c) =>
          scale(total(x.data.slice(c * x.h * x.w, (c + 1) * x.h * x.w)), node.multiplier, node.shift, Rounding.HalfUp)),
      };
      case "Upsample": return image(x.c, x.h * node.factor[0], x.w * node.factor[1], (c, row, column) =>
        at(x, c, Math.floor(row / node.factor[0]), Math.floor(column / node.factor[1])));
      case "Flatten": return x;
      case "Counts": return mapped(x, (value, i) => counted(drive(node, value, x, i), node));
      case "Threshold": throw new RangeError("not interpreted here");
      default: return this.#integrateAndFire(node, x);
    }
  }

  /** IF with AtLeast and Subtract, and I: enough to see whose parameters and whose potential an element has. */
  #integrateAndFire(node: NeuronNode, x: Planes): Planes {
    const potentials = this.#potentials.get(node.name) ?? new Array<number>(x.data.length).fill(0);
    this.#potentials.set(node.name, potentials);
    if (node.decay.form !== "none") throw new RangeError("not interpreted here");
    return mapped(x, (value, i) => {
      potentials[i] = Math.min(Math.max(potentials[i]! + drive(node, value, x, i), node.vMin), node.vMax);
      if (node.type === "I") return potentials[i]!;
      if (node.type !== "IF" || node.fire !== Fire.AtLeast || node.reset !== Reset.Subtract) throw new RangeError("not interpreted here");
      const theta = parameter(node.threshold, x, i)!;
      const spikes = Math.min(Math.max(Math.floor(potentials[i]! / theta), 0), node.maxCount!);
      potentials[i] = potentials[i]! - spikes * theta;
      return spikes;
    });
  }
}

/** From the engine's order (h, w, c) to torch's. */
export function toPlanes(data: ArrayLike<number>, h: number, w: number, c: number): Planes {
  return image(c, h, w, (channel, y, x) => data[(y * w + x) * c + channel]!);
}

/** From torch's order to the engine's. */
export function toInterleaved({ c, h, w, data }: Planes): number[] {
  return Array.from({ length: data.length }, (_, i) => data[(i % c) * h * w + Math.floor(i / c)]!);
}

/** Entry of a parameter (numbered by (h, w, c)) for element i of planes. */
function parameter(values: Parameter | undefined, x: Planes, i: number): number | undefined {
  if (values === undefined || typeof values === "number") return values;
  const pixels = x.h * x.w;
  const channel = Math.floor(i / pixels);
  return values.length === x.c ? values[channel] : values[(i % pixels) * x.c + channel];
}

function drive(node: CountsNode | NeuronNode, value: number, x: Planes, i: number): number {
  return scale(value, parameter(node.multiplier, x, i), node.shift ?? 0, Rounding.HalfUp) + (parameter(node.leak, x, i) ?? 0);
}

function counted(value: number, { fractionBits, fire, maxCount }: CountsNode): number {
  const rule = { [Fire.HalfUp]: Rounding.HalfUp, [Fire.HalfEven]: Rounding.HalfEven, [Fire.AtLeast]: Rounding.Floor }[fire];
  return Math.min(Math.max(scale(value, 1, fractionBits, rule), 0), maxCount);
}

function scale(value: number, multiplier: number | undefined, shift: number, rule: Rounding): number {
  return multiplier === undefined ? value : Number(round(BigInt(value) * BigInt(multiplier), shift, rule));
}

/** The weights of a timestep. */
function weightOf({ weight, timesteps = 1 }: WeightedConv | WeightedLinear, step: number): Int8Array {
  const each = weight.length / timesteps, t = step % timesteps;
  return weight.slice(t * each, (t + 1) * each);
}

function linear(x: Planes, { outFeatures, bias }: WeightedLinear, weight: Int8Array): Planes {
  const data = Array.from({ length: outFeatures }, (_, o) =>
    x.data.reduce((sum, value, i) => sum + value * weight[o * x.data.length + i]!, bias?.[o] ?? 0));
  return { c: outFeatures, h: 1, w: 1, data };
}

function conv(x: Planes, node: WeightedConv, weight: Int8Array): Planes {
  const { outChannels, kernel: [kh, kw], bias, stride, padding, dilation, groups, outSize } = node;
  const inPerGroup = x.c / groups;
  const size = (length: number, axis: 0 | 1) =>
    Math.floor((length + 2 * padding[axis] - dilation[axis] * ([kh, kw][axis]! - 1) - 1) / stride[axis]) + 1;
  return image(outChannels, outSize?.[0] ?? size(x.h, 0), outSize?.[1] ?? size(x.w, 1), (o, row, column) => {
    const group = Math.floor(o / (outChannels / groups));
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < inPerGroup; i++)
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++) {
          const value = at(x, group * inPerGroup + i, row * stride[0] - padding[0] + ky * dilation[0],
            column * stride[1] - padding[1] + kx * dilation[1]);
          sum += value * weight[((o * inPerGroup + i) * kh + ky) * kw + kx]!;
        }
    return sum;
  });
}

function pooled(x: Planes, node: PoolNode, reduce: (window: readonly number[]) => number): Planes {
  const { kernel, stride, padding } = node;
  const size = (length: number, axis: 0 | 1) => Math.floor((length + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
  return image(x.c, size(x.h, 0), size(x.w, 1), (c, row, column) => {
    const top = row * stride[0] - padding[0];
    const left = column * stride[1] - padding[1];
    return reduce(inside(kernel, (dy, dx) => contains(x, top + dy, left + dx), (dy, dx) => at(x, c, top + dy, left + dx)));
  });
}

function inside(kernel: Pair, holds: (dy: number, dx: number) => boolean, value: (dy: number, dx: number) => number): number[] {
  const found: number[] = [];
  for (let dy = 0; dy < kernel[0]; dy++) for (let dx = 0; dx < kernel[1]; dx++) if (holds(dy, dx)) found.push(value(dy, dx));
  return found;
}

function contains(x: Planes, row: number, column: number): boolean {
  return row >= 0 && row < x.h && column >= 0 && column < x.w;
}

function at(x: Planes, c: number, row: number, column: number): number {
  return contains(x, row, column) ? x.data[(c * x.h + row) * x.w + column]! : 0;
}

function image(c: number, h: number, w: number, value: (c: number, row: number, column: number) => number): Planes {
  const data: number[] = [];
  for (let channel = 0; channel < c; channel++)
    for (let row = 0; row < h; row++)
      for (let column = 0; column < w; column++) data.push(value(channel, row, column));
  return { c, h, w, data };
}

function mapped(x: Planes, value: (value: number, i: number) => number): Planes {
  return { ...x, data: x.data.map(value) };
}

function added(a: Planes, b: Planes): Planes {
  return mapped(a, (value, i) => value + b.data[i]!);
}

function joined(a: Planes, b: Planes): Planes {
  return { ...a, c: a.c + b.c, data: [...a.data, ...b.data] };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
