import type { Events } from "../types.js";

/** Most events that one window holds; what comes beyond is counted as dropped. 15 bytes an event: 240 MiB. */
export const MAX_WINDOW_EVENTS = 1 << 24;
const FIRST_CAPACITY = 4096;

/** The events of the window that is open, copied out of the decoders' reused batches. Grows by doubling, never shrinks. */
export class EventBuffer implements Events {
  count = 0;
  t = new Float64Array(FIRST_CAPACITY);
  x = new Uint16Array(FIRST_CAPACITY);
  y = new Uint16Array(FIRST_CAPACITY);
  p = new Uint8Array(FIRST_CAPACITY);

  /** Appends events from..to−1. @returns how many did not fit in MAX_WINDOW_EVENTS. */
  append(events: Events, from: number, to: number): number {
    const taken = Math.min(to - from, MAX_WINDOW_EVENTS - this.count);
    this.#reserve(this.count + taken);
    this.t.set(events.t.subarray(from, from + taken), this.count);
    this.x.set(events.x.subarray(from, from + taken), this.count);
    this.y.set(events.y.subarray(from, from + taken), this.count);
    this.p.set(events.p.subarray(from, from + taken), this.count);
    this.count += taken;
    return to - from - taken;
  }

  clear(): void {
    this.count = 0;
  }

  /** Forgets the first n events. */
  shift(n: number): void {
    for (const column of [this.t, this.x, this.y, this.p]) column.copyWithin(0, n, this.count);
    this.count -= n;
  }

  #reserve(wanted: number): void {
    if (wanted <= this.t.length) return;
    let capacity = this.t.length;
    while (capacity < wanted) capacity *= 2;
    this.t = grown(this.t, new Float64Array(capacity));
    this.x = grown(this.x, new Uint16Array(capacity));
    this.y = grown(this.y, new Uint16Array(capacity));
    this.p = grown(this.p, new Uint8Array(capacity));
  }
}

function grown<A extends Float64Array | Uint16Array | Uint8Array>(old: A, wider: A): A {
  wider.set(old);
  return wider;
}
