// The spike-driven kernel for int4 weights, which `prepare` has unpacked to rows of i8[co]: as |w| ≤ 7, eighteen of them add up inside
// an i8 (NUMERICS.md §3), one load and one add for sixteen columns, up to 128 columns in registers. What they add up to is then added to
// the accumulators in memory, where the i16 or i32 of the first time come from the bias.

import { ci, co, kh, kw, ow, padLeft, sx, weightRows } from "./geometry";
import { startsTable } from "./spike-list";

/** Weights, |w| ≤ 7, that an i8 sum surely holds: 18 · 7 = 126. */
const SAFE: usize = 18;

/**
 * One row of accumulators, i16[ow, co], every sum proven to fit, from the lists of startsTable.
 * @param bias  i16[co], padded to blocks of 16
 */
export function spikeRowInt4To16(out: usize, bias: usize): void {
  spikeRow<i16>(out, bias);
}

/** The same with i32[ow, co]. */
export function spikeRowInt4To32(out: usize, bias: usize): void {
  spikeRow<i32>(out, bias);
}

function spikeRow<A>(out: usize, bias: usize): void {
  let column = 0;
  for (; column + 128 <= co; column += 128) tile<A, u64>(out, bias, column, 16);
  for (; column + 64 <= co; column += 64) tile<A, u32>(out, bias, column, 16);
  for (; column + 32 <= co; column += 32) tile<A, u16>(out, bias, column, 16);
  for (; column < co; column += 16) tile<A, u8>(out, bias, column, co - column);
}

/**
 * Columns from `column` on of every pixel: 16 for each byte of W, so that a width is chosen when this is compiled.
 * @param wanted  below 16, with one byte: how many of the columns are kept
 */
function tile<A, W>(out: usize, bias: usize, column: i32, wanted: i32): void {
  const table = startsTable(), lastTable = table + (<usize>kh << 2), rowBytes = <usize>co, kernelRow = <usize>(kw * ci * co);
  const step = rowBytes * sizeof<A>(), reach = <usize>kw << 2, pixelWeights = <usize>(sx * ci * co), spare = memory.data(64, 16);
  const from = bias + <usize>column * sizeof<A>(), zero = i8x16.splat(0);
  let next = out + <usize>column * sizeof<A>(), base = weightRows + <usize>(padLeft * ci * co + column);
  for (let x: usize = 0, past = <usize>(ow * sx) << 2; x < past; x += <usize>sx << 2, next += step, base -= pixelWeights) {
    const to = sizeof<W>() == 1 && wanted < 16 ? spare : next;
    let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
    let room = SAFE, w = base, sums = from;
    for (let row = table; row < lastTable; row += 4, w += kernelRow) {
      const start = load<usize>(row) + x, end = load<usize>(start + reach);
      let entry = load<usize>(start);
      while (entry < end) {
        if (room == 0) {
          flush<A, W>(to, sums, a, b, c, d, e, f, g, h);
          a = b = c = d = e = f = g = h = zero;
          sums = to;
          room = SAFE;
        }
        const stop = min(end, entry + (room << 1));
        room -= (stop - entry) >> 1;
        for (; entry < stop; entry += 2) {
          const at = w + <usize>load<u16>(entry) * rowBytes;
          a = i8x16.add(a, v128.load(at));
          if (sizeof<W>() > 1) b = i8x16.add(b, v128.load(at, 16));
          if (sizeof<W>() > 2) {
            c = i8x16.add(c, v128.load(at, 32));
            d = i8x16.add(d, v128.load(at, 48));
          }
          if (sizeof<W>() > 4) {
            e = i8x16.add(e, v128.load(at, 64));
            f = i8x16.add(f, v128.load(at, 80));
            g = i8x16.add(g, v128.load(at, 96));
            h = i8x16.add(h, v128.load(at, 112));
          }
        }
      }
    }
    flush<A, W>(to, sums, a, b, c, d, e, f, g, h);
    if (sizeof<W>() == 1 && wanted < 16) memory.copy(next, spare, <usize>wanted * sizeof<A>());
  }
}

/** out = sums + the columns of a, b, …, as many as the width has. */
function flush<A, W>(out: usize, sums: usize, a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128): void {
  add16<A>(out, sums, 0, a);
  if (sizeof<W>() > 1) add16<A>(out, sums, 16, b);
  if (sizeof<W>() > 2) {
    add16<A>(out, sums, 32, c);
    add16<A>(out, sums, 48, d);
  }
  if (sizeof<W>() > 4) {
    add16<A>(out, sums, 64, e);
    add16<A>(out, sums, 80, f);
    add16<A>(out, sums, 96, g);
    add16<A>(out, sums, 112, h);
  }
}

/** out[at..at + 15] = sums[at..at + 15] + the sixteen i8 of v. */
@inline
function add16<A>(out: usize, sums: usize, at: usize, v: v128): void {
  const to = out + at * sizeof<A>(), from = sums + at * sizeof<A>();
  const low = i16x8.extend_low_i8x16_s(v), high = i16x8.extend_high_i8x16_s(v);
  if (sizeof<A>() == 2) {
    v128.store(to, i16x8.add(v128.load(from), low));
    v128.store(to, i16x8.add(v128.load(from, 16), high), 16);
  } else {
    v128.store(to, i32x4.add(v128.load(from), i32x4.extend_low_i16x8_s(low)));
    v128.store(to, i32x4.add(v128.load(from, 16), i32x4.extend_high_i16x8_s(low)), 16);
    v128.store(to, i32x4.add(v128.load(from, 32), i32x4.extend_low_i16x8_s(high)), 32);
    v128.store(to, i32x4.add(v128.load(from, 48), i32x4.extend_high_i16x8_s(high)), 48);
  }
}
