// EVT2: one u32 a word, `type:4 | t_low:6 | x:11 | y:11` for an event, `8:4 | time:28` for the high part of the time, µs.
// Source: Prophesee's EVT 2.0 page.

import { BATCH_EVENTS, Drop } from "./abi";
import * as batch from "./batch";
import { known, setHigh28, timeBase } from "./time";
import { behind, field, highHalves, lowHalves, shiftOf, storeLowTimes } from "./vectors";

const ON: u32 = 1, TIME_HIGH: u32 = 8, TRIGGER: u32 = 0xa, IMU: u32 = 0xd, OTHER: u32 = 0xe;
const LOW_STEPS = 64;

/**
 * Eight words at a time: all are taken for events of this TIME_HIGH on the sensor, in order of time, and stored; the first that is
 * not ends what is kept, and is read by itself.
 */
export function readEvt2(from: usize, to: usize): usize {
  batch.open();
  const end = to - ((to - from) & 3);
  let at = from, count = 0, floor = floorOfLow(), shift = shiftOf(timeBase());
  while (at < end && count <= BATCH_EVENTS - 8) {
    const first = v128.load(at), second = v128.load(at, 16);
    const upper = highHalves(first, second), lower = lowHalves(first, second);
    const type = i16x8.shr_u(upper, 12);
    const low = field(upper, 6, 6);
    const x = v128.or(i16x8.shr_u(i16x8.shl(upper, 10), 5), i16x8.shr_u(lower, 11));
    const y = field(lower, 0, 11);
    const fits = v128.and(i16x8.lt_s(x, batch.widths), i16x8.lt_s(y, batch.heights));
    const ordered = v128.and(i16x8.eq(i16x8.shr_u(type, 1), i16x8.splat(0)), i16x8.ge_s(low, behind(floor, low)));
    const kept = v128.and(fits, ordered);
    storeLowTimes(batch.tAt(count), low, shift);
    v128.store(batch.xAt(count), x);
    v128.store(batch.yAt(count), y);
    v128.store64_lane(batch.pAt(count), i8x16.narrow_i16x8_u(type, type), 0);
    // A branch, foreseen nine times of ten, so that the next words are loaded before this comparison is done.
    if (i16x8.all_true(kept) && at + 32 <= end) {
      at += 32;
      count += 8;
      floor = low;
      continue;
    }
    const words = min(ctz<i32>(~i16x8.bitmask(kept) | 0x100), <i32>((end - at) >> 2));
    at += <usize>words << 2;
    batch.setCount(count + words);
    if (at < end) {
      readWord(load<u32>(at));
      at += 4;
    }
    count = batch.count;
    floor = floorOfLow();
    shift = shiftOf(timeBase());
  }
  batch.setCount(count);
  batch.close();
  return at;
}

/** In all lanes the least low part that an event may have now, LOW_STEPS when none may. */
function floorOfLow(): v128 {
  const floor = known() ? min(max(batch.latestTime() - timeBase(), 0), <f64>LOW_STEPS) : <f64>LOW_STEPS;
  return i16x8.splat(<i16><i32>floor);
}

function readWord(word: u32): void {
  const type = word >>> 28;
  if (type <= ON) addEvt2Events(word, type, 1);
  else if (type == TIME_HIGH) setHigh28(word & 0xfffffff);
  else countEvt2Other(type);
}

/** Events of an EVT2 word, one for each bit of `mask` from its column on. */
export function addEvt2Events(word: u32, polarity: u32, mask: u32): void {
  if (known()) batch.addEvents((word >>> 11) & 0x7ff, word & 0x7ff, mask, polarity, timeBase() + <f64>((word >>> 22) & 0x3f));
  else batch.drop(Drop.BeforeTimeBase, popcnt<u32>(mask));
}

/** A word that is no event and no time, of EVT2 or EVT2.1. */
export function countEvt2Other(type: u32): void {
  batch.drop(type == TRIGGER ? Drop.Trigger : type == IMU ? Drop.Imu : type >= OTHER ? Drop.MonitorWord : Drop.UnknownWord, 1);
}
