import type { FloatGraph, FloatNode, Tensor } from "../../models/graph/graph.js";
import type { Rule } from "../../models/quantise/rule.js";

/** Values of one node at one timestep, channels first. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface State {
  v: number[];
  i: number[];
  fired: number[];
}

/**
 * Runs a flat NIR graph as it stands, in doubles, from the formulas alone: no pass, no integer. A node that waits for itself through a
 * cycle sees what it gave one timestep before, zeros at first.
 */
export class FloatNetwork {
  /** Of the last timestep. */
  readonly values = new Map<string, Values>();
  /** Least |v − k·θ| / θ of any neuron so far: how near a rounding could have come to changing a spike. */
  margin = Infinity;
  private readonly states = new Map<string, State>();
  private readonly history = new Map<string, Values[]>();
  private readonly busy = new Set<string>();
  private before = new Map<string, Values>();

  constructor(
    readonly graph: FloatGraph,
    readonly rule: Rule,
    readonly inputShape: readonly number[],
  ) {}

  step(frame: readonly number[]): void {
    this.before = new Map(this.values);
    this.values.clear();
    this.frame = frame;
    for (const [name, { type }] of this.graph.nodes) if (type === "Output") this.value(name);
    for (const name of this.graph.nodes.keys()) this.value(name);
  }
  private frame: readonly number[] = [];

  private value(name: string): Values {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    if (this.busy.has(name)) return this.before.get(name) ?? { shape: [], data: [] };
    this.busy.add(name);
    const node = this.graph.nodes.get(name)!;
    const found = node.type === "Input" ? { shape: this.inputShape, data: [...this.frame] } : this.compute(name, node, this.input(name));
    this.busy.delete(name);
    this.values.set(name, found);
    return found;
  }

  /** The sum of all writers; one that has given nothing yet counts as zeros. */
  private input(name: string): Values {
    const all = this.graph.edges.filter(({ to }) => to === name).map(({ from }) => this.value(from));
    const known = all.filter(({ data }) => data.length > 0);
    if (known.length === 0) return { shape: [], data: [] };
    return { shape: known[0]!.shape, data: known[0]!.data.map((_, i) => known.reduce((sum, { data }) => sum + data[i]!, 0)) };
  }

  private compute(name: string, node: FloatNode, input: Values): Values {
    switch (node.type) {
      case "Output":
        return input;
      case "Affine":
      case "Linear":
        return matrix(node, input);
      case "Scale":
        return map(input, (x, i) => x * at(node.scale, i, input.shape));
      case "Conv1d": {
        const { weight, stride, padding, dilation, groups, bias } = node;
        const [c, l] = input.shape as [number, number];
        const [o, i, k] = weight.shape as [number, number, number];
        const image = conv(
          { shape: [c, 1, l], data: input.data },
          { shape: [o, i, 1, k], data: weight.data },
          bias,
          [1, stride],
          typeof padding === "number" ? [0, padding] : padding,
          [1, dilation],
          groups,
        );
        return { shape: [image.shape[0]!, image.shape[2]!], data: image.data };
      }
      case "Conv2d":
        return conv(input, node.weight, node.bias, node.stride, node.padding, node.dilation, node.groups);
      case "SumPool2d":
      case "AvgPool2d":
        return pool(input, node);
      case "Flatten":
        return { shape: [input.data.length], data: input.data };
      case "Delay":
        return this.delayed(name, input, Math.round(node.delay.data[0]! / this.rule.dt));
      case "Threshold":
        return map(input, (x, i) => Number(this.fires(x, at(node.threshold, i, input.shape), 1)));
      case "I":
      case "LI":
      case "IF":
      case "LIF":
      case "CubaLI":
      case "CubaLIF":
        return this.neuron(name, node, input);
      default:
        throw new Error(`${name}: ${node.type}`);
    }
  }

  private delayed(name: string, input: Values, steps: number): Values {
    const kept = this.history.get(name) ?? [];
    this.history.set(name, [...kept, input]);
    return kept.length < steps ? map(input, () => 0) : [...kept, input][kept.length - steps]!;
  }

  private neuron(name: string, node: Extract<FloatNode, { readonly r: Tensor }>, input: Values): Values {
    const { rule } = this;
    const size = input.data.length;
    const zeros = (): number[] => new Array<number>(size).fill(0);
    const state = this.states.get(name) ?? { v: zeros(), i: zeros(), fired: zeros() };
    this.states.set(name, state);
    const spiking = "vThreshold" in node && node.vThreshold !== undefined;
    const data = input.data.map((x, n) => {
      const of = (parameter: Tensor): number => at(parameter, n, input.shape);
      const decay = (tau: number): number => (rule.decay === "exact" ? Math.exp(-rule.dt / tau) : 1 - rule.dt / tau);
      const gain = (tau: number): number => (rule.gain === "exact" ? 1 - Math.exp(-rule.dt / tau) : rule.dt / tau);
      let [alpha, drive] = [1, 0];
      if (node.type === "I" || node.type === "IF") drive = of(node.r) * x * (rule.integrate === "dt" ? rule.dt : 1);
      else if (node.type === "LI" || node.type === "LIF") {
        alpha = decay(of(node.tau));
        drive = gain(of(node.tau)) * of(node.r) * x + (1 - alpha) * of(node.vLeak);
      } else {
        const old = state.i[n]!;
        state.i[n] = decay(of(node.tauSyn)) * old + gain(of(node.tauSyn)) * of(node.wIn) * x;
        alpha = decay(of(node.tauMem));
        drive = gain(of(node.tauMem)) * of(node.r) * (rule.cuba === "old" ? old : state.i[n]!) + (1 - alpha) * of(node.vLeak);
      }
      let v = rule.order === "decay-first" ? alpha * state.v[n]! + drive : alpha * (state.v[n]! + drive);
      const theta = spiking ? of(node.vThreshold!) : 0;
      const reset = (spikes: number, from: number): number =>
        spikes === 0
          ? from
          : rule.reset === "subtract"
            ? from - spikes * theta
            : rule.reset === "zero"
              ? 0
              : of((node as { readonly vReset: Tensor }).vReset);
      if (spiking && rule.resetTiming === "delayed") v = reset(state.fired[n]!, v);
      if (rule.vMin !== "none") v = Math.max(v, rule.vMin === "-theta" ? -theta : rule.vMin);
      let spikes = 0;
      while (spiking && spikes < rule.spikes && this.fires(v, (spikes + 1) * theta, theta)) spikes++;
      state.fired[n] = spikes;
      state.v[n] = spiking && rule.resetTiming === "immediate" ? reset(spikes, v) : v;
      return spiking ? spikes : v;
    });
    return { shape: input.shape, data };
  }

  private fires(v: number, threshold: number, unit: number): boolean {
    this.margin = Math.min(this.margin, Math.abs(v - threshold) / Math.abs(unit || 1));
    return this.rule.comparison === "above" ? v > threshold : v >= threshold;
  }
}

function map({ shape, data }: Values, of: (value: number, i: number) => number): Values {
  return { shape, data: data.map(of) };
}

/** Element n of a parameter spread over a shape: one for all, one a channel, or one an element. */
function at({ data }: Tensor, n: number, shape: readonly number[]): number {
  const total = shape.reduce((a, b) => a * b, 1);
  return data[data.length === 1 ? 0 : Math.floor(n / (total / data.length))]!;
}

function matrix(node: Extract<FloatNode, { readonly type: "Affine" | "Linear" }>, { data }: Values): Values {
  const [o, i] = node.weight.shape as [number, number];
  const outputs = Array.from({ length: o }, (_, row) => {
    const bias = node.type === "Affine" ? node.bias.data[row]! : 0;
    return data.reduce((sum, x, column) => sum + x * node.weight.data[row * i + column]!, bias);
  });
  return { shape: [o], data: outputs };
}

function conv(
  input: Values,
  weight: Tensor,
  bias: Tensor | undefined,
  stride: readonly number[],
  padding: readonly number[] | "same" | "valid",
  dilation: readonly number[],
  groups: number,
): Values {
  const [, h, w] = input.shape as [number, number, number];
  const [o, perGroup, kh, kw] = weight.shape as [number, number, number, number];
  const pads =
    padding === "valid"
      ? [0, 0, 0, 0]
      : padding === "same"
        ? [kh, kw].flatMap((k, axis) => [Math.floor((dilation[axis]! * (k - 1)) / 2), Math.ceil((dilation[axis]! * (k - 1)) / 2)])
        : [padding[0]!, padding[0]!, padding[1]!, padding[1]!];
  const height = Math.floor((h + pads[0]! + pads[1]! - dilation[0]! * (kh - 1) - 1) / stride[0]!) + 1;
  const width = Math.floor((w + pads[2]! + pads[3]! - dilation[1]! * (kw - 1) - 1) / stride[1]!) + 1;
  const data: number[] = [];
  for (let c = 0; c < o; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = bias?.data[c] ?? 0;
        for (let i = 0; i < perGroup; i++)
          for (let ky = 0; ky < kh; ky++)
            for (let kx = 0; kx < kw; kx++) {
              const row = y * stride[0]! - pads[0]! + ky * dilation[0]!;
              const column = x * stride[1]! - pads[2]! + kx * dilation[1]!;
              if (row < 0 || row >= h || column < 0 || column >= w) continue;
              const channel = Math.floor(c / (o / groups)) * perGroup + i;
              sum += input.data[(channel * h + row) * w + column]! * weight.data[((c * perGroup + i) * kh + ky) * kw + kx]!;
            }
        data.push(sum);
      }
  return { shape: [o, height, width], data };
}

function pool(input: Values, node: Extract<FloatNode, { readonly type: "SumPool2d" | "AvgPool2d" }>): Values {
  const [c] = input.shape as [number];
  const [kh, kw] = node.kernel;
  const ones: Tensor = { shape: [c, 1, kh, kw], data: new Float64Array(c * kh * kw).fill(node.type === "AvgPool2d" ? 1 / (kh * kw) : 1) };
  return conv(input, ones, undefined, node.stride, node.padding, [1, 1], c);
}
