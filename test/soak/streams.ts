import { readFileSync } from "node:fs";
import { ColumnDigest } from "../../host/cli/decode-columns.js";
import { Random } from "../../host/simulator/random.js";
import type { Events } from "../../host/types.js";
import { sharedData } from "../data.js";
import { SERIAL_ENCODINGS } from "../decoders/points/encode.js";
import { realShots } from "../decoders/points/shots.js";

export const EDVS_RECORDINGS = "dvs/edvs-recordings", SCANS = "lidar/scans2d/exp1.dat";
const RECORDINGS = ["balls.dvsd", "gear_10V_bad.dvsd", "gear_10V_good.dvsd", "moving_cam.dvsd"];
const RECORD_BYTES = 8, HEAD_BYTES = 4;
/** Events in a block, and what an event of E2 takes of 1.2 MB/s. */
const BLOCK_EVENTS = 1024, EVENT_BYTES = 4, EVENT_MICROS = 10 / 3;
/** How long an event may wait in the sensor for its turn on the line. */
const MOST_WAIT_MICROS = 2000;

/** Frames one after the other without an end, some at a time. */
export interface Stream {
  /** @returns the lengths of frames, and their bytes, valid until the next call */
  next(): { readonly frames: readonly number[]; readonly bytes: Uint8Array };
  readonly items: number;
  digest(): string;
}

interface Pixels {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly p: Uint8Array;
  /** µs since the event before. */
  readonly gap: Uint32Array;
}

function recordedPixels(): Pixels {
  const files = RECORDINGS.map((name) => readFileSync(sharedData(`${EDVS_RECORDINGS}/${name}`)!).subarray(HEAD_BYTES));
  const records = Buffer.concat(files.map((file) => file.subarray(0, file.length - (file.length % RECORD_BYTES))));
  const count = records.length / RECORD_BYTES, each = (f: (at: number) => number): number[] => Array.from({ length: count }, (_, k) => f(k * RECORD_BYTES));
  return {
    x: Uint8Array.from(each((at) => records[at]! & 127)),
    y: Uint8Array.from(each((at) => records[at + 1]! & 127)),
    p: Uint8Array.from(each((at) => records[at + 2]! & 1)),
    gap: Uint32Array.from(each((at) => (at === 0 ? 0 : Math.abs(records.readUInt32LE(at + 4) - records.readUInt32LE(at - 4))))),
  };
}

/** Pixels and polarities of real recordings over and over, as fast as an E2 line takes them; times follow the line, by waits as uneven as the recorded gaps. */
export class EdvsStream implements Stream {
  items = 0;
  readonly #pixels = recordedPixels();
  readonly #digest = new ColumnDigest();
  readonly #bytes = Buffer.alloc(BLOCK_EVENTS * EVENT_BYTES);
  readonly #frames = Array<number>(BLOCK_EVENTS).fill(EVENT_BYTES);
  readonly #events = { count: BLOCK_EVENTS, t: new Float64Array(BLOCK_EVENTS), x: new Uint16Array(BLOCK_EVENTS), y: new Uint16Array(BLOCK_EVENTS),
    p: new Uint8Array(BLOCK_EVENTS) };
  #latest = 0;

  next(): { frames: readonly number[]; bytes: Uint8Array } {
    const { x, y, p, gap } = this.#pixels, events = this.#events;
    for (let i = 0; i < BLOCK_EVENTS; i++) {
      const k = this.items % x.length, turn = Math.floor(this.items++ * EVENT_MICROS) + MOST_WAIT_MICROS;
      this.#latest = Math.max(this.#latest, turn - (gap[k]! % MOST_WAIT_MICROS));
      events.t[i] = this.#latest;
      events.x[i] = x[k]!;
      events.y[i] = y[k]!;
      events.p[i] = p[k]!;
      this.#bytes[4 * i] = 0x80 | y[k]!;
      this.#bytes[4 * i + 1] = (p[k]! << 7) | x[k]!;
      this.#bytes.writeUInt16BE(this.#latest % 65536, 4 * i + 2);
    }
    this.#digest.update(events);
    return { frames: this.#frames, bytes: this.#bytes };
  }

  digest(): string {
    return digestText(this.#digest);
  }
}

/** Frames of an LD19 that looks at real scans, over and over; its time begins again with them, where it wraps anyway. */
export class Ld19Stream implements Stream {
  items = 0;
  readonly #frames: readonly Uint8Array[];
  #at = 0;

  constructor() {
    const encoding = SERIAL_ENCODINGS.find(({ format }) => format === "ld06")!;
    const shots = realShots(sharedData(SCANS)!, 128);
    this.#frames = Array.from({ length: Math.floor(shots.length / 12) }, (_, i) => encoding.frame(shots.slice(12 * i, 12 * i + 12), i, []));
  }

  next(): { frames: readonly number[]; bytes: Uint8Array } {
    const frame = this.#frames[this.#at++ % this.#frames.length]!;
    this.items += 12;
    return { frames: [frame.length], bytes: frame.slice() };
  }

  digest(): string {
    return "";
  }
}

/** Recorded events for the bridge, `rate` a second of the device's clock. */
export class BridgeEvents {
  pushed = 0;
  readonly #pixels = recordedPixels();
  readonly #digest = new ColumnDigest();

  constructor(readonly rate: number) {}

  /** Events that are due at `now`, µs, since the events began at `began`. */
  due(began: number, now: number): Events {
    const first = this.pushed, count = Math.max(0, Math.floor(((now - began) * this.rate) / 1e6) - first), { x, y, p } = this.#pixels;
    const at = (k: number): number => (first + k) % x.length;
    const events: Events = {
      count,
      t: Float64Array.from({ length: count }, (_, k) => began + Math.floor(((first + k) * 1e6) / this.rate)),
      x: Uint16Array.from({ length: count }, (_, k) => x[at(k)]!),
      y: Uint16Array.from({ length: count }, (_, k) => y[at(k)]!),
      p: Uint8Array.from({ length: count }, (_, k) => p[at(k)]!),
    };
    this.pushed += count;
    this.#digest.update(events);
    return events;
  }

  digest(): string {
    return digestText(this.#digest);
  }
}

export function digestText(digest: ColumnDigest): string {
  return Object.values(digest.hex()).map((hex: string) => hex.slice(0, 16)).join(" ");
}

/** Flips bits with a chance each. */
export class BitErrors {
  readonly #random = new Random(7);
  #next: number;

  constructor(readonly chance: number) {
    this.#next = this.#gap();
  }

  /** @returns whether any bit of bytes[from .. to) was flipped */
  flip(bytes: Uint8Array, from: number, to: number): boolean {
    const bits = 8 * (to - from), hit = this.#next < bits;
    for (; this.#next < bits; this.#next += 1 + this.#gap()) bytes[from + (this.#next >> 3)]! ^= 1 << (this.#next & 7);
    this.#next -= bits;
    return hit;
  }

  #gap(): number {
    return this.chance === 0 ? Infinity : Math.floor(Math.log(1 - this.#random.uniform()) / Math.log(1 - this.chance));
  }
}
