// The decoders' exports: words of Prophesee's encodings to columns of events. One instance reads one recording and keeps all
// state between calls. Not part of the engine: times are f64. Addresses are bytes in the imported memory, as abi.ts lays it out.

import * as batch from "./batch";
import { readEvt2 } from "./evt2";
import { readEvt21 } from "./evt21";
import { readEvt3 } from "./evt3";
import { readEvt4 } from "./evt4";
import * as time from "./time";
import { makeTables } from "./vectors";

/** Once, before the first word: the sensor's size in pixels, at least 1x1. */
export function begin(width: i32, height: i32): void {
  batch.begin(width, height);
  makeTables();
}

/**
 * Each reads whole words from block[from .. to) until they end or the batch is full; events go to the columns from entry 0 on.
 * @param from  address, a multiple of the word   @param to  address   @returns the address of the first word not read
 */
export function evt2(from: usize, to: usize): usize { return readEvt2(from, to); }
export function evt21(from: usize, to: usize): usize { return readEvt21(from, to, 4); }
/** The event in the low half of a word, the mask in the high one. */
export function evt21Legacy(from: usize, to: usize): usize { return readEvt21(from, to, 0); }
export function evt3(from: usize, to: usize): usize { return readEvt3(from, to); }
export function evt4(from: usize, to: usize): usize { return readEvt4(from, to); }

/** Events that the last call gave. */
export function count(): i32 { return batch.count; }
/** Whether the stream has said what time it is. */
export function understood(): bool { return time.known(); }
