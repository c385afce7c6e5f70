// The dense kernel: every weight meets every input, four pixels by eight columns at a time in registers.
// Packed weights are i16 [co / 8][kh][kw · ci / 2][8][2]: two inputs of a pixel stand in one lane, as the dot instruction
// wants them; an odd run, and columns beyond co, are filled up with zeros.

import { ci, co, kh, kw, ow, sx } from "./geometry";
import { weightAt } from "./int4";
import { wideTable } from "./wide-row";

/** Bytes of one pair of inputs in a block: 8 columns × 2 × i16. */
const PAIR: usize = 32;

/** Pairs of inputs in a kernel row. */
function pairs(): i32 {
  return (kw * ci + 1) >> 1;
}

function blockBytes(): usize {
  return <usize>(kh * pairs()) * PAIR;
}

/** Bytes of packed weights for one timestep. */
export function packedBytes(): u32 {
  return <u32>((co + 7) >> 3) * <u32>blockBytes();
}

/** Packs the op's weights at `rows` (i8 or int4 [kh, kw, ci, co]). */
export function pack(rows: usize, to: usize): void {
  const run = kw * ci, padded = pairs() << 1;
  for (let block = 0; block < co; block += 8) {
    for (let ky = 0; ky < kh; ky++) {
      for (let k = 0; k < padded; k += 2, to += PAIR) {
        for (let lane = 0; lane < 8; lane++) {
          const column = block + lane, at = to + (<usize>lane << 2);
          for (let half = 0; half < 2; half++) {
            const inside = column < co && k + half < run;
            store<i16>(at + (<usize>half << 1), inside ? <i16>weightAt(rows, ky * run + k + half, column) : 0);
          }
        }
      }
    }
  }
}

/**
 * One row of accumulators, i16[ow, co], from the rows of wideTable.
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
  for (let column = 0; column < co; column += 8, packed += blockBytes()) {
    const from = bias + <usize>column * sizeof<A>(), to = out + <usize>column * sizeof<A>();
    if (ow >= 4) fourPixels<A>(to, packed, from, co - column);
    else onePixel<A>(to, packed, from, co - column);
  }
}

/** Eight columns of a row, of which the first `wanted` are kept. */
function fourPixels<A>(out: usize, packed: usize, bias: usize, wanted: i32): void {
  const pixel = <usize>(sx * ci * 2), run = <usize>pairs() << 2, step = <usize>co * sizeof<A>();
  const rows = wideTable(), last = rows + (<usize>kh << 2), lastBlock = <usize>(ow - 4);
  const low0 = start<A>(bias, 0), high0 = start<A>(bias, 4);
  for (let ox: usize = 0; ox < <usize>ow; ox += 4) {
    // The last block overlaps the one before: the same sums twice, and no rest.
    const x = min(ox, lastBlock) * pixel, to = out + min(ox, lastBlock) * step;
    let a = low0, b = high0, c = low0, d = high0, e = low0, f = high0, g = low0, h = high0, w = packed;
    for (let row = rows; row < last; row += 4) {
      let p = load<usize>(row) + x, q = p + pixel, r = q + pixel, s = r + pixel;
      for (const past = p + run; p < past; p += 4, q += 4, r += 4, s += 4, w += PAIR) {
        const low = v128.load(w), high = v128.load(w, 16);
        let v = v128.load32_splat(p);
        a = i32x4.add(a, i32x4.dot_i16x8_s(v, low));
        b = i32x4.add(b, i32x4.dot_i16x8_s(v, high));
        v = v128.load32_splat(q);
        c = i32x4.add(c, i32x4.dot_i16x8_s(v, low));
        d = i32x4.add(d, i32x4.dot_i16x8_s(v, high));
        v = v128.load32_splat(r);
        e = i32x4.add(e, i32x4.dot_i16x8_s(v, low));
        f = i32x4.add(f, i32x4.dot_i16x8_s(v, high));
        v = v128.load32_splat(s);
        g = i32x4.add(g, i32x4.dot_i16x8_s(v, low));
        h = i32x4.add(h, i32x4.dot_i16x8_s(v, high));
      }
    }
    storeBlock<A>(to, a, b, wanted);
    storeBlock<A>(to + step, c, d, wanted);
    storeBlock<A>(to + 2 * step, e, f, wanted);
    storeBlock<A>(to + 3 * step, g, h, wanted);
  }
}

/** The same for rows of fewer than four pixels. */
function onePixel<A>(out: usize, packed: usize, bias: usize, wanted: i32): void {
  const rows = wideTable(), last = rows + (<usize>kh << 2), run = <usize>pairs() << 2;
  for (let ox: usize = 0; ox < <usize>ow; ox++) {
    let a = start<A>(bias, 0), b = start<A>(bias, 4), w = packed;
    for (let row = rows; row < last; row += 4) {
      let p = load<usize>(row) + ox * <usize>(sx * ci * 2);
      for (const past = p + run; p < past; p += 4, w += PAIR) {
        const v = v128.load32_splat(p);
        a = i32x4.add(a, i32x4.dot_i16x8_s(v, v128.load(w)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(v, v128.load(w, 16)));
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
