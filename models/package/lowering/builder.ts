import {
  ALIGN, DType, MAX_DIMENSION, MAX_ELEMENTS, MAX_OPS, MAX_TENSORS, NONE, Op, RequantiseField, Rounding, STATE_HEADER_BYTES,
} from "../../../assembly/abi.js";
import { ModelError } from "../../errors.js";
import type { Parameter } from "../../graph/integer.js";
import type { ProgramOp, ProgramTensor } from "../program.js";
import { alignUp, ConstantPool } from "./constant-pool.js";
import { dtypeBytes, dtypeName, scaledBound } from "./ranges.js";

/** Of one stream. */
export const MAX_STATE_BYTES = 2 ** 28;

/** What a node gives: a tensor, and whether the graph sees it as a vector (after Flatten) though it still lies as h × w × c. */
export interface Value {
  readonly tensor: number;
  readonly flat: boolean;
}

/** Collects tensors, ops, constants and state while nodes are lowered one after the other. */
export class ProgramBuilder {
  readonly tensors: ProgramTensor[] = [];
  readonly ops: ProgramOp[] = [];
  readonly constants = new ConstantPool();
  readonly values = new Map<string, Value>();
  stateBytes = STATE_HEADER_BYTES;

  /** @param timesteps T of a window */
  constructor(readonly timesteps: number) {}

  /** The value of an earlier node. @throws NETWORK_CORRUPT when there is none */
  value(node: string, name: string): Value {
    const value = this.values.get(name);
    if (value !== undefined) return value;
    throw corrupt(node, `reads ${name}, which does not stand before it`, "order the nodes so that only a Delay reads a later one");
  }

  tensor(value: Value): ProgramTensor {
    return this.tensors[value.tensor]!;
  }

  addTensor(tensor: ProgramTensor): number {
    const { name, h, w, c } = tensor;
    for (const size of [h, w, c])
      if (!Number.isInteger(size) || size < 1 || size > MAX_DIMENSION)
        throw outOfRange(name, `has the shape ${h} × ${w} × ${c}`, `keep every dimension within 1..${MAX_DIMENSION}`);
    if (elements(tensor) > MAX_ELEMENTS)
      throw outOfRange(name, `has ${elements(tensor)} elements`, `keep a tensor within ${MAX_ELEMENTS} elements`);
    if (this.tensors.length === MAX_TENSORS) throw outOfRange(name, `is tensor ${MAX_TENSORS + 1}`, `use at most ${MAX_TENSORS} tensors`);
    return this.tensors.push(tensor) - 1;
  }

  addOp(op: ProgramOp): void {
    if (this.ops.length === MAX_OPS) throw outOfRange(op.name, `is op ${MAX_OPS + 1}`, `use at most ${MAX_OPS} ops`);
    this.ops.push(op);
  }

  /** @returns the offset of `bytes` of state, a multiple of ALIGN */
  addState(node: string, bytes: number): number {
    const offset = this.stateBytes;
    this.stateBytes = alignUp(offset + bytes, ALIGN);
    if (this.stateBytes > MAX_STATE_BYTES)
      throw outOfRange(node, `brings the state to ${this.stateBytes} bytes`, `keep a stream's state within ${MAX_STATE_BYTES} bytes`);
    return offset;
  }

  /** The same numbers in a wider dtype: the value itself when it has that dtype. */
  widened(node: string, value: Value, dtype: DType): Value {
    const from = this.tensor(value);
    if (from.dtype === dtype) return value;
    const out = this.addTensor({ ...from, name: `${from.name} as ${dtypeName(dtype)}`, dtype, bound: scaledBound(from.bound, 1, 0) });
    this.addOp({
      op: Op.Requantise, name: node, a: value.tensor, out,
      words: {
        [RequantiseField.Multipliers]: this.constants.addI32(new Int32Array(from.c).fill(1)),
        [RequantiseField.Shift]: 0,
        [RequantiseField.Period]: from.c,
        [RequantiseField.Rounding]: Rounding.HalfUp,
        [RequantiseField.Offsets]: NONE,
      },
    });
    return { tensor: out, flat: value.flat };
  }
}

export function elements(tensor: { readonly h: number; readonly w: number; readonly c: number }): number {
  return tensor.h * tensor.w * tensor.c;
}

export function tensorBytes(tensor: ProgramTensor): number {
  return elements(tensor) * dtypeBytes(tensor.dtype);
}

/** Entries of an op's parameter arrays: c, or h·w·c as soon as one parameter differs from element to element. */
export function periodOf(node: string, shape: ProgramTensor, parameters: readonly (Parameter | undefined)[]): number {
  const all = elements(shape);
  let period = shape.c;
  for (const parameter of parameters) {
    if (parameter === undefined || typeof parameter === "number" || parameter.length === shape.c) continue;
    if (parameter.length !== all)
      throw corrupt(node, `has a parameter of ${parameter.length} entries for ${shape.h} × ${shape.w} × ${shape.c}`,
        `give 1, ${shape.c} (one a channel) or ${all} (one an element)`);
    period = all;
  }
  return period;
}

/** A parameter with one entry for each of `period`. @throws NETWORK_RANGE when an entry is no i32 of low..high */
export function expanded(node: string, what: string, parameter: Parameter, period: number, low: number, high: number): Int32Array {
  const given = typeof parameter === "number" ? [parameter] : parameter;
  for (const value of given)
    if (!Number.isInteger(value) || value < low || value > high)
      throw outOfRange(node, `has the ${what} ${value}`, `keep it a whole number within ${low}..${high}`);
  return Int32Array.from({ length: period }, (_, i) => given[i % given.length]!);
}

/** @throws NETWORK_RANGE unless `value` is a whole number of low..high */
export function within(node: string, what: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw outOfRange(node, `has the ${what} ${value}`, `keep it a whole number within ${low}..${high}`);
}

export function corrupt(node: string, what: string, remedy: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", `node ${node} ${what}`, remedy);
}
export function outOfRange(node: string, what: string, remedy: string): ModelError {
  return new ModelError("NETWORK_RANGE", `node ${node} ${what}`, remedy);
}
export function unsupported(node: string, what: string, remedy: string): ModelError {
  return new ModelError("NETWORK_UNSUPPORTED", `node ${node} ${what}`, remedy);
}
