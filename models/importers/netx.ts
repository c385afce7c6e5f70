import { Fire, Order, Reset, Rounding } from "../../assembly/abi.js";
import { corrupt, elements, unsupported, type Note } from "../graph/graph.js";
import type { DecayForm, IntegerGraph, IntegerNode, NeuronNode } from "../graph/integer.js";
import { hwc, text, type Shape } from "../graph/shapes.js";
import { readout } from "../quantise/readout.js";
import type { Value } from "../quantise/values.js";
import type { H5Group } from "./hdf5-tree.js";
import { Fields } from "./nir-nodes.js";

export interface NetxNetwork {
  readonly graph: IntegerGraph;
  /** [C, H, W] or [N]. */
  readonly inputShape: Shape;
  /** Elements of the last layer. */
  readonly outputs: number;
  readonly notes: readonly Note[];
}

export interface NetxOptions {
  /**
   * What a frame holds for a network whose first layer has neurons: `drive`, i8 values after the file's own transform weight · x + bias;
   * or `counts`, u8 event counts 0..cap, which the network transforms itself.
   */
  readonly input: "drive" | "counts";
  readonly cap: number;
  /** T of a window, for the readout. */
  readonly timesteps: number;
}

/** Lava's bits: weights and biases are shifted by 6 (weights by their exponent too); potentials have 24 bits, decays 12. */
const POTENTIAL_SHIFT = 6;
const POTENTIAL_LIMIT = 8388607;
const DECAY_BITS = 12;
const NO_DECAY = 1 << DECAY_BITS;
const MAX_LAYERS = 1024;

export function isNetx(tree: H5Group): boolean {
  return tree.children.get("layer")?.kind === "group";
}

/**
 * A network of Lava's netx format, whose numbers are integers already: nothing is quantised, every layer computes what Lava's bit-accurate
 * model does. Lava's layers run one timestep behind each other; ours run in one timestep, so that layer k's outputs come k steps earlier.
 *
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED
 */
export function readNetx(tree: H5Group, options: NetxOptions): NetxNetwork {
  const layers = tree.children.get("layer");
  if (layers?.kind !== "group") throw corrupt("layer", "the file holds no layers");
  const count = layers.children.size;
  if (count < 1 || count > MAX_LAYERS) throw corrupt("layer", `${count} layers, not 1..${MAX_LAYERS}`);
  const reader = new NetxReader(options);
  for (let at = 0; at < count; at++) {
    const layer = layers.children.get(String(at));
    if (layer?.kind !== "group") throw corrupt(`layer ${at}`, "is missing: layers are numbered from 0");
    reader.layer(String(at), layer, new Fields(`layer ${at}`, layer));
  }
  return reader.end();
}

class NetxReader {
  private readonly nodes: IntegerNode[] = [];
  private readonly notes: Note[] = [];
  private shape: Shape = [];
  private last = "";

  constructor(private readonly options: NetxOptions) {}

  layer(at: string, group: H5Group, fields: Fields): void {
    const type = fields.word("type");
    if ((type === "input") !== (this.nodes.length === 0))
      throw unsupported(fields.node, `type '${type}'`, "layer 0, and no other, must be of type input");
    switch (type) {
      case "input":
        return this.input(at, group, fields);
      case "conv":
        return this.conv(at, group, fields);
      case "dense":
        return this.dense(at, group, fields);
      case "flatten":
        return this.flatten(at);
      default:
        throw unsupported(fields.node, `type '${type}' is not known`, "use input, conv, dense and flatten");
    }
  }

  end(): NetxNetwork {
    const value: Value = { name: this.last, shape: this.shape, dtype: "u8", bound: 1, scale: new Float64Array(this.shape[0]!).fill(1) };
    const { node } = readout(value, this.options.timesteps);
    const first = this.nodes[0] as Extract<IntegerNode, { type: "Input" }>;
    const [h, w, c] = first.shape;
    return {
      graph: { nodes: [...this.nodes, node], outputs: [node.name] },
      inputShape: h * w === 1 ? [c] : [c, h, w],
      outputs: elements(this.shape),
      notes: this.notes,
    };
  }

  private input(at: string, group: H5Group, fields: Fields): void {
    const shape = fields.integers("shape", 1);
    if (shape.length !== 1 && shape.length !== 3) throw corrupt(fields.node, `shape ${text(shape)} is neither [N] nor [C, H, W]`);
    if (elements(shape) > 16_777_216) throw corrupt(fields.node, `shape ${text(shape)} is too large`);
    this.shape = shape;
    const neuron = group.children.get("neuron");
    const name = neuron === undefined ? at : "input";
    const counts = neuron === undefined || this.options.input === "counts";
    this.push({
      type: "Input",
      name,
      shape: hwc(shape),
      dtype: counts ? "u8" : "i8",
      bound: counts ? (neuron === undefined ? 1 : this.options.cap) : 127,
    });
    if (neuron?.kind !== "group") return;
    const weight = this.transform(fields, "weight", 1);
    const bias = this.transform(fields, "bias", 0);
    const scaled = counts ? weight : 1;
    this.neuron(at, neuron, scaled * (1 << POTENTIAL_SHIFT), counts && bias !== 0 ? bias * (1 << POTENTIAL_SHIFT) : undefined);
    this.notes.push({
      pass: "netx",
      node: at,
      text: counts
        ? `event counts enter as ${weight} · x + ${bias}`
        : `frames hold the drive ${weight} · x + ${bias}, worked out by whoever makes them`,
    });
  }

  private transform(fields: Fields, field: string, otherwise: number): number {
    if (!fields.has(field)) return otherwise;
    const { data } = fields.tensor(field);
    if (data.length !== 1 || !Number.isInteger(data[0]))
      throw unsupported(fields.node, `an input ${field} that is not one whole number`, "export the network with one");
    return data[0]!;
  }

  private conv(at: string, group: H5Group, fields: Fields): void {
    const [c, h, w] = this.shape as [number, number, number];
    if (this.shape.length !== 3) throw corrupt(fields.node, `conv reads ${text(this.shape)}`);
    const weight = integerWeights(fields);
    const dims = weight.shape.length === 5 && weight.shape[4] === 1 ? weight.shape.slice(0, 4) : weight.shape;
    if (dims.length !== 4) throw corrupt(fields.node, `conv weights of shape ${text(weight.shape)}`);
    const [o, perGroup, kh, kw] = dims as [number, number, number, number];
    const groups = fields.integer("groups", 1, 1);
    const [stride, padding, dilation] = [
      fields.pair("stride", [1, 1], 1),
      fields.pair("padding", [0, 0], 0),
      fields.pair("dilation", [1, 1], 1),
    ];
    if (perGroup * groups !== c || o % groups !== 0)
      throw corrupt(fields.node, `weights of ${perGroup} × ${groups} input channels read ${text(this.shape)}`);
    const size = (axis: 0 | 1): number =>
      Math.floor(([h, w][axis]! + 2 * padding[axis] - dilation[axis] * ([kh, kw][axis]! - 1) - 1) / stride[axis]) + 1;
    if (!(size(0) >= 1 && size(1) >= 1)) throw corrupt(fields.node, `a kernel of ${kh} × ${kw} does not fit ${text(this.shape)}`);
    const name = `${at}.weight`;
    this.push({
      type: "Conv2d",
      name,
      input: this.last,
      weight: weight.steps,
      outChannels: o,
      kernel: [kh, kw],
      stride,
      padding,
      dilation,
      groups,
    });
    this.shape = [o, size(0), size(1)];
    this.spikes(at, group, fields, weight.unit);
  }

  private dense(at: string, group: H5Group, fields: Fields): void {
    if (this.shape.length === 3) this.flatten(`${at}.flatten`);
    const weight = integerWeights(fields);
    const [o, i, ...rest] = weight.shape as [number, number, ...number[]];
    if (i === undefined || elements(rest) !== 1 || i !== this.shape[0])
      throw corrupt(fields.node, `dense weights of shape ${text(weight.shape)} read ${text(this.shape)}`);
    this.push({ type: "Linear", name: `${at}.weight`, input: this.last, weight: weight.steps, outFeatures: o });
    this.shape = [o];
    this.spikes(at, group, fields, weight.unit);
  }

  private flatten(at: string): void {
    this.push({ type: "Flatten", name: at, input: this.last });
    this.shape = [elements(this.shape)];
    this.notes.push({ pass: "netx", node: at, text: "inputs of the next layer taken in the order channel, row, column" });
  }

  /** The neurons behind weights, with their bias and delay. */
  private spikes(at: string, group: H5Group, fields: Fields, unit: number): void {
    const neuron = group.children.get("neuron");
    if (neuron?.kind !== "group") throw unsupported(fields.node, "weights without neurons", "end the layer in LOIHI neurons");
    const exponent = new Fields(`${fields.node}/neuron`, neuron);
    const weightExponent = exponent.has("wgtExp") ? signedInteger(exponent, "wgtExp") : 0;
    if (weightExponent < -POTENTIAL_SHIFT || weightExponent > 7)
      throw unsupported(fields.node, `a weight exponent of ${weightExponent}`, "use one of −6..7");
    const bias = fields.has("bias") ? biases(fields, this.shape[0]!) : undefined;
    this.neuron(
      at,
      neuron,
      unit * 2 ** (POTENTIAL_SHIFT + weightExponent),
      bias?.map((value) => value * (1 << POTENTIAL_SHIFT)),
    );
    this.delay(at, fields);
  }

  private delay(at: string, fields: Fields): void {
    if (!fields.has("delay")) return;
    const steps = fields.integers("delay", 0);
    if (steps.some((other) => other !== steps[0]))
      throw unsupported(fields.node, "delays that differ between neurons", "train with one delay a layer");
    if (steps[0] === 0) return;
    this.push({ type: "Delay", name: `${at}.delay`, input: this.last, steps: steps[0]!, shape: hwc(this.shape), dtype: "u8", bound: 1 });
  }

  private neuron(at: string, group: H5Group, multiplier: number, leak: number | Int32Array | undefined): void {
    const fields = new Fields(`layer ${at}/neuron`, group);
    const type = fields.word("type");
    if (type !== "LOIHI" && type !== "CUBA") throw unsupported(fields.node, `neurons of type '${type}'`, "use LOIHI or CUBA");
    if (fields.integer("refDelay", 1, 0) > 1) throw unsupported(fields.node, "a refractory delay beyond 1", "train with refDelay 1");
    const currentDecay = decayOf(fields, "iDecay");
    const threshold = fields.integer("vThMant", 0, 1) * (1 << POTENTIAL_SHIFT);
    if (threshold < 1 || threshold > POTENTIAL_LIMIT) throw corrupt(fields.node, `a threshold of ${threshold}`);
    const forgets = currentDecay.form === "multiply" && currentDecay.values === 0;
    const node: NeuronNode = {
      name: at,
      type: forgets ? "LIF" : "CubaLIF",
      input: this.last,
      multiplier,
      shift: 0,
      ...(leak !== undefined && { leak }),
      decay: decayOf(fields, "vDecay"),
      order: Order.DecayFirst,
      vMin: -POTENTIAL_LIMIT,
      vMax: POTENTIAL_LIMIT,
      dtype: "i32",
      fractionBits: 0,
      threshold,
      fire: Fire.Above,
      maxCount: 1,
      reset: Reset.Zero,
      ...(!forgets && { currentDecay, currentOld: false }),
    };
    this.push(node);
  }

  private push(node: IntegerNode): void {
    this.nodes.push(node);
    this.last = node.name;
  }
}

/** x ← trunc(x · (4096 − decay) / 4096). */
function decayOf(fields: Fields, field: string): DecayForm {
  const decay = fields.integer(field, 0, 0);
  if (decay > NO_DECAY) throw corrupt(fields.node, `${field} of ${decay}, beyond ${NO_DECAY}`);
  return decay === 0 ? { form: "none" } : { form: "multiply", values: NO_DECAY - decay, bits: DECAY_BITS, rounding: Rounding.TowardZero };
}

/** Whole numbers as int8 steps: those beyond ±127 must be even, and count in twos. */
function integerWeights(fields: Fields): { shape: readonly number[]; steps: Int8Array; unit: number } {
  const { shape, data } = fields.tensor("weight");
  const most = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (most > 254 || !data.every(Number.isInteger)) throw corrupt(fields.node, "weights must be whole numbers within ±254");
  if (most <= 127) return { shape, steps: Int8Array.from(data), unit: 1 };
  if (data.some((value) => value % 2 !== 0))
    throw unsupported(fields.node, `odd weights beside one of ${most}`, "weights beyond ±127 must all be even");
  return { shape, steps: Int8Array.from(data, (value) => value / 2), unit: 2 };
}

function biases(fields: Fields, outputs: number): Int32Array {
  const { data } = fields.tensor("bias");
  if (data.some((value) => !Number.isInteger(value) || Math.abs(value) > 4096))
    throw corrupt(fields.node, "biases must be whole numbers within ±4096");
  if (data.length !== 1 && data.length !== outputs) throw corrupt(fields.node, `${data.length} biases for ${outputs} outputs`);
  return Int32Array.from({ length: outputs }, (_, o) => data[o % data.length]!);
}

function signedInteger(fields: Fields, field: string): number {
  return fields.integers(field, -64)[0]!;
}
