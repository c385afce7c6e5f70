import type { Events } from "../types.js";

/** A reusable block of events, structure of arrays. `count` is the number of valid entries. */
export class EventBatch implements Events {
  count = 0;
  /** @param capacity entries of each column; columns that are not given are made */
  constructor(
    readonly capacity: number,
    readonly t = new Float64Array(capacity),
    readonly x = new Uint16Array(capacity),
    readonly y = new Uint16Array(capacity),
    readonly p = new Uint8Array(capacity),
  ) {}
}
