// Eight lanes of u16 at a time: tables of how lanes move, and stores that may write past the last event kept.

import { COMPRESS_AT, FILL_AT } from "./abi";

/** Bytes that swizzle takes for zero. */
const NOWHERE: u16 = 0xffff;

/** Fills COMPRESS_AT and FILL_AT. A lane is named by the places of its two bytes, 2i and 2i + 1. */
export function makeTables(): void {
  for (let mask = 0; mask < 256; mask++) {
    const moves = compressAt(mask), sources = fillAt(mask);
    let kept = 0, last = NOWHERE;
    v128.store(moves, i16x8.splat(<i16>NOWHERE));
    for (let lane = 0; lane < 8; lane++) {
      if ((mask >> lane) & 1) {
        last = <u16>(lane * 0x0202 + 0x0100);
        store<u16>(moves + <usize>(kept << 1), last);
        kept++;
      }
      store<u16>(sources + <usize>(lane << 1), last);
    }
  }
}

function compressAt(mask: i32): usize {
  return <usize>(COMPRESS_AT + (mask << 4));
}

function fillAt(mask: i32): usize {
  return <usize>(FILL_AT + (mask << 4));
}

/** What `compress` takes for a mask below 256. */
export function movesOf(mask: i32): v128 {
  return v128.load(compressAt(mask));
}

/** The lanes whose bit in the mask is set, moved together; zeros behind them. */
export function compress(lanes: v128, moves: v128): v128 {
  return i8x16.swizzle(lanes, moves);
}

/** In each lane the last one up to it whose bit in `mask` is set, or `before`'s when there is none. */
export function fill(lanes: v128, mask: i32, before: v128): v128 {
  return i16x8.add(i8x16.swizzle(i16x8.sub(lanes, before), v128.load(fillAt(mask))), before);
}

/** The low bytes of lanes below 256 or all ones, twice. */
export function narrow(lanes: v128): v128 {
  return i8x16.narrow_i16x8_s(lanes, lanes);
}

/** Lane 7 in all lanes. */
export function last(lanes: v128): v128 {
  return i8x16.shuffle(lanes, lanes, 14, 15, 14, 15, 14, 15, 14, 15, 14, 15, 14, 15, 14, 15, 14, 15);
}

/** Lane 7 of `before`, then lanes 0..6: what stood one place ahead. */
export function behind(before: v128, lanes: v128): v128 {
  return i8x16.shuffle(before, lanes, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}

/** The low halves of eight u32. */
export function lowHalves(first: v128, second: v128): v128 {
  return i8x16.shuffle(first, second, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29);
}

/** The high halves of eight u32. */
export function highHalves(first: v128, second: v128): v128 {
  return i8x16.shuffle(first, second, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
}

/**
 * The field of each lane that is `width` bits wide and ends above bit `from`. Two shifts, because a constant to mask with is made anew
 * in every turn of a loop (V8 11): three instructions, two of them for the unit that shuffles. Measured: 1.6 times as fast (EVT3).
 */
export function field(lanes: v128, from: i32, width: i32): v128 {
  return i16x8.shr_u(i16x8.shl(lanes, 16 - from - width), 16 - width);
}

/** u16[8]: column + b for each bit b of a mask below 256, the rest of no meaning. */
export function storeEight(at: usize, column: i32, mask: u32): void {
  const lanes = i16x8.shr_u(v128.load(compressAt(mask)), 9);
  v128.store(at, i16x8.add(lanes, i16x8.splat(<i16>column)));
}

/** f64[8], all the same. */
export function storeTimes(at: usize, t: v128): void {
  v128.store(at, t);
  v128.store(at, t, 16);
  v128.store(at, t, 32);
  v128.store(at, t, 48);
}

/** An f64 whose low 32 bits are n and whose high ones are these is 2^52 + n, exactly. */
const HIGH_OF_2_52: i32 = 0x43300000;
const TWO_52: f64 = 4503599627370496;

/** What storeLowTimes adds to the bits of 2^52 + n to get base + n: exact, both being integers below 2^53. */
export function shiftOf(base: f64): v128 {
  return f64x2.splat(base - TWO_52);
}

/** f64[8]: base + n for each u16 n of `low`; `shift` is shiftOf(base). */
export function storeLowTimes(at: usize, low: v128, shift: v128): void {
  const high = i32x4.splat(HIGH_OF_2_52);
  const first = i32x4.extend_low_i16x8_u(low), second = i32x4.extend_high_i16x8_u(low);
  v128.store(at, f64x2.add(lowPair(first, high), shift));
  v128.store(at, f64x2.add(highPair(first, high), shift), 16);
  v128.store(at, f64x2.add(lowPair(second, high), shift), 32);
  v128.store(at, f64x2.add(highPair(second, high), shift), 48);
}

function lowPair(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}

function highPair(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}
