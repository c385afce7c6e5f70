import { type EventColumns, frameEvents } from "../protocol/events.js";
import { FRAMES, MAX_FRAME_BYTES } from "../protocol/fields.js";
import { Inbox } from "../protocol/inbox.js";
import type { SimulatedDevice } from "./device.js";

/** Events in order of time, as many as `count`; the columns are theirs who gave them. */
export interface EventList extends EventColumns {
  readonly count: number;
}

/** A capture of a bridge, as `saccade convert IN OUT.bridge` writes one. */
export interface Capture {
  readonly width: number;
  readonly height: number;
  readonly events: EventList;
}

/** @throws RangeError when the capture states no sensor or holds no events */
export function readCapture(bytes: Uint8Array): Capture {
  const inbox = new Inbox(), most = frameEvents(MAX_FRAME_BYTES);
  const frame = { t: new Float64Array(most), x: new Uint16Array(most), y: new Uint16Array(most), p: new Uint8Array(most) };
  const all = { t: [] as Float64Array[], x: [] as Uint16Array[], y: [] as Uint16Array[], p: [] as Uint8Array[] };
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    at = inbox.read(bytes, at, bytes.length);
    if (!inbox.ready || inbox.frame.type !== FRAMES.EVENTS.code) continue;
    const found = inbox.events(frame, 0);
    for (const name of ["t", "x", "y", "p"] as const) all[name].push(frame[name].slice(0, found) as never);
    count += found;
  }
  if (!inbox.hello || count === 0) throw new RangeError("the capture holds no HELLO or no events");
  const { width, height } = inbox.hello;
  const join = <A extends Float64Array | Uint16Array | Uint8Array>(parts: readonly A[], out: A): A => {
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return {
    width,
    height,
    events: { count, t: join(all.t, new Float64Array(count)), x: join(all.x, new Uint16Array(count)), y: join(all.y, new Uint16Array(count)),
      p: join(all.p, new Uint8Array(count)) },
  };
}

/** Plays events to a device at their pace, `speed` times as fast, over and over when told to. */
export class Player {
  /** Events that were given to the device. */
  played = 0;
  #next = 0;
  #began: number | undefined;
  readonly #times: Float64Array;

  constructor(
    readonly events: EventList,
    readonly device: SimulatedDevice,
    readonly options: { readonly speed?: number; readonly loop?: boolean } = {},
  ) {
    this.#times = new Float64Array(events.count);
  }

  get ended(): boolean {
    return this.#next === this.events.count && !this.options.loop;
  }

  /** Gives the device what is due at `now`, µs of its clock. */
  poll(now: number): void {
    const { events, options: { speed = 1, loop } } = this, first = events.t[0]!;
    this.#began ??= now;
    for (;;) {
      const due = first + (now - this.#began) * speed, from = this.#next;
      while (this.#next < events.count && events.t[this.#next]! <= due) {
        this.#times[this.#next] = Math.floor(this.#began + (events.t[this.#next]! - first) / speed);
        this.#next++;
      }
      if (this.#next > from) this.device.push({ ...events, t: this.#times }, from, this.#next);
      this.played += this.#next - from;
      if (this.#next < events.count || !loop) return;
      this.#next = 0;
      this.#began += (events.t[events.count - 1]! - first + 1) / speed;
      if (this.#began > now) return;
    }
  }
}
