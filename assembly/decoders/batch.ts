// The columns being written, the latest time, and the counters.

import { Drop, DROPS_AT, P_AT, T_AT, X_AT, Y_AT } from "./abi";
import { storeEight, storeTimes } from "./vectors";

/** Fields of 11 bits name no pixel beyond. */
export const FIELD_SIDE = 2048;

let width: i32 = 0;
let height: i32 = 0;
/** The same in all lanes of u16, at most FIELD_SIDE. */
export let widths: v128;
export let heights: v128;
/** Events in the columns. */
export let count: i32 = 0;
/** µs of the last event before this batch; none is given an earlier time. */
let latest: f64 = 0;
const JUMP_MICROS: f64 = 10_000_000;
/** An event that fell by more than that, and the time that it fell from; −1 for none. */
let doubted: f64 = -1;
let doubtedFrom: f64 = -1;

export function begin(sensorWidth: i32, sensorHeight: i32): void {
  width = sensorWidth;
  height = sensorHeight;
  widths = i16x8.splat(<i16>min(width, FIELD_SIDE));
  heights = i16x8.splat(<i16>min(height, FIELD_SIDE));
}

/** A new batch. */
export function open(): void {
  count = 0;
}

/** Nothing is added any more: from here on the columns are the reader's, who may write to them. */
export function close(): void {
  latest = latestTime();
}

/** Says that the columns now hold `events` events, their times not falling. */
export function setCount(events: i32): void {
  count = events;
}

/** Addresses of entry i of the columns. */
export function tAt(i: i32): usize { return <usize>(T_AT + (i << 3)); }
export function xAt(i: i32): usize { return <usize>(X_AT + (i << 1)); }
export function yAt(i: i32): usize { return <usize>(Y_AT + (i << 1)); }
export function pAt(i: i32): usize { return <usize>(P_AT + i); }

/** µs of the last event, of this batch or of one before. */
export function latestTime(): f64 {
  return count > 0 ? load<f64>(tAt(count - 1)) : latest;
}

export function drop(reason: Drop, amount: i32): void {
  const at = <usize>(DROPS_AT + (reason << 2));
  store<i32>(at, load<i32>(at) + amount);
}

/**
 * Two events that follow each other and both lie more than 10 s before the latest time, near each other, say that it was corrupt, or
 * that the clock began anew (host/decoders/time-jump.ts has the same rule). @returns whether time is taken anew from this event
 */
function isRealJump(time: f64, before: f64): bool {
  if (before - time <= JUMP_MICROS) return false;
  const agreed = doubtedFrom == before && abs(time - doubted) <= JUMP_MICROS;
  doubted = time;
  doubtedFrom = agreed ? -1 : before;
  return agreed;
}

/**
 * Adds an event at column + b of `row` for every bit b of `mask`, in order of b. Pixels off the sensor are counted and left out;
 * where `now` is before the latest time, the events get that one and are counted, unless the clock has jumped.
 * @param column  0 .. 2^16   @param row  0 .. 2^16   @param now  µs
 */
export function addEvents(column: i32, row: i32, mask: u32, polarity: i32, now: f64): void {
  const room = width - column;
  const onRow: u32 = room >= 32 ? 0xffffffff : room > 0 ? (1 << room) - 1 : 0;
  let left = row < height ? mask & onRow : 0;
  const events = popcnt<u32>(left);
  const outside = popcnt<u32>(mask) - events;
  if (outside != 0) drop(Drop.OutsideSensor, outside);
  if (events == 0) return;
  let time = now;
  const before = latestTime();
  if (time < before) {
    if (isRealJump(time, before)) drop(Drop.TimeJump, 1);
    else {
      time = before;
      drop(Drop.TimeBackwards, events);
    }
  }
  const t = f64x2.splat(time), y = i16x8.splat(<i16>row), p = i8x16.splat(<i8>polarity);
  for (let at = count; left != 0; left >>>= 8, column += 8) {
    storeTimes(tAt(at), t);
    storeEight(xAt(at), column, left & 0xff);
    v128.store(yAt(at), y);
    v128.store64_lane(pAt(at), p, 0);
    at += popcnt<u32>(left & 0xff);
  }
  count += events;
}
