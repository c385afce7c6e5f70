// A neuron's drive: x = round(input · M / 2^Shift, half up), plus leak (NUMERICS.md §4).
// Neurons work through their elements in chunks; each stage is one tight loop over a chunk of i32 in a small scratch,
// which stays in the first-level cache. Parameters of a chunk begin at entry j and start over after `wrap` bytes:
// a chunk is either several whole periods (j = 0, wrap = one period) or a part of one (wrap lies behind its end).

import { DType, NONE, NeuronField, OpField, Rounding } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { driveScratch } from "../memory/scratch";
import { bound, loadElement } from "../memory/tensor";
import { fitProducts } from "../numeric/products";
import { scale, scale4 } from "../numeric/rounding";

/** The wrap of a chunk that ends before its parameters do. */
export const NO_WRAP: usize = 0x7ffffff0;
/** Elements of a chunk; the embedded build has little RAM. */
export const CHUNK: i32 = isDefined(EMBEDDED) ? 64 : 256;

let inputAt: usize = 0, inputType: DType = DType.I32;

/** Says where the input's elements lie: in a tensor, or in one row of accumulators of which `at` is where element 0 would be. */
export function bindInput(at: usize, type: DType): void {
  inputAt = at;
  inputType = type;
}

/** Address of the parameter array at constant offset `array`, or 0 when there is none. */
export function parameters(op: usize, field: NeuronField): usize {
  const offset = word(op, field);
  return offset == NONE ? 0 : constant(offset);
}

/**
 * x of elements i..i+n−1, whose parameters begin at j.
 * @returns address of i32[n]: the input itself where nothing has to be done to it
 */
export function inputs(op: usize, i: i32, j: i32, n: i32, wrap: usize): usize {
  const from = tensorRecord(word(op, OpField.A)), multipliers = parameters(op, NeuronField.Multipliers);
  const at = widened(inputAt, inputType, i, n);
  if (multipliers == 0) return at;
  multiply(at, multipliers + (<usize>j << 2), n, wrap, word(op, NeuronField.Shift), bound(from));
  return driveScratch();
}

/** Adds leak to x at `from`. @returns address of i32[n] */
export function withLeak(op: usize, from: usize, j: i32, n: i32, wrap: usize): usize {
  const leaks = parameters(op, NeuronField.Leak);
  if (leaks == 0) return from;
  const leak = leaks + (<usize>j << 2), out = driveScratch(), past = <usize>n << 2;
  let k: usize = 0, entry: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; k + 16 <= past; k += 16, entry = wrapped(entry + 16, wrap)) {
      v128.store(out + k, i32x4.add(v128.load(from + k), v128.load(leak + entry)));
    }
  }
  for (; k < past; k += 4, entry = wrapped(entry + 4, wrap)) store<i32>(out + k, load<i32>(from + k) + load<i32>(leak + entry));
  return out;
}

/** The next parameter entry, in bytes. */
@inline
export function wrapped(entry: usize, wrap: usize): usize {
  return entry == wrap ? 0 : entry;
}

/** Elements i..i+n−1 of a tensor as i32. */
function widened(at: usize, type: DType, i: i32, n: i32): usize {
  if (type == DType.I32) return at + (<usize>i << 2);
  const out = driveScratch();
  let k = 0;
  if (ASC_FEATURE_SIMD) {
    for (; k + 4 <= n; k += 4) v128.store(out + (<usize>k << 2), load4(at, type, i + k));
  }
  for (; k < n; k++) store<i32>(out + (<usize>k << 2), loadElement(at, type, i + k));
  return out;
}

/** scratch[k] = round(x[k] · m[k] / 2^shift, half up). */
function multiply(x: usize, m: usize, n: i32, wrap: usize, shift: i32, most: u32): void {
  const out = driveScratch(), past = <usize>n << 2;
  let k: usize = 0, entry: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (fitProducts(m, min(past, wrap), shift, most)) {
      const half = i32x4.splat(shift == 0 ? 0 : 1 << (shift - 1));
      for (; k + 16 <= past; k += 16, entry = wrapped(entry + 16, wrap)) {
        const product = i32x4.mul(v128.load(x + k), v128.load(m + entry));
        v128.store(out + k, i32x4.shr_s(i32x4.add(product, half), shift));
      }
    } else {
      for (; k + 16 <= past; k += 16, entry = wrapped(entry + 16, wrap)) {
        v128.store(out + k, scale4(v128.load(x + k), v128.load(m + entry), shift, Rounding.HalfUp));
      }
    }
  }
  for (; k < past; k += 4, entry = wrapped(entry + 4, wrap)) {
    store<i32>(out + k, <i32>scale(load<i32>(x + k), load<i32>(m + entry), shift, Rounding.HalfUp));
  }
}

/** Elements i..i+3 of a tensor of any dtype, widened to i32. */
function load4(at: usize, type: DType, i: i32): v128 {
  switch (type) {
    case DType.U8: return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at + i)));
    case DType.I8: return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(at + i)));
    case DType.I16: return v128.load16x4_s(at + (<usize>i << 1));
    default: return v128.load(at + (<usize>i << 2));
  }
}

/** Stores four counts as u8. */
@inline
export function storeCounts4(at: usize, counts: v128): void {
  const words = i16x8.narrow_i32x4_s(counts, counts);
  v128.store32_lane(at, i8x16.narrow_i16x8_u(words, words), 0);
}
