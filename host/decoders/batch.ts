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

  /** Adds the first `count` events of these columns. */
  append(t: Float64Array, x: Uint16Array, y: Uint16Array, p: Uint8Array, count: number): void {
    this.t.set(t.subarray(0, count), this.count);
    this.x.set(x.subarray(0, count), this.count);
    this.y.set(y.subarray(0, count), this.count);
    this.p.set(p.subarray(0, count), this.count);
    this.count += count;
  }
}
