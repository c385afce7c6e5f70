// The spike-driven kernel: each spike in a pixel's reach adds its weight row, i8[co], as often as it counts, to up to 64 columns
// that stay in registers as i16. Cost grows with the spikes; silence costs the store of the bias.

import { ci, co, kh, kw, ow, padLeft, sx, weightRows } from "./geometry";
import { COUNTS, multiple, startsTable } from "./spike-list";

/** Weights, |w| ≤ 127, that an i16 sum surely holds. */
const SAFE: usize = 256;

/**
 * One row of accumulators, i16[ow, co], every sum proven to fit, from the lists of startsTable.
 * @param bias  i16[co], padded to blocks of 16
 */
export function spikeRow16(out: usize, bias: usize): void {
  if (multiple) spikeRow<i16, u8>(out, bias, 0);
  else spikeRow<i16, bool>(out, bias, 0);
}

/** The same with i32[ow, co]: sums in registers are flushed in time. @param most  the greatest count, 1..255 */
export function spikeRow32(out: usize, bias: usize, most: u32): void {
  if (multiple) spikeRow<i32, u8>(out, bias, SAFE / <usize>most);
  else spikeRow<i32, bool>(out, bias, SAFE);
}

/** M is bool where all counts are 1. @param entries  between two flushes */
function spikeRow<A, M>(out: usize, bias: usize, entries: usize): void {
  let column = 0;
  for (; column + 64 <= co; column += 64) columns64<A, M>(out, bias, entries, column);
  for (; column + 32 <= co; column += 32) columns32<A, M>(out, bias, entries, column);
  for (; column < co; column += 16) columns16<A, M>(out, bias, entries, column, co - column);
}

/** Address of the weights that element 0 of a row would meet at kernel row 0 of the first output pixel. */
function firstWeights(column: i32): usize {
  return weightRows + <usize>(padLeft * ci * co + column);
}

function columns64<A, M>(out: usize, bias: usize, entries: usize, column: i32): void {
  const table = startsTable(), lastTable = table + (<usize>kh << 2), rowBytes = <usize>co, kernelRow = <usize>(kw * ci * co);
  const size: usize = sizeof<A>(), step = rowBytes * size, reach = <usize>kw << 2, pixelWeights = <usize>(sx * ci * co);
  const from = bias + <usize>column * size;
  let to = out + <usize>column * size, base = firstWeights(column);
  for (let x: usize = 0, past = <usize>(ow * sx) << 2; x < past; x += <usize>sx << 2, to += step, base -= pixelWeights) {
    let a = first<A>(from, 0), b = first<A>(from, 16), c = first<A>(from, 32), d = first<A>(from, 48);
    let e = first<A>(from, 64), f = first<A>(from, 80), g = first<A>(from, 96), h = first<A>(from, 112);
    let room = entries, w = base, flushed = false;
    for (let row = table; row < lastTable; row += 4, w += kernelRow) {
      const start = load<usize>(row) + x, end = load<usize>(start + reach), counts = load<usize>(row, COUNTS);
      let entry = load<usize>(start);
      while (entry < end) {
        const stop = sizeof<A>() == 2 ? end : min(end, entry + (room << 1));
        if (sizeof<A>() == 4) room -= (stop - entry) >> 1;
        for (; entry < stop; entry += 2) {
          const spike = <usize>load<u16>(entry), at = w + spike * rowBytes, m = countOf<M>(counts + spike);
          let v = v128.load(at);
          a = i16x8.add(a, times<M>(i16x8.extend_low_i8x16_s(v), m));
          b = i16x8.add(b, times<M>(i16x8.extend_high_i8x16_s(v), m));
          v = v128.load(at, 16);
          c = i16x8.add(c, times<M>(i16x8.extend_low_i8x16_s(v), m));
          d = i16x8.add(d, times<M>(i16x8.extend_high_i8x16_s(v), m));
          v = v128.load(at, 32);
          e = i16x8.add(e, times<M>(i16x8.extend_low_i8x16_s(v), m));
          f = i16x8.add(f, times<M>(i16x8.extend_high_i8x16_s(v), m));
          v = v128.load(at, 48);
          g = i16x8.add(g, times<M>(i16x8.extend_low_i8x16_s(v), m));
          h = i16x8.add(h, times<M>(i16x8.extend_high_i8x16_s(v), m));
        }
        if (sizeof<A>() == 4 && room == 0) {
          const sums = flushed ? to : from;
          flush(to, sums, a, b);
          flush(to + 64, sums + 64, c, d);
          flush(to + 128, sums + 128, e, f);
          flush(to + 192, sums + 192, g, h);
          a = b = c = d = e = f = g = h = i16x8.splat(0);
          room = entries;
          flushed = true;
        }
      }
    }
    const sums = flushed ? to : from;
    last<A>(to, sums, 0, a, b);
    last<A>(to, sums, 16, c, d);
    last<A>(to, sums, 32, e, f);
    last<A>(to, sums, 48, g, h);
  }
}

function columns32<A, M>(out: usize, bias: usize, entries: usize, column: i32): void {
  const table = startsTable(), lastTable = table + (<usize>kh << 2), rowBytes = <usize>co, kernelRow = <usize>(kw * ci * co);
  const size: usize = sizeof<A>(), step = rowBytes * size, reach = <usize>kw << 2, pixelWeights = <usize>(sx * ci * co);
  const from = bias + <usize>column * size;
  let to = out + <usize>column * size, base = firstWeights(column);
  for (let x: usize = 0, past = <usize>(ow * sx) << 2; x < past; x += <usize>sx << 2, to += step, base -= pixelWeights) {
    let a = first<A>(from, 0), b = first<A>(from, 16), c = first<A>(from, 32), d = first<A>(from, 48);
    let room = entries, w = base, flushed = false;
    for (let row = table; row < lastTable; row += 4, w += kernelRow) {
      const start = load<usize>(row) + x, end = load<usize>(start + reach), counts = load<usize>(row, COUNTS);
      let entry = load<usize>(start);
      while (entry < end) {
        const stop = sizeof<A>() == 2 ? end : min(end, entry + (room << 1));
        if (sizeof<A>() == 4) room -= (stop - entry) >> 1;
        for (; entry < stop; entry += 2) {
          const spike = <usize>load<u16>(entry), at = w + spike * rowBytes, m = countOf<M>(counts + spike);
          let v = v128.load(at);
          a = i16x8.add(a, times<M>(i16x8.extend_low_i8x16_s(v), m));
          b = i16x8.add(b, times<M>(i16x8.extend_high_i8x16_s(v), m));
          v = v128.load(at, 16);
          c = i16x8.add(c, times<M>(i16x8.extend_low_i8x16_s(v), m));
          d = i16x8.add(d, times<M>(i16x8.extend_high_i8x16_s(v), m));
        }
        if (sizeof<A>() == 4 && room == 0) {
          const sums = flushed ? to : from;
          flush(to, sums, a, b);
          flush(to + 64, sums + 64, c, d);
          a = b = c = d = i16x8.splat(0);
          room = entries;
          flushed = true;
        }
      }
    }
    const sums = flushed ? to : from;
    last<A>(to, sums, 0, a, b);
    last<A>(to, sums, 16, c, d);
  }
}

/** Sixteen columns, of which the first `wanted` are kept. */
function columns16<A, M>(out: usize, bias: usize, entries: usize, column: i32, wanted: i32): void {
  const table = startsTable(), lastTable = table + (<usize>kh << 2), rowBytes = <usize>co, kernelRow = <usize>(kw * ci * co);
  const size: usize = sizeof<A>(), step = rowBytes * size, reach = <usize>kw << 2, pixelWeights = <usize>(sx * ci * co);
  const from = bias + <usize>column * size, spare = memory.data(64, 16);
  let next = out + <usize>column * size, base = firstWeights(column);
  for (let x: usize = 0, past = <usize>(ow * sx) << 2; x < past; x += <usize>sx << 2, next += step, base -= pixelWeights) {
    const to = wanted < 16 ? spare : next;
    let a = first<A>(from, 0), b = first<A>(from, 16);
    let room = entries, w = base, flushed = false;
    for (let row = table; row < lastTable; row += 4, w += kernelRow) {
      const start = load<usize>(row) + x, end = load<usize>(start + reach), counts = load<usize>(row, COUNTS);
      let entry = load<usize>(start);
      while (entry < end) {
        const stop = sizeof<A>() == 2 ? end : min(end, entry + (room << 1));
        if (sizeof<A>() == 4) room -= (stop - entry) >> 1;
        for (; entry < stop; entry += 2) {
          const spike = <usize>load<u16>(entry), v = v128.load(w + spike * rowBytes), m = countOf<M>(counts + spike);
          a = i16x8.add(a, times<M>(i16x8.extend_low_i8x16_s(v), m));
          b = i16x8.add(b, times<M>(i16x8.extend_high_i8x16_s(v), m));
        }
        if (sizeof<A>() == 4 && room == 0) {
          flush(to, flushed ? to : from, a, b);
          a = b = i16x8.splat(0);
          room = entries;
          flushed = true;
        }
      }
    }
    last<A>(to, flushed ? to : from, 0, a, b);
    if (wanted < 16) {
      for (let i: usize = 0; i < <usize>wanted; i++) store<A>(next + i * size, load<A>(spare + i * size));
    }
  }
}

/** The count at `at` in all lanes. */
@inline
export function countOf<M>(at: usize): v128 {
  return isBoolean<M>() ? i16x8.splat(0) : i16x8.splat(<i16>load<u8>(at));
}

@inline
export function times<M>(weights: v128, count: v128): v128 {
  return isBoolean<M>() ? weights : i16x8.mul(weights, count);
}

/** The start of eight i16 sums: the bias itself where they are the accumulators, 0 where it is added at the flush. */
@inline
function first<A>(bias: usize, offset: usize): v128 {
  return sizeof<A>() == 2 ? v128.load(bias + offset) : i16x8.splat(0);
}

/** Sixteen sums of columns at..at+15 to their place. */
@inline
function last<A>(out: usize, sums: usize, at: usize, low: v128, high: v128): void {
  if (sizeof<A>() == 2) {
    v128.store(out + (at << 1), low);
    v128.store(out + (at << 1), high, 16);
  } else {
    flush(out + (at << 2), sums + (at << 2), low, high);
  }
}

/** out[0..15] = sums[0..15] + the sixteen i16 of low and high. */
@inline
function flush(out: usize, sums: usize, low: v128, high: v128): void {
  v128.store(out, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_s(low)));
  v128.store(out, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_s(low)), 16);
  v128.store(out, i32x4.add(v128.load(sums, 32), i32x4.extend_low_i16x8_s(high)), 32);
  v128.store(out, i32x4.add(v128.load(sums, 48), i32x4.extend_high_i16x8_s(high)), 48);
}
