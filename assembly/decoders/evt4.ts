// EVT4: EVT2's fields under other type numbers, and vectors: the u32 after CD_VEC is a mask of 32 pixels from x on, bare, so it
// must never be read as a word of its own. Source: OpenEB's evt4_event_types.h.

import { BATCH_EVENTS, Drop } from "./abi";
import * as batch from "./batch";
import { addEvt2Events } from "./evt2";
import { setHigh28 } from "./time";

const OTHER: u32 = 6, CONTINUED: u32 = 7, TRIGGER: u32 = 9, OFF: u32 = 0xa, ON: u32 = 0xb, VECTOR_OFF: u32 = 0xc, VECTOR_ON: u32 = 0xd;
const TIME_HIGH: u32 = 0xe, PADDING: u32 = 0xf, MASK_EVENTS = 32;

/** The CD_VEC word whose mask has not come yet, 0 for none. */
let vector: u32 = 0;

export function readEvt4(from: usize, to: usize): usize {
  batch.open();
  const end = to - ((to - from) & 3);
  let at = from;
  for (; at < end && batch.count <= BATCH_EVENTS - MASK_EVENTS; at += 4) {
    const word = load<u32>(at), type = word >>> 28;
    if (vector != 0) {
      addVector(vector, word);
      vector = 0;
    } else if (type == OFF || type == ON) addVector(word, 1);
    else if (type == VECTOR_OFF || type == VECTOR_ON) vector = word;
    else if (type == TIME_HIGH) setHigh28(word & 0xfffffff);
    else if (type != PADDING) countOther(type);
  }
  batch.close();
  return at;
}

/** The last bit of the type is the polarity: A and C are OFF, B and D are ON. */
function addVector(word: u32, mask: u32): void {
  addEvt2Events(word, (word >>> 28) & 1, mask);
}

function countOther(type: u32): void {
  batch.drop(type == TRIGGER ? Drop.Trigger : type == OTHER || type == CONTINUED ? Drop.MonitorWord : Drop.UnknownWord, 1);
}
