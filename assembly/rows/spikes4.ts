// The spike-driven kernel for paired int4 weights (rows/int4.ts): one load and one add for sixteen columns, and one product where counts
// are above 1; up to 128 columns in registers. What eighteen spikes add up to goes to the accumulators in memory, which at first are the
// bias.

import { ci, co, fromX, kh, kw, made, padLeft, sx } from "./geometry";
import { firstHalf, pairBytes, SAFE, secondHalf } from "./int4";
import { COUNTS, multiple, startsTable } from "./spike-list";

/**
 * The pixels of a row of accumulators, i16[ow, co], that geometry.ts says, every sum proven to fit, from the lists of startsTable.
 * @param pairs  this timestep's paired weights   @param bias  i16[co], padded to blocks of 16
 */
export function pairRow16(out: usize, pairs: usize, bias: usize): void {
  if (multiple) pairRow<i16, u8>(out, pairs, bias);
  else pairRow<i16, bool>(out, pairs, bias);
}

/** The same with i32[ow, co]. */
export function pairRow32(out: usize, pairs: usize, bias: usize): void {
  if (multiple) pairRow<i32, u8>(out, pairs, bias);
  else pairRow<i32, bool>(out, pairs, bias);
}

/** M is bool where all counts are 1. */
function pairRow<A, M>(out: usize, pairs: usize, bias: usize): void {
  let column = 0;
  for (; column + 128 <= co; column += 128) tile<A, M, u64>(out, pairs, bias, column, 16);
  for (; column + 64 <= co; column += 64) tile<A, M, u32>(out, pairs, bias, column, 16);
  for (; column + 32 <= co; column += 32) tile<A, M, u16>(out, pairs, bias, column, 16);
  for (; column < co; column += 16) tile<A, M, u8>(out, pairs, bias, column, co - column);
}

/**
 * Columns from `column` on of every pixel: 16 for each byte of W, so that a width is chosen when this is compiled.
 * @param wanted  below 16, with one byte: how many of the columns are kept
 */
function tile<A, M, W>(out: usize, pairs: usize, bias: usize, column: i32, wanted: i32): void {
  const table = startsTable(), lastTable = table + (<usize>kh << 2), rowBytes = <usize>pairBytes(), pixel = <usize>ci * rowBytes;
  const step = <usize>co * sizeof<A>(), reach = <usize>kw << 2, kernelRow = <usize>kw * pixel, spare = memory.data(64, 16);
  const from = bias + <usize>column * sizeof<A>(), zero = i16x8.splat(0);
  let next = out + <usize>(fromX * co + column) * sizeof<A>(), base = pairs + <usize>(padLeft - fromX * sx) * pixel + <usize>column;
  for (let x = <usize>(fromX * sx) << 2, past = <usize>((fromX + made) * sx) << 2; x < past; x += <usize>sx << 2, next += step, base -= <usize>sx * pixel) {
    const to = sizeof<W>() == 1 && wanted < 16 ? spare : next;
    let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
    let room = SAFE, w = base, sums = from;
    for (let row = table; row < lastTable; row += 4, w += kernelRow) {
      const start = load<usize>(row) + x, end = load<usize>(start + reach), counts = load<usize>(row, COUNTS);
      for (let entry = load<usize>(start); entry < end; entry += 2) {
        const spike = <usize>load<u16>(entry), count: usize = isBoolean<M>() ? 1 : <usize>load<u8>(counts + spike);
        if (room < count) {
          flush<A, W>(to, sums, a, b, c, d, e, f, g, h);
          a = b = c = d = e = f = g = h = zero;
          sums = to;
          room = SAFE;
        }
        room -= count;
        const at = w + spike * rowBytes, m = isBoolean<M>() ? zero : i16x8.splat(<i16>count);
        a = i16x8.add(a, times<M>(at, 0, m));
        if (sizeof<W>() > 1) b = i16x8.add(b, times<M>(at, 16, m));
        if (sizeof<W>() > 2) {
          c = i16x8.add(c, times<M>(at, 32, m));
          d = i16x8.add(d, times<M>(at, 48, m));
        }
        if (sizeof<W>() > 4) {
          e = i16x8.add(e, times<M>(at, 64, m));
          f = i16x8.add(f, times<M>(at, 80, m));
          g = i16x8.add(g, times<M>(at, 96, m));
          h = i16x8.add(h, times<M>(at, 112, m));
        }
      }
    }
    flush<A, W>(to, sums, a, b, c, d, e, f, g, h);
    if (sizeof<W>() == 1 && wanted < 16) memory.copy(next, spare, <usize>wanted * sizeof<A>());
  }
}

/** The pairs at `from` + `offset`, as often as the count says. */
@inline
function times<M>(from: usize, offset: usize, count: v128): v128 {
  const pairs = v128.load(from + offset);
  return isBoolean<M>() ? pairs : i16x8.mul(pairs, count);
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

/** out[at..at + 15] = sums[at..at + 15] + the sixteen columns of pairs. */
@inline
function add16<A>(out: usize, sums: usize, at: usize, pairs: v128): void {
  const to = out + at * sizeof<A>(), from = sums + at * sizeof<A>();
  const low = firstHalf(pairs), high = secondHalf(pairs, low);
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
