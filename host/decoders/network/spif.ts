import type { Decoder, Drops, Events, Micros, SensorSize } from "../../types.js";
import { EventBatch } from "../batch.js";
import { WrappedTime } from "../clocks/wrapped-time.js";
import { drop } from "../drops.js";
import { TimeJump } from "../time-jump.js";

const WORD_BYTES = 4, MOST_EVENTS = 65536 / WORD_BYTES;
const WITHOUT_TIME = 0x80000000, FIELD = 0x7fff, POLARITY = 0x8000;

/** Words that a datagram must have before it is taken for one of events, and pixels along a side that no sensor has. */
const LEAST_WORDS = 16, BEYOND_SIDES = 2048;

/**
 * Whether a datagram can hardly be anything but events without times, as AEStream sends them: they have no mark, but their first bits are
 * all 1, and nine bits in all are the same of every word. Datagrams with times are never taken for such.
 */
export function looksLikeSpif(datagram: Uint8Array): boolean {
  if (datagram.length < LEAST_WORDS * WORD_BYTES || datagram.length % WORD_BYTES !== 0) return false;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at < datagram.length; at += WORD_BYTES) {
    const word = view.getUint32(at, true);
    if ((word & WITHOUT_TIME) === 0 || ((word >>> 16) & FIELD) >= BEYOND_SIDES || (word & FIELD) >= BEYOND_SIDES) return false;
  }
  return true;
}

/**
 * Events as SPIF boards and AEStream send them over UDP: u32 words, little-endian: no time 1, x 15, polarity 1, y 15; where the first bit
 * is 0 a u32 of µs follows, which wraps. An event without a time has that of its datagram. One datagram a push.
 */
export class SpifDecoder implements Decoder {
  readonly format = "spif";
  readonly drops: Drops = {};
  readonly #batch = new EventBatch(MOST_EVENTS);
  readonly #times = new WrappedTime(2 ** 32);
  readonly #jump = new TimeJump();
  #latest: Micros = 0;

  /** @param size events outside it are counted and left out; without it, what the fields can name */
  constructor(readonly size: SensorSize | undefined) {}

  *push(datagram: Uint8Array, arrival?: Micros): Generator<Events> {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const out = this.#batch, came = Math.max(0, Math.round(arrival ?? this.#latest));
    const width = this.size?.width ?? FIELD + 1, height = this.size?.height ?? FIELD + 1;
    let at = 0;
    out.count = 0;
    while (at + WORD_BYTES <= datagram.length && out.count < out.capacity) {
      const word = view.getUint32(at, true), timed = (word & WITHOUT_TIME) === 0;
      if (timed && at + 2 * WORD_BYTES > datagram.length) break;
      const time = timed ? this.#times.unwrap(view.getUint32(at + WORD_BYTES, true)) : came;
      at += timed ? 2 * WORD_BYTES : WORD_BYTES;
      const x = (word >>> 16) & FIELD, y = word & FIELD;
      if (x >= width || y >= height) drop(this.drops, "outside_sensor");
      else this.#give(time, x, y, word & POLARITY ? 1 : 0);
    }
    drop(this.drops, "torn_tail", datagram.length - at);
    if (out.count > 0) yield out;
  }

  *end(): Generator<Events> {}

  #give(time: Micros, x: number, y: number, p: number): void {
    const out = this.#batch;
    if (time >= this.#latest) this.#latest = time;
    else if (this.#jump.isReal(time, this.#latest)) {
      this.#latest = time;
      drop(this.drops, "time_jump");
    } else drop(this.drops, "time_backwards");
    out.t[out.count] = this.#latest;
    out.x[out.count] = x;
    out.y[out.count] = y;
    out.p[out.count++] = p;
  }
}
