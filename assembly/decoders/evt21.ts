// EVT2.1: one u64 a word, an EVT2 word in one half and a mask of 32 neighbouring pixels in the other; bit b is an event at x + b.
// Source: Prophesee's EVT 2.1 page.

import { BATCH_EVENTS } from "./abi";
import * as batch from "./batch";
import { addEvt2Events, countEvt2Other } from "./evt2";
import { setHigh28 } from "./time";

const ON: u32 = 1, TIME_HIGH: u32 = 8, WORD_EVENTS = 32;

/** @param eventAt  bytes from the word's start to its EVT2 half: 4 in little-endian files (GenX320), 0 in legacy ones (IMX636 and older) */
export function readEvt21(from: usize, to: usize, eventAt: usize): usize {
  batch.open();
  const end = to - ((to - from) & 7);
  let at = from;
  for (; at < end && batch.count <= BATCH_EVENTS - WORD_EVENTS; at += 8) {
    const word = load<u32>(at + eventAt), type = word >>> 28;
    if (type <= ON) addEvt2Events(word, type, load<u32>(at + 4 - eventAt));
    else if (type == TIME_HIGH) setHigh28(word & 0xfffffff);
    else countEvt2Other(type);
  }
  batch.close();
  return at;
}
