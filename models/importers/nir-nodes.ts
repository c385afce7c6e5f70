import { corrupt, elements, scalar, unsupported, type FloatNode, type Padding, type Tensor } from "../graph/graph.js";
import type { Pair } from "../graph/integer.js";
import type { H5Group } from "./hdf5-tree.js";

/** The fields of one node of a NIR file, checked as they are taken. */
export class Fields {
  constructor(
    readonly node: string,
    private readonly group: H5Group,
  ) {}

  has(field: string): boolean {
    return this.group.children.has(field);
  }

  /** A string, scalar or the only one of its array. */
  word(field: string): string {
    const found = this.group.children.get(field);
    if (found?.kind !== "data" || found.values instanceof Float64Array || found.values.length !== 1) {
      throw corrupt(this.node, `${field} is not a string`);
    }
    if (found.values[0]!.length > MAX_WORD) throw corrupt(this.node, `${field} has more than ${MAX_WORD} characters`);
    return found.values[0]!;
  }

  tensor(field: string, finite = true): Tensor {
    const found = this.group.children.get(field);
    if (found === undefined) throw corrupt(this.node, `has no ${field}`);
    if (found.kind !== "data" || !(found.values instanceof Float64Array)) throw corrupt(this.node, `${field} is not an array of numbers`);
    const { shape, values } = found;
    if (elements(shape) !== values.length || values.length === 0) throw corrupt(this.node, `${field} is empty or cut short`);
    if (!values.every(finite ? Number.isFinite : (value) => !Number.isNaN(value)))
      throw corrupt(this.node, `${field} holds numbers that are not finite`);
    return { shape, data: values };
  }

  tensorOr(field: string, otherwise: number): Tensor {
    return this.has(field) ? this.tensor(field) : scalar(otherwise);
  }

  /** Time constants: positive, and infinite where nothing leaks. */
  times(field: string): Tensor {
    const times = this.tensor(field, false);
    if (times.data.some((time) => !(time > 0))) throw corrupt(this.node, `${field} must be positive`);
    return times;
  }

  weight(rank: number): Tensor {
    const weight = this.tensor("weight");
    if (weight.shape.length !== rank) throw corrupt(this.node, `weight of shape [${weight.shape.join(", ")}] must have ${rank} dimensions`);
    return weight;
  }

  bias(outputs: number): Tensor {
    const { data } = this.tensor("bias");
    if (data.length !== outputs) throw corrupt(this.node, `bias of ${data.length} values for ${outputs} outputs`);
    return { shape: [outputs], data };
  }

  integers(field: string, low: number): number[] {
    const values = [...this.tensor(field).data];
    if (values.some((value) => !Number.isInteger(value) || value < low || value > MAX_INTEGER)) {
      throw corrupt(this.node, `${field} must be whole numbers from ${low} to ${MAX_INTEGER}`);
    }
    return values;
  }

  integer(field: string, otherwise: number, low: number): number {
    return this.has(field) ? this.integers(field, low)[0]! : otherwise;
  }

  pair(field: string, otherwise: Pair | undefined, low: number): Pair {
    if (!this.has(field) && otherwise !== undefined) return otherwise;
    const values = this.integers(field, low);
    if (values.length > 2) throw corrupt(this.node, `${field} must be one number or two`);
    return [values[0]!, values.at(-1)!];
  }

  padding(): Padding {
    const found = this.group.children.get("padding");
    if (found?.kind !== "data" || found.values instanceof Float64Array) return this.pair("padding", [0, 0], 0);
    const word = this.word("padding");
    if (word !== "same" && word !== "valid") throw corrupt(this.node, `padding '${word}' is neither a number, 'same' nor 'valid'`);
    return word;
  }

  /** Older files say input_type where newer ones say shape, and the other way round. */
  shape(): number[] {
    const field = ["shape", "input_type", "output_type", "input_shape"].find((name) => this.has(name));
    if (field === undefined) throw corrupt(this.node, "has no shape");
    return this.integers(field, 0);
  }
}

const MAX_INTEGER = 1_000_000;
const MAX_WORD = 40;

/** Every node type of NIR 1.0 but NIRGraph, which holds others. */
const READERS: Readonly<Record<string, (fields: Fields) => FloatNode>> = {
  Input: (f) => ({ type: "Input", shape: f.shape() }),
  Output: (f) => ({ type: "Output", shape: f.shape() }),
  Affine: (f) => {
    const weight = f.weight(2);
    return { type: "Affine", weight, bias: f.bias(weight.shape[0]!) };
  },
  Linear: (f) => ({ type: "Linear", weight: f.weight(2) }),
  Scale: (f) => ({ type: "Scale", scale: f.tensor("scale") }),
  Conv1d: (f) => {
    const weight = f.weight(3);
    const padding = f.padding();
    return {
      type: "Conv1d",
      weight,
      ...(f.has("bias") && { bias: f.bias(weight.shape[0]!) }),
      stride: f.integer("stride", 1, 1),
      padding: typeof padding === "string" ? padding : padding[0],
      dilation: f.integer("dilation", 1, 1),
      groups: f.integer("groups", 1, 1),
    };
  },
  Conv2d: (f) => {
    const weight = f.weight(4);
    return {
      type: "Conv2d",
      weight,
      ...(f.has("bias") && { bias: f.bias(weight.shape[0]!) }),
      stride: f.pair("stride", [1, 1], 1),
      padding: f.padding(),
      dilation: f.pair("dilation", [1, 1], 1),
      groups: f.integer("groups", 1, 1),
    };
  },
  SumPool2d: (f) => ({ type: "SumPool2d", ...pooling(f) }),
  AvgPool2d: (f) => ({ type: "AvgPool2d", ...pooling(f) }),
  Flatten: (f) => {
    const field = ["input_type", "input_shape", "shape"].find((name) => f.has(name));
    return {
      type: "Flatten",
      startDim: f.has("start_dim") ? signed(f, "start_dim") : 1,
      endDim: f.has("end_dim") ? signed(f, "end_dim") : -1,
      ...(field !== undefined && { rank: f.tensor(field).data.length }),
    };
  },
  Delay: (f) => {
    const delay = f.tensor("delay");
    if (delay.data.some((seconds) => seconds < 0)) throw corrupt(f.node, "delay must not be negative");
    return { type: "Delay", delay };
  },
  Threshold: (f) => ({ type: "Threshold", threshold: f.tensor("threshold") }),
  I: (f) => ({ type: "I", r: f.tensor("r") }),
  IF: (f) => ({ type: "IF", r: f.tensor("r"), vThreshold: f.tensor("v_threshold"), vReset: f.tensorOr("v_reset", 0) }),
  LI: (f) => ({ type: "LI", tau: f.times("tau"), r: f.tensor("r"), vLeak: f.tensorOr("v_leak", 0) }),
  LIF: (f) => ({
    type: "LIF",
    tau: f.times("tau"),
    r: f.tensor("r"),
    vLeak: f.tensorOr("v_leak", 0),
    vThreshold: f.tensor("v_threshold"),
    vReset: f.tensorOr("v_reset", 0),
  }),
  CubaLI: (f) => ({ type: "CubaLI", ...cuba(f) }),
  CubaLIF: (f) => ({ type: "CubaLIF", ...cuba(f), vThreshold: f.tensor("v_threshold"), vReset: f.tensorOr("v_reset", 0) }),
};

function pooling(f: Fields): { kernel: Pair; stride: Pair; padding: Pair } {
  const kernel = f.pair("kernel_size", undefined, 1);
  return { kernel, stride: f.pair("stride", kernel, 1), padding: f.pair("padding", [0, 0], 0) };
}

function cuba(f: Fields): { tauSyn: Tensor; tauMem: Tensor; r: Tensor; vLeak: Tensor; wIn: Tensor } {
  return {
    tauSyn: f.times("tau_syn"),
    tauMem: f.times("tau_mem"),
    r: f.tensor("r"),
    vLeak: f.tensorOr("v_leak", 0),
    wIn: f.tensorOr("w_in", 1),
  };
}

function signed(f: Fields, field: string): number {
  return f.integers(field, -8)[0]!;
}

/** @throws ModelError NETWORK_UNSUPPORTED for a type that NIR does not have, NETWORK_CORRUPT for fields that are wrong */
export function readNode(name: string, type: string, group: H5Group): FloatNode {
  const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (reader === undefined) throw unsupported(name, `type '${type}' is not known`, `use ${Object.keys(READERS).join(", ")}`);
  return reader(new Fields(name, group));
}
