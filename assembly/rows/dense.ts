// The dense kernel: every weight meets every input, four pixels by eight columns at a time in registers. A dot instruction takes
// the inputs that stand together in 32 bits, a group: two as i16, or four as bytes with the relaxed dot. Packed weights are
// [co / 8][kh][groups][8 columns][a group]; an odd run, and columns beyond co, are filled up with zeros.

import { ci, co, fromX, kh, kw, made, sx, wideElement } from "./geometry";
import { weightAt } from "./int4";
import { wideTable } from "./wide-row";

/** Bytes of one group's weights in a block of eight columns. */
const GROUP: usize = 32;

/** Groups in a kernel row of inputs of `element` bytes. */
function groups(element: i32): i32 {
  return (kw * ci * element + 3) >> 2;
}

function blockBytes(): usize {
  return <usize>(kh * groups(wideElement)) * GROUP;
}

/** Bytes of packed weights for one timestep. */
export function packedBytes(): u32 {
  return <u32>((co + 7) >> 3) * <u32>blockBytes();
}

/** Packs the op's weights at `rows` (i8 or int4 [kh, kw, ci, co]). */
export function pack(rows: usize, to: usize): void {
  if (wideElement == 1) packAs<i8>(rows, to);
  else packAs<i16>(rows, to);
}

function packAs<I>(rows: usize, to: usize): void {
  const run = kw * ci, each: i32 = 4 / sizeof<I>(), padded = groups(sizeof<I>()) * each;
  for (let block = 0; block < co; block += 8) {
    for (let ky = 0; ky < kh; ky++) {
      for (let k = 0; k < padded; k += each) {
        for (let column = block; column < block + 8; column++) {
          for (let i = k; i < k + each; i++, to += sizeof<I>()) {
            store<I>(to, column < co && i < run ? <I>weightAt(rows, ky * run + i, column) : 0);
          }
        }
      }
    }
  }
}

/**
 * The pixels of a row of accumulators, i16[ow, co], that geometry.ts says, from the rows of wideTable.
 * @param packed  this timestep's packed weights   @param bias  i16[co], padded to blocks of 8
 */
export function denseRow16(out: usize, packed: usize, bias: usize): void {
  denseRow<i16>(out, packed, bias);
}

/** The same with i32 accumulators and bias. */
export function denseRow32(out: usize, packed: usize, bias: usize): void {
  denseRow<i32>(out, packed, bias);
}

function denseRow<A>(out: usize, packed: usize, bias: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (wideElement == 1) return columns<A, i8>(out, packed, bias);
  }
  columns<A, i16>(out, packed, bias);
}

function columns<A, I>(out: usize, packed: usize, bias: usize): void {
  for (let column = 0; column < co; column += 8, packed += blockBytes()) {
    const from = bias + <usize>column * sizeof<A>(), to = out + <usize>(fromX * co + column) * sizeof<A>();
    if (made >= 4) fourPixels<A, I>(to, packed, from, co - column);
    else onePixel<A, I>(to, packed, from, co - column);
  }
}

/** sum + the products of a group of inputs, splat, with four columns' weights at w. */
@inline
function dot<I>(sum: v128, inputs: v128, weights: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (sizeof<I>() == 1) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, inputs, sum);
  }
  return i32x4.add(sum, i32x4.dot_i16x8_s(inputs, weights));
}

/** Eight columns of a row, of which the first `wanted` are kept. */
function fourPixels<A, I>(out: usize, packed: usize, bias: usize, wanted: i32): void {
  const pixel = <usize>(sx * ci) * sizeof<I>(), run = <usize>groups(sizeof<I>()) << 2, step = <usize>co * sizeof<A>();
  const rows = wideTable(), last = rows + (<usize>kh << 2);
  const low0 = start<A>(bias, 0), high0 = start<A>(bias, 4);
  for (let left = made, x = <usize>fromX * pixel, to = out; left > 0; left -= 4, x += 4 * pixel, to += 4 * step) {
    if (left < 4) {
      // The last block overlaps the one before: the same sums twice, and no rest.
      x -= <usize>(4 - left) * pixel;
      to -= <usize>(4 - left) * step;
    }
    let a = low0, b = high0, c = low0, d = high0, e = low0, f = high0, g = low0, h = high0, w = packed;
    for (let row = rows; row < last; row += 4) {
      let p = load<usize>(row) + x, q = p + pixel, r = q + pixel, s = r + pixel;
      for (const past = p + run; p < past; p += 4, q += 4, r += 4, s += 4, w += GROUP) {
        const low = v128.load(w), high = v128.load(w, 16);
        let v = v128.load32_splat(p);
        a = dot<I>(a, v, low);
        b = dot<I>(b, v, high);
        v = v128.load32_splat(q);
        c = dot<I>(c, v, low);
        d = dot<I>(d, v, high);
        v = v128.load32_splat(r);
        e = dot<I>(e, v, low);
        f = dot<I>(f, v, high);
        v = v128.load32_splat(s);
        g = dot<I>(g, v, low);
        h = dot<I>(h, v, high);
      }
    }
    storeBlock<A>(to, a, b, wanted);
    storeBlock<A>(to + step, c, d, wanted);
    storeBlock<A>(to + 2 * step, e, f, wanted);
    storeBlock<A>(to + 3 * step, g, h, wanted);
  }
}

/** The same for rows of fewer than four pixels. */
function onePixel<A, I>(out: usize, packed: usize, bias: usize, wanted: i32): void {
  const rows = wideTable(), last = rows + (<usize>kh << 2), run = <usize>groups(sizeof<I>()) << 2;
  for (let ox: usize = 0; ox < <usize>made; ox++) {
    let a = start<A>(bias, 0), b = start<A>(bias, 4), w = packed;
    for (let row = rows; row < last; row += 4) {
      let p = load<usize>(row) + (<usize>fromX + ox) * <usize>(sx * ci) * sizeof<I>();
      for (const past = p + run; p < past; p += 4, w += GROUP) {
        const v = v128.load32_splat(p);
        a = dot<I>(a, v, v128.load(w));
        b = dot<I>(b, v, v128.load(w, 16));
      }
    }
    storeBlock<A>(out + ox * <usize>co * sizeof<A>(), a, b, wanted);
  }
}

/** Bias of columns at..at+3 in i32 lanes. */
@inline
function start<A>(bias: usize, at: usize): v128 {
  return sizeof<A>() == 2 ? v128.load16x4_s(bias + (at << 1)) : v128.load(bias + (at << 2));
}

/** Stores eight accumulators, or the `wanted` first. */
@inline
function storeBlock<A>(out: usize, low: v128, high: v128, wanted: i32): void {
  if (wanted < 8) return storeSome<A>(out, low, high, wanted);
  if (sizeof<A>() == 2) {
    v128.store(out, i16x8.narrow_i32x4_s(low, high));
  } else {
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}

function storeSome<A>(out: usize, low: v128, high: v128, wanted: i32): void {
  const spare = memory.data(32, 16);
  v128.store(spare, low);
  v128.store(spare, high, 16);
  for (let i: usize = 0; i < <usize>wanted; i++) store<A>(out + i * sizeof<A>(), <A>load<i32>(spare + (i << 2)));
}
