import { Fire, MAX_TIMESTEPS, Order, Reset, Rounding } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { DecayForm, IntegerGraph, IntegerNode, Pair, Parameter, WeightBits } from "../graph/integer.js";
import type { Card } from "../package/card.js";
import { checkCard } from "../package/card-check.js";
import { Fields } from "../package/fields.js";
import { int32Of, int8Of, readSafetensors, type SafeTensor } from "./safetensors.js";

export interface Checkpoint {
  readonly graph: IntegerGraph;
  readonly card: Card;
}

const METADATA_KEY = "saccade";
const CHECKPOINT_FORMAT = 1;
const MAX_NODES = 4096;
const MAX_INPUTS = 64;
const MAX_NAME = 200;
const I32 = { low: -(2 ** 31), high: 2 ** 31 - 1 };

const ROUNDINGS = { "half-up": Rounding.HalfUp, "half-even": Rounding.HalfEven, floor: Rounding.Floor, "toward-zero": Rounding.TowardZero };
const FIRES = { "at-least": Fire.AtLeast, above: Fire.Above, "half-up": Fire.HalfUp, "half-even": Fire.HalfEven };
const RESETS = { none: Reset.None, subtract: Reset.Subtract, zero: Reset.Zero, value: Reset.Value };
const ORDERS = { "decay-first": Order.DecayFirst, "input-first": Order.InputFirst };

/**
 * Reads a checkpoint of our training: a safetensors file with the integer graph and the card in its metadata (CHECKPOINT.md).
 * @throws ModelError NETWORK_CORRUPT; whether the numbers hold is for lowering to say
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes);
  const text = metadata.get(METADATA_KEY);
  if (text === undefined) throw corrupt(`the file has no metadata ${METADATA_KEY}`);
  const checkpoint = new Fields("the checkpoint", parsed(text), corrupt);
  const format = checkpoint.int("format", 1, I32.high);
  if (format !== CHECKPOINT_FORMAT) throw corrupt(`the checkpoint has format ${format}, not ${CHECKPOINT_FORMAT}`);
  const card = checkCard(withScores(checkpoint.any("card")), corrupt);
  const graph = {
    nodes: checkpoint.records("nodes", 1, MAX_NODES).map((fields) => readNode(new NodeFields(fields, tensors))),
    outputs: checkpoint.texts("outputs", 1, MAX_INPUTS, MAX_NAME),
  };
  checkpoint.end();
  return { graph, card };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(`the metadata ${METADATA_KEY} is no JSON`, cause);
  }
}

function withScores(card: unknown): unknown {
  return card !== null && typeof card === "object" && !("scores" in card) ? { ...card, scores: [] } : card;
}

/** The members of one node. Each method says in which form a member stands in the file. */
class NodeFields {
  constructor(readonly fields: Fields, private readonly tensors: ReadonlyMap<string, SafeTensor>) {}

  name = (key: string): string => this.fields.text(key, MAX_NAME);
  names = (key: string): readonly string[] => this.fields.texts(key, 1, MAX_INPUTS, MAX_NAME);
  int = (key: string): number => this.fields.int(key, I32.low, I32.high);
  flag = (key: string): boolean => this.fields.flag(key);
  int8 = (key: string): Int8Array => int8Of(this.tensor(key));
  int32 = (key: string): Int32Array => int32Of(this.tensor(key));
  weightBits = (key: string): WeightBits => {
    const bits = this.int(key);
    if (bits === 8 || bits === 4) return bits;
    throw corrupt(`${this.fields.what}.${key} is ${bits}, neither 8 nor 4`);
  };
  sets = (key: string): number => this.fields.int(key, 1, MAX_TIMESTEPS);
  pair = (key: string): Pair => this.ints(key, 2) as unknown as Pair;
  shape = (key: string): [h: number, w: number, c: number] => this.ints(key, 3) as [number, number, number];

  parameter = (key: string): Parameter => (typeof this.fields.any(key) === "number" ? this.int(key) : this.int32(key));

  decay = (key: string): DecayForm => {
    const decay = new NodeFields(this.fields.record(key), this.tensors);
    const read = {
      form: decay.fields.word("form", ["none", "shift", "multiply"] as const),
      ...decay.given("values", decay.parameter),
      ...decay.given("bits", decay.int),
      ...decay.given("rounding", decay.oneOf(ROUNDINGS)),
    };
    decay.fields.end();
    return read;
  };

  oneOf = <T extends number>(words: Readonly<Record<string, T>>) => (key: string): T => words[this.fields.word(key, Object.keys(words))]!;

  dtype = <T extends string>(...words: readonly T[]): T => this.fields.word("dtype", words);

  /** { key: value } when the member stands there, {} when it does not. */
  given<K extends string, T>(key: K, read: (key: string) => T): { readonly [P in K]?: T } {
    return (this.fields.has(key) ? { [key]: read(key) } : {}) as { [P in K]?: T };
  }

  private ints(key: string, length: number): number[] {
    return this.fields.list(key, length, length).map((value) => {
      if (Number.isInteger(value)) return value as number;
      throw corrupt(`${this.fields.what}.${key} holds ${String(value)}, not whole numbers`);
    });
  }

  private tensor(key: string): SafeTensor {
    const reference = this.fields.record(key);
    const name = reference.text("tensor", MAX_NAME);
    reference.end();
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw corrupt(`${this.fields.what}.${key} names the tensor ${name}, which the file does not hold`);
    return tensor;
  }
}

const TYPES = [
  "Input", "Conv2d", "Linear", "Requantise", "Add", "Concat", "MaxPool2d", "SumPool2d", "AvgPool2d", "Upsample", "GlobalMean", "Flatten",
  "Delay",
  "Counts", "Threshold", "IF", "LIF", "CubaLIF", "I", "LI", "CubaLI",
] as const satisfies readonly IntegerNode["type"][];

function readNode(node: NodeFields): IntegerNode {
  const type = node.fields.word("type", TYPES);
  const read = { name: node.name("name"), ...members(node, type) } as IntegerNode;
  node.fields.end();
  return read;
}

/** All members but the name, of a node whose type is known. */
function members(node: NodeFields, type: IntegerNode["type"]): object {
  if (type === "Input") return { type, shape: node.shape("shape"), dtype: node.dtype("u8", "i8"), bound: node.int("bound") };
  if (type === "Add" || type === "Concat") return { type, inputs: node.names("inputs") };
  return { type, input: node.name("input"), ...unaryMembers(node, type) };
}

function unaryMembers(node: NodeFields, type: Exclude<IntegerNode["type"], "Input" | "Add" | "Concat">): object {
  switch (type) {
    case "Conv2d": return {
      weight: node.int8("weight"), ...node.given("weightBits", node.weightBits), ...node.given("timesteps", node.sets),
      outChannels: node.int("outChannels"), kernel: node.pair("kernel"), ...node.given("bias", node.int32),
      stride: node.pair("stride"), padding: node.pair("padding"), ...node.given("outSize", node.pair), dilation: node.pair("dilation"),
      groups: node.int("groups"),
    };
    case "Linear": return {
      weight: node.int8("weight"), ...node.given("weightBits", node.weightBits), ...node.given("timesteps", node.sets),
      outFeatures: node.int("outFeatures"), ...node.given("bias", node.int32),
    };
    case "Requantise": return {
      multiplier: node.parameter("multiplier"), shift: node.int("shift"), rounding: node.oneOf(ROUNDINGS)("rounding"),
      ...node.given("offset", node.parameter), dtype: node.dtype("u8", "i8", "i16", "i32"), fractionBits: node.int("fractionBits"),
    };
    case "MaxPool2d": case "SumPool2d": case "AvgPool2d": return {
      kernel: node.pair("kernel"), stride: node.pair("stride"), padding: node.pair("padding"), ...node.given("multiplier", node.int),
      ...node.given("shift", node.int), ...node.given("fractionBits", node.int),
    };
    case "Upsample": return { factor: node.pair("factor") };
    case "GlobalMean": return { multiplier: node.int("multiplier"), shift: node.int("shift"), fractionBits: node.int("fractionBits") };
    case "Flatten": return {};
    case "Delay": return {
      steps: node.int("steps"), shape: node.shape("shape"), dtype: node.dtype("u8", "i8", "i16", "i32"), bound: node.int("bound"),
    };
    case "Counts": return {
      ...driveMembers(node), fractionBits: node.int("fractionBits"), fire: node.oneOf(FIRES)("fire"), maxCount: node.int("maxCount"),
    };
    case "Threshold": return { ...driveMembers(node), thresholds: node.int32("thresholds"), maxCount: node.int("maxCount") };
    case "IF": case "LIF": case "CubaLIF": case "I": case "LI": case "CubaLI": return neuronMembers(node);
  }
}

function driveMembers(node: NodeFields): object {
  return { ...node.given("multiplier", node.parameter), ...node.given("shift", node.int), ...node.given("leak", node.parameter) };
}

function neuronMembers(node: NodeFields): object {
  return {
    ...driveMembers(node), decay: node.decay("decay"), order: node.oneOf(ORDERS)("order"), vMin: node.int("vMin"), vMax: node.int("vMax"),
    dtype: node.dtype("i16", "i32"), fractionBits: node.int("fractionBits"), ...node.given("threshold", node.parameter),
    ...node.given("fire", node.oneOf(FIRES)), ...node.given("maxCount", node.int), ...node.given("reset", node.oneOf(RESETS)),
    ...node.given("resetValue", node.parameter), ...node.given("resetDelayed", node.flag), ...node.given("currentDecay", node.decay),
    ...node.given("currentOld", node.flag), ...node.given("windowReset", node.flag),
  };
}

function corrupt(what: string, cause?: unknown): ModelError {
  return new ModelError("NETWORK_CORRUPT", what, "export the checkpoint again", cause === undefined ? undefined : { cause });
}
