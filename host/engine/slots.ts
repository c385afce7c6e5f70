import type { Events } from "../types.js";
import { slotViews, type RingMemory } from "./ring.js";
import type { Pixels } from "./stream.js";
import type { Left } from "./window.js";

/** What the messages of a package's pool measure. */
export interface MessageSizes {
  /** T */
  readonly timesteps: number;
  readonly frameBytes: number;
  readonly logits: number;
}

/** Events that a slot has room for at least; a window of more goes as frames, which are then smaller. */
const LEAST_EVENTS = 16_384;
const EVENT_BYTES = 5;
const HEAD_BYTES = 64;
const HEAD_WORDS = HEAD_BYTES / 4;

/** Words of a message's head, i32. */
const WINDOW = 0, FORM = 1, FROM_REST = 2, OUTSIDE = 3, SATURATED = 4, FIRST_SLICE = 5, SLICES = 6, RESTARTS = 7;
/** µs of a result, as f64: the words 8 and 9. */
const MICROS = 4;
const AS_EVENTS = 0, AS_FRAMES = 1;

/** What a window's message, or that of a part of it, says beside its events or frames. */
export interface WindowHead {
  /** Number of the window in its stream, i32. */
  readonly window: number;
  readonly firstSlice: number;
  /** How many slices come with this message. */
  readonly slices: number;
  /** Whether the window begins from rest. */
  readonly fromRest: boolean;
  /** It also does when this is not as it was in the window before. */
  readonly restarts: number;
}

/** A window, or slices of one, on the way to an engine: events by slice, or frames. */
export class WindowSlot {
  readonly #bytes: Uint8Array;
  readonly #head: Int32Array;
  readonly #frameBytes: number;
  readonly #sliceEnds: Uint32Array;
  readonly #x: Uint16Array;
  readonly #y: Uint16Array;
  readonly #p: Uint8Array;
  /** In the place of the events. */
  readonly #frames: Uint8Array;

  constructor(buffer: SharedArrayBuffer, at: number, { timesteps, frameBytes }: MessageSizes) {
    const capacity = eventCapacity({ timesteps, frameBytes });
    const body = at + HEAD_BYTES + 4 * timesteps;
    this.#bytes = new Uint8Array(buffer, at, windowBytes({ timesteps, frameBytes }));
    this.#head = new Int32Array(buffer, at, HEAD_WORDS);
    this.#frameBytes = frameBytes;
    this.#sliceEnds = new Uint32Array(buffer, at + HEAD_BYTES, timesteps);
    this.#x = new Uint16Array(buffer, body, capacity);
    this.#y = new Uint16Array(buffer, body + 2 * capacity, capacity);
    this.#p = new Uint8Array(buffer, body + 4 * capacity, capacity);
    this.#frames = new Uint8Array(buffer, body, timesteps * frameBytes);
  }

  get head(): WindowHead {
    const head = this.#head;
    const [window, firstSlice, slices, restarts] = [head[WINDOW]!, head[FIRST_SLICE]!, head[SLICES]!, head[RESTARTS]!];
    return { window, firstSlice, slices, restarts, fromRest: head[FROM_REST] === 1 };
  }
  get asFrames(): boolean {
    return this.#head[FORM] === AS_FRAMES;
  }
  /** What framing left out, when the window comes as frames. */
  get left(): Left {
    return { outside: this.#head[OUTSIDE]!, saturated: this.#head[SATURATED]! };
  }
  get events(): Pixels {
    return { x: this.#x, y: this.#y, p: this.#p };
  }

  get sliceEnds(): Uint32Array {
    return this.#sliceEnds.subarray(0, this.#head[SLICES]);
  }
  /** u8[slices · frame bytes] */
  get frames(): Uint8Array {
    return this.#frames.subarray(0, this.#head[SLICES]! * this.#frameBytes);
  }

  fits(events: number): boolean {
    return events <= this.#p.length;
  }

  writeHead({ window, firstSlice, slices, fromRest, restarts }: WindowHead): void {
    const head = this.#head;
    head[WINDOW] = window;
    head[FIRST_SLICE] = firstSlice;
    head[SLICES] = slices;
    head[FROM_REST] = Number(fromRest);
    head[RESTARTS] = restarts;
  }

  writeEvents({ count, x, y, p }: Events, sliceEnds: Uint32Array): void {
    this.#head[FORM] = AS_EVENTS;
    this.#sliceEnds.set(sliceEnds);
    this.#x.set(x.subarray(0, count));
    this.#y.set(y.subarray(0, count));
    this.#p.set(p.subarray(0, count));
  }

  copy(other: WindowSlot): void {
    this.#bytes.set(other.#bytes);
  }

  /** The frames have been written. */
  writeFramed({ outside, saturated }: Left): void {
    this.#head[FORM] = AS_FRAMES;
    this.#head[OUTSIDE] = outside;
    this.#head[SATURATED] = saturated;
  }
}

/** What an engine says of a window, on its way back. */
export class ResultSlot {
  readonly #head: Int32Array;
  readonly #micros: Float64Array;
  readonly #logits: Int32Array;

  constructor(buffer: SharedArrayBuffer, at: number, { logits }: MessageSizes) {
    this.#head = new Int32Array(buffer, at, HEAD_WORDS);
    this.#micros = new Float64Array(buffer, at, HEAD_WORDS / 2);
    this.#logits = new Int32Array(buffer, at + HEAD_BYTES, logits);
  }

  write(window: number, { outside, saturated }: Left, micros: number, logits: Int32Array): void {
    this.#head[WINDOW] = window;
    this.#head[OUTSIDE] = outside;
    this.#head[SATURATED] = saturated;
    this.#micros[MICROS] = micros;
    this.#logits.set(logits);
  }

  /** A copy. */
  read() {
    const [outside, saturated] = [this.#head[OUTSIDE]!, this.#head[SATURATED]!];
    return { number: this.#head[WINDOW]!, left: { outside, saturated }, micros: this.#micros[MICROS]!, logits: Int32Array.from(this.#logits) };
  }
}

export function windowBytes({ timesteps, frameBytes }: Pick<MessageSizes, "timesteps" | "frameBytes">): number {
  return HEAD_BYTES + 4 * timesteps + Math.max(timesteps * frameBytes, EVENT_BYTES * eventCapacity({ timesteps, frameBytes }));
}

export function resultBytes({ logits }: MessageSizes): number {
  return HEAD_BYTES + 4 * logits;
}

export function windowSlots(ring: RingMemory, sizes: MessageSizes): WindowSlot[] {
  return slotViews(ring, (buffer, at) => new WindowSlot(buffer, at, sizes));
}

export function resultSlots(ring: RingMemory, sizes: MessageSizes): ResultSlot[] {
  return slotViews(ring, (buffer, at) => new ResultSlot(buffer, at, sizes));
}

/** As many events as fill the room that the frames take, and no fewer than LEAST_EVENTS; even, so that columns stay aligned. */
function eventCapacity({ timesteps, frameBytes }: Pick<MessageSizes, "timesteps" | "frameBytes">): number {
  return 2 * Math.ceil(Math.max(LEAST_EVENTS, (timesteps * frameBytes) / EVENT_BYTES) / 2);
}
