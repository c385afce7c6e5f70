import type { Events } from "../types.js";

/** A reusable block of events, structure of arrays. `count` is the number of valid entries. */
export class EventBatch implements Events {
  count = 0;
  readonly t: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly p: Uint8Array;
  constructor(readonly capacity: number) {
    this.t = new Float64Array(capacity);
    this.x = new Uint16Array(capacity);
    this.y = new Uint16Array(capacity);
    this.p = new Uint8Array(capacity);
  }
}
