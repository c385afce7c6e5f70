import { Fire, Order, Reset, Rounding } from "../../assembly/abi.js";
import type { IntegerGraph } from "../graph/integer.js";

const ROUNDINGS: Readonly<Record<Rounding, string>> = {
  [Rounding.HalfUp]: "half-up", [Rounding.HalfEven]: "half-even", [Rounding.Floor]: "floor", [Rounding.TowardZero]: "toward-zero",
};
const FIRES: Readonly<Record<Fire, string>> = {
  [Fire.AtLeast]: "at-least", [Fire.Above]: "above", [Fire.HalfUp]: "half-up", [Fire.HalfEven]: "half-even",
};
const RESETS: Readonly<Record<Reset, string>> = {
  [Reset.None]: "none", [Reset.Subtract]: "subtract", [Reset.Zero]: "zero", [Reset.Value]: "value",
};
const ORDERS: Readonly<Record<Order, string>> = { [Order.DecayFirst]: "decay-first", [Order.InputFirst]: "input-first" };

/** Members that are enums, by name; the words are those of CHECKPOINT.md. */
const WORDS: Readonly<Record<string, Readonly<Record<number, string>>>> =
  { rounding: ROUNDINGS, fire: FIRES, reset: RESETS, order: ORDERS };

/** Parameter arrays up to this long are shown whole; longer ones, and weights, only by their length. */
const LONGEST_SHOWN = 64;

/** What a package keeps of the graph that it was made from: nodes, shapes and attributes as JSON, without the weights. */
export function describeGraph(graph: IntegerGraph): { readonly nodes: readonly unknown[]; readonly outputs: readonly string[] } {
  return { nodes: graph.nodes.map(described), outputs: [...graph.outputs] };
}

function described(record: object): Record<string, unknown> {
  const members = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members.map(([name, value]: [string, unknown]) => [name, describeMember(name, value)]));
}

function describeMember(name: string, value: unknown): unknown {
  const words = WORDS[name];
  if (words !== undefined && typeof value === "number") return words[value];
  if (value instanceof Int8Array) return { elements: value.length };
  if (value instanceof Int32Array) return value.length <= LONGEST_SHOWN ? Array.from(value) : { elements: value.length };
  if (Array.isArray(value)) return [...value];
  return typeof value === "object" && value !== null ? described(value) : value;
}
