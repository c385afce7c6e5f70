// EVT3: u16 words `type:4 | payload:12` that change a state (row, column base, time); ADDR_X and vectors give events.
// A new TIME_HIGH sets the low part to 0 until TIME_LOW comes. Vectors are taken one by one; each moves the base on.
// Source: Prophesee's EVT 3.0 page.

import { BATCH_EVENTS, Drop } from "./abi";
import * as batch from "./batch";
import { known, setHigh12, timeBase } from "./time";
import { behind, compress, field, fill, last, movesOf, narrow, shiftOf, storeLowTimes } from "./vectors";

const ROW: u32 = 0, COLUMN: u32 = 2, VECTOR_BASE: u32 = 3, VECTOR_12: u32 = 4, VECTOR_8: u32 = 5, TIME_LOW: u32 = 6, CONTINUED_4: u32 = 7;
const TIME_HIGH: u32 = 8, TRIGGER: u32 = 0xa, IMU: u32 = 0xd, OTHER: u32 = 0xe, CONTINUED_12: u32 = 0xf;

/** Events of one word, and of eight of which the last is read by itself, at most. */
const WORD_EVENTS = 12, GROUP_EVENTS = 7 + WORD_EVENTS;
const LOW_STEPS = 4096;
/** As ADDR_Y said, on the sensor or not; −1 before the first. */
let row: i32 = -1;
/** TIME_LOW, or 0 since a TIME_HIGH that moved. */
let low: i32 = 0;
/** Of the next vector; −1 before the first base. */
let vectorColumn: i32 = -1;
let vectorPolarity: i32 = 0;

/**
 * Eight words at a time, as long as they are rows, columns and low times: the row and the time of a column are those of the last
 * such word up to it. A word of another type ends what is kept and is read by itself; so is each word while time runs backwards.
 */
export function readEvt3(from: usize, to: usize): usize {
  batch.open();
  const end = to - ((to - from) & 1);
  let at = from, count = 0;
  let rows = i16x8.splat(<i16>row), lows = i16x8.splat(<i16>low), floor = floorOfLow(), shift = shiftOf(timeBase());
  while (at < end && count <= BATCH_EVENTS - GROUP_EVENTS) {
    const words = v128.load(at);
    const type = narrow(i16x8.shr_u(words, 12));
    const columns = i8x16.bitmask(i8x16.eq(type, i8x16.splat(<i8>COLUMN)));
    const rowWords = i8x16.bitmask(i8x16.eq(type, i8x16.splat(<i8>ROW)));
    const lowWords = i8x16.bitmask(i8x16.eq(type, i8x16.splat(<i8>TIME_LOW)));
    const stop = (~(columns | rowWords | lowWords) & 0xff) | (1 << min(<i32>((end - at) >> 1), 8));
    const before = (stop & -stop) - 1;
    const x = field(words, 0, 11);
    const y = fill(x, rowWords & before, rows);
    const time = fill(field(words, 0, 12), lowWords & before, lows);
    if (i16x8.all_true(i16x8.ge_s(time, behind(floor, time)))) {
      const inside = i8x16.bitmask(narrow(v128.and(i16x8.lt_s(x, batch.widths), i16x8.lt_s(y, batch.heights))));
      const kept = columns & before & inside;
      batch.drop(Drop.OutsideSensor, popcnt<i32>(columns & before & ~inside));
      const moves = movesOf(kept);
      const events = compress(words, moves);
      storeLowTimes(batch.tAt(count), compress(time, moves), shift);
      v128.store(batch.xAt(count), field(events, 0, 11));
      v128.store(batch.yAt(count), compress(y, moves));
      v128.store64_lane(batch.pAt(count), narrow(field(events, 11, 1)), 0);
      count += popcnt<i32>(kept);
      rows = last(y);
      lows = last(time);
      floor = time;
      if (before == 0xff) {
        at += 16;
        continue;
      }
      at += <usize>ctz<i32>(stop) << 1;
    }
    batch.setCount(count);
    row = i16x8.extract_lane_s(rows, 0);
    low = i16x8.extract_lane_s(lows, 0);
    if (at < end) at = readWords(at, end);
    count = batch.count;
    rows = i16x8.splat(<i16>row);
    lows = i16x8.splat(<i16>low);
    floor = floorOfLow();
    shift = shiftOf(timeBase());
  }
  batch.setCount(count);
  row = i16x8.extract_lane_s(rows, 0);
  low = i16x8.extract_lane_s(lows, 0);
  batch.close();
  return at;
}

/** In all lanes the least low part that an event may have now, LOW_STEPS when none may. */
function floorOfLow(): v128 {
  const floor = known() && row >= 0 ? min(max(batch.latestTime() - timeBase(), 0), <f64>LOW_STEPS) : <f64>LOW_STEPS;
  return i16x8.splat(<i16><i32>floor);
}

/** Reads one word, and the vectors behind it. @returns the address of the next */
function readWords(from: usize, end: usize): usize {
  let at = from;
  do {
    readWord(load<u16>(at));
    at += 2;
  } while (at < end && isVector(<u32>load<u16>(at) >>> 12) && batch.count <= BATCH_EVENTS - WORD_EVENTS);
  return at;
}

function isVector(type: u32): bool {
  return type >= VECTOR_BASE && type <= VECTOR_8;
}

function readWord(word: u32): void {
  const type = word >>> 12;
  if (type == VECTOR_12) addVector(word & 0xfff, 12);
  else if (type == VECTOR_8) addVector(word & 0xff, 8);
  else if (type == VECTOR_BASE) {
    vectorColumn = word & 0x7ff;
    vectorPolarity = (word >>> 11) & 1;
  } else if (type == COLUMN) addEvents(word & 0x7ff, 1, (word >>> 11) & 1);
  else if (type == ROW) row = word & 0x7ff;
  else if (type == TIME_LOW) low = word & 0xfff;
  else if (type == TIME_HIGH) {
    if (setHigh12(word & 0xfff)) low = 0;
  } else countOther(type);
}

function addVector(mask: u32, columns: i32): void {
  if (vectorColumn < 0) return batch.drop(Drop.WithoutVectorBase, popcnt<u32>(mask));
  addEvents(vectorColumn, mask, vectorPolarity);
  vectorColumn = min(vectorColumn + columns, batch.FIELD_SIDE);
}

function addEvents(column: i32, mask: u32, polarity: i32): void {
  if (!known()) batch.drop(Drop.BeforeTimeBase, popcnt<u32>(mask));
  else if (row < 0) batch.drop(Drop.BeforeRow, popcnt<u32>(mask));
  else batch.addEvents(column, row, mask, polarity, timeBase() + <f64>low);
}

function countOther(type: u32): void {
  const monitor = type == OTHER || type == CONTINUED_12 || type == CONTINUED_4;
  batch.drop(type == TRIGGER ? Drop.Trigger : type == IMU ? Drop.Imu : monitor ? Drop.MonitorWord : Drop.UnknownWord, 1);
}
