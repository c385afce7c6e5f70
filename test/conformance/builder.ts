import {
  ALIGN, ConcatField, CONSTANTS_TAIL, DelayField, DType, FrameKind, NONE, Op, PoolField, RequantiseField, type Rounding,
  STATE_HEADER_BYTES, UpsampleField, WeightedField,
} from "../../assembly/abi.js";
import type { Program, ProgramOp, ProgramTensor } from "../../models/package/program.js";
import { bytesOf } from "../reference/tensor.js";
import { outSize, windowWords, type Geometry } from "./geometry.js";

export interface TensorSpec {
  readonly dtype: DType;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly bound: number;
}

export interface Weights {
  /** In the engine's order. */
  readonly values: readonly number[];
  /** Of timesteps 1, 2, … of a window, where they differ from `values`, which are those of timestep 0. */
  readonly later?: readonly (readonly number[])[];
  readonly bias?: readonly number[] | undefined;
  /** 8 when left out; with 4 the values are −7..7. */
  readonly bits?: 8 | 4;
}

export interface Rescale {
  readonly multipliers: readonly number[];
  readonly shift: number;
  readonly rounding: Rounding;
  readonly offsets?: readonly number[] | undefined;
}

/** Puts programs together by hand: constants, state and the bounds that the gate asks for (NUMERICS.md §3). */
export class ProgramBuilder {
  readonly tensors: ProgramTensor[] = [];
  readonly ops: ProgramOp[] = [];
  #constants: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #constantsEnd = 0;
  #stateEnd = STATE_HEADER_BYTES;

  tensor(spec: TensorSpec, name = `t${this.tensors.length}`): number {
    this.tensors.push({ ...spec, name, fractionBits: 0 });
    return this.tensors.length - 1;
  }

  /** Offset of a new array in the constants. */
  i8(values: readonly number[]): number {
    return this.#constant(new Uint8Array(Int8Array.from(values).buffer));
  }
  /** Two a byte, the even column in the low nibble, each row in whole bytes. */
  int4(values: readonly number[], columns: number): number {
    return this.#constant(int4Bytes(values, columns));
  }
  i32(values: readonly number[]): number {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => view.setInt32(i * 4, value, true));
    return this.#constant(bytes);
  }
  i32OrNone(values: readonly number[] | undefined): number {
    return values === undefined ? NONE : this.i32(values);
  }

  /** Offset of a new field in the state block. */
  state(bytes: number): number {
    const offset = this.#stateEnd;
    this.#stateEnd = alignUp(offset + bytes);
    return offset;
  }

  op(op: Op, operands: { a?: number; b?: number; out?: number }, words: Readonly<Record<number, number>>): void {
    this.ops.push({ op, name: `op${this.ops.length}`, ...operands, words });
  }

  /** Conv2d, Depthwise, Pointwise or Linear; the accumulator's bound follows from the weights. */
  weighted(op: Op.Conv2d | Op.Depthwise | Op.Pointwise | Op.Linear, a: number, outC: number, geometry: Geometry, weights: Weights): number {
    const input = this.tensors[a]!;
    const { h, w } = op === Op.Linear ? { h: 1, w: 1 } : outSize(input, geometry);
    const variants = [weights.values, ...(weights.later ?? [])];
    const bounds = variants.map((values) => accumulatorBound(input.bound, { ...weights, values }, outC));
    const out = this.tensor({ dtype: DType.I32, h, w, c: outC, bound: Math.max(...bounds) });
    const { bits = 8 } = weights;
    const arrays = variants.map((values) => (bits === 4 ? int4Bytes(values, outC) : new Uint8Array(Int8Array.from(values).buffer)));
    const stride = alignUp(arrays[0]!.length);
    const all = new Uint8Array((arrays.length - 1) * stride + arrays.at(-1)!.length);
    arrays.forEach((bytes, t) => all.set(bytes, t * stride));
    this.op(op, { a, out }, {
      ...windowWords(geometry),
      [WeightedField.Weights]: this.#constant(all),
      [WeightedField.Bias]: this.i32OrNone(weights.bias),
      [WeightedField.WeightBits]: bits,
      [WeightedField.TimestepStride]: variants.length === 1 ? 0 : stride,
    });
    return out;
  }

  requantise(a: number, dtype: DType, rescaling: Rescale): number {
    const { h, w, c, bound } = this.tensors[a]!;
    const { multipliers, shift, rounding, offsets } = rescaling;
    const offset = Math.max(0, ...(offsets ?? []).map(Math.abs));
    const most = rescaledBound(bound, Math.max(...multipliers), shift) + BigInt(offset);
    const out = this.tensor({ dtype, h, w, c, bound: within(most, dtype) });
    this.op(Op.Requantise, { a, out }, {
      [RequantiseField.Multipliers]: this.i32(multipliers),
      [RequantiseField.Shift]: shift,
      [RequantiseField.Period]: multipliers.length,
      [RequantiseField.Rounding]: rounding,
      [RequantiseField.Offsets]: this.i32OrNone(offsets),
    });
    return out;
  }

  add(a: number, b: number): number {
    const { dtype, h, w, c, bound } = this.tensors[a]!;
    const out = this.tensor({ dtype, h, w, c, bound: within(BigInt(bound) + BigInt(this.tensors[b]!.bound), dtype) });
    this.op(Op.Add, { a, b, out }, {});
    return out;
  }

  concat(inputs: readonly number[]): number {
    const parts = inputs.map((input) => this.tensors[input]!);
    const c = parts.reduce((sum, part) => sum + part.c, 0);
    const out = this.tensor({ ...parts[0]!, c, bound: Math.max(...parts.map((part) => part.bound)) });
    let offset = 0;
    for (const [i, a] of inputs.entries()) {
      this.op(Op.Concat, { a, out }, { [ConcatField.ChannelOffset]: offset });
      offset += parts[i]!.c;
    }
    return out;
  }

  maxPool(a: number, geometry: Geometry): number {
    const { dtype, c, bound } = this.tensors[a]!;
    const out = this.tensor({ dtype, ...outSize(this.tensors[a]!, geometry), c, bound });
    this.op(Op.MaxPool, { a, out }, poolWords(geometry, 0, 0));
    return out;
  }

  sumPool(a: number, dtype: DType, geometry: Geometry): number {
    const { c, bound } = this.tensors[a]!;
    const out = this.tensor({ dtype, ...outSize(this.tensors[a]!, geometry), c, bound: bound * geometry.kernel[0] * geometry.kernel[1] });
    this.op(Op.SumPool, { a, out }, poolWords(geometry, 0, 0));
    return out;
  }

  avgPool(a: number, dtype: DType, geometry: Geometry, multiplier: number, shift: number): number {
    const { c, bound } = this.tensors[a]!;
    const mean = rescaledBound(bound * geometry.kernel[0] * geometry.kernel[1], multiplier, shift);
    const out = this.tensor({ dtype, ...outSize(this.tensors[a]!, geometry), c, bound: within(mean, dtype) });
    this.op(Op.AvgPool, { a, out }, poolWords(geometry, multiplier, shift));
    return out;
  }

  upsample(a: number, factorY: number, factorX: number): number {
    const input = this.tensors[a]!;
    const out = this.tensor({ ...input, h: input.h * factorY, w: input.w * factorX });
    this.op(Op.Upsample, { a, out }, { [UpsampleField.FactorY]: factorY, [UpsampleField.FactorX]: factorX });
    return out;
  }

  globalMean(a: number, dtype: DType, multiplier: number, shift: number): number {
    const { h, w, c, bound } = this.tensors[a]!;
    const mean = rescaledBound(bound * h * w, multiplier, shift);
    const out = this.tensor({ dtype, h: 1, w: 1, c, bound: within(mean, dtype) });
    this.op(Op.GlobalMean, { a, out }, { [PoolField.Multiplier]: multiplier, [PoolField.Shift]: shift });
    return out;
  }

  /** The reading end of a delay, to be closed by `delayWrite` with the same words. */
  delayRead(spec: TensorSpec, steps: number): { readonly out: number; readonly words: Readonly<Record<number, number>> } {
    const out = this.tensor(spec);
    const bytes = alignUp(spec.h * spec.w * spec.c * bytesOf(spec.dtype));
    const words = {
      [DelayField.State]: this.state(bytes * steps), [DelayField.Steps]: steps,
      [DelayField.Bytes]: spec.h * spec.w * spec.c * bytesOf(spec.dtype),
    };
    this.op(Op.DelayRead, { out }, words);
    return { out, words };
  }
  delayWrite(a: number, words: Readonly<Record<number, number>>): void {
    this.op(Op.DelayWrite, { a }, words);
  }

  build(input: number, outputs: readonly number[], options: Partial<Pick<Program, "timesteps" | "frame" | "frameCap" | "sensor">> = {}): Program {
    const constants = new Uint8Array(this.#constantsEnd + CONSTANTS_TAIL);
    for (const { offset, bytes } of this.#constants) constants.set(bytes, offset);
    return {
      tensors: this.tensors, ops: this.ops, input, outputs, constants, stateBytes: this.#stateEnd,
      timesteps: 1, frame: FrameKind.None, frameCap: 1, ...options,
    };
  }

  #constant(bytes: Uint8Array): number {
    const offset = this.#constantsEnd;
    this.#constants.push({ offset, bytes });
    this.#constantsEnd = alignUp(offset + bytes.length);
    return offset;
  }
}

/** The greatest |value| that a tensor of this dtype may name as its bound. */
export function greatestBound(dtype: DType): number {
  return { [DType.U8]: 255, [DType.I8]: 128, [DType.I16]: 32768, [DType.I32]: 2147483647 }[dtype];
}

/** X · Σ|W_c| + |b_c| of the worst output channel. */
export function accumulatorBound(inputBound: number, { values, bias }: Weights, outC: number): number {
  const sums = new Array<number>(outC).fill(0);
  values.forEach((weight, i) => (sums[i % outC]! += Math.abs(weight)));
  return Math.max(1, ...sums.map((sum, c) => inputBound * sum + Math.abs(bias?.[c] ?? 0)));
}

function int4Bytes(values: readonly number[], columns: number): Uint8Array {
  const rows = Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
  return Uint8Array.from(rows.flatMap((row) =>
    Array.from({ length: Math.ceil(columns / 2) }, (_, k) => (row[2 * k]! & 15) | (((row[2 * k + 1] ?? 0) & 15) << 4))));
}

function poolWords(geometry: Geometry, multiplier: number, shift: number): Record<number, number> {
  const { [WeightedField.DilationY]: _y, [WeightedField.DilationX]: _x, [WeightedField.Groups]: _groups, ...words } = windowWords(geometry);
  return { ...words, [PoolField.Multiplier]: multiplier, [PoolField.Shift]: shift };
}

/** |round(x · multiplier / 2^shift)| is at most this for |x| ≤ bound, whatever the rounding. */
function rescaledBound(bound: number, multiplier: number, shift: number): bigint {
  return ((BigInt(bound) * BigInt(multiplier)) >> BigInt(shift)) + 1n;
}

function within(bound: bigint, dtype: DType): number {
  return Math.min(Number(bound), greatestBound(dtype));
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}
