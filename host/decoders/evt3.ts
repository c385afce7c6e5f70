import type { Drops, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { FIELD_SIDE, SLICE_WORDS } from "./evt2.js";
import { popcount } from "./evt21.js";
import type { Block, Body } from "./recording-decoder.js";

const BLOCK_BYTES = 1 << 14;
const EVENTS_PER_WORD = 12;
/** TIME_HIGH and TIME_LOW are 12 bits each: the time wraps after 2^24 µs. A fall of more than half of it is a wrap. */
const HIGH_STEP = 1 << 12, HIGH_RANGE = 1 << 12, TIME_RANGE = 2 ** 24;

const ROW = 0, COLUMN = 2, VECTOR_BASE = 3, VECTOR_12 = 4, VECTOR_8 = 5, TIME_LOW = 6, CONTINUED_4 = 7, TIME_HIGH = 8;
const TRIGGER = 0xa, IMU = 0xd, OTHER = 0xe, CONTINUED_12 = 0xf;

/** What the hot loop reads and writes, then copied: constants of the module, for the reason that evt2.ts gives. */
const WORDS = new Uint16Array(BLOCK_BYTES / 2), MAX_EVENTS = WORDS.length * EVENTS_PER_WORD;
const T = new Float64Array(MAX_EVENTS), X = new Uint16Array(MAX_EVENTS), Y = new Uint16Array(MAX_EVENTS),
  P = new Uint8Array(MAX_EVENTS);

const NONE = -1;

/**
 * EVT3: u16 words `type:4 | payload:12` that change a state (row, column base, time); ADDR_X and vectors give events.
 * A new TIME_HIGH sets the low part to 0 until TIME_LOW comes. Vectors are taken one by one; each moves the base on.
 * Source: Prophesee's EVT 3.0 page.
 */
export class Evt3Body implements Body {
  readonly blockBytes = BLOCK_BYTES;
  readonly batchEvents = MAX_EVENTS;
  readonly #width: number;
  readonly #height: number;
  /** µs of whole wraps and TIME_HIGH; NONE before the first. */
  #base = NONE;
  /** The same with TIME_LOW. */
  #now = 0;
  /** The time of the last event. */
  #latest = 0;
  /** As ADDR_Y said, on the sensor or not; NONE before the first. */
  #row = NONE;
  #column = NONE;
  #polarity = 0;
  /** Events in the columns. */
  #count = 0;

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
  ) {
    this.#width = size?.width ?? FIELD_SIDE;
    this.#height = size?.height ?? FIELD_SIDE;
  }

  get understood(): boolean {
    return this.#base >= 0;
  }

  read(block: Block, from: number, to: number, out: EventBatch): number {
    WORDS.set(block.u16.subarray(from >>> 1, to >>> 1));
    const end = (to >>> 1) - (from >>> 1);
    const first = this.#base < 0 || this.#row < 0 ? this.#skipToState(end) : 0;
    this.#count = 0;
    for (let at = first; at < end; at += SLICE_WORDS) this.#readWords(at, Math.min(end, at + SLICE_WORDS));
    out.append(T, X, Y, P, this.#count);
    return from + 2 * end;
  }

  /** Few locals and short branches for the words of single events; what is rarer is out of line. */
  #readWords(from: number, end: number): void {
    const width = this.#width, height = this.#height;
    let base = this.#base, now = this.#now, latest = this.#latest, row = this.#row, count = this.#count, outside = 0, backwards = 0;
    for (let i = from; i < end; i++) {
      const word = WORDS[i]!;
      const type = word >>> 12;
      if (type === COLUMN) {
        const column = word & 0x7ff;
        if (column >= width || row >= height) outside++;
        else {
          if (now >= latest) latest = now;
          else backwards++;
          T[count] = latest;
          X[count] = column;
          Y[count] = row;
          P[count++] = (word >>> 11) & 1;
        }
      } else if (type === ROW) row = word & 0x7ff;
      else if (type === TIME_LOW) now = base + (word & 0xfff);
      else if (type === VECTOR_12 || type === VECTOR_8) {
        const time = now >= latest ? now : latest;
        const before = count;
        count = this.#readVector(word, row, time, before);
        if (count > before) latest = time;
        if (time > now) backwards += count - before;
      } else if (type === TIME_HIGH) {
        const high = unwrapHigh(base, word & 0xfff);
        if (high !== base) base = now = high;
      } else this.#readOther(word);
    }
    this.#base = base;
    this.#now = now;
    this.#latest = latest;
    this.#row = row;
    this.#count = count;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
  }

  /** @returns the count with the events of one vector added */
  #readVector(word: number, row: number, time: number, from: number): number {
    const wide = word >>> 12 === VECTOR_12;
    let mask = word & (wide ? 0xfff : 0xff);
    const base = this.#column;
    if (base < 0) {
      drop(this.drops, "without_vector_base", popcount(mask));
      return from;
    }
    this.#column = Math.min(base + (wide ? 12 : 8), FIELD_SIDE);
    const width = row < this.#height ? this.#width : 0;
    const polarity = this.#polarity;
    let count = from, outside = 0;
    for (; mask !== 0; mask &= mask - 1) {
      const column = base + 31 - Math.clz32(mask & -mask);
      if (column >= width) outside++;
      else {
        T[count] = time;
        X[count] = column;
        Y[count] = row;
        P[count++] = polarity;
      }
    }
    drop(this.drops, "outside_sensor", outside);
    return count;
  }

  /** A vector's base, or what is only counted. */
  #readOther(word: number): void {
    const type = word >>> 12;
    if (type === VECTOR_BASE) {
      this.#column = word & 0x7ff;
      this.#polarity = (word >>> 11) & 1;
    } else if (type === TRIGGER) drop(this.drops, "trigger");
    else if (type === IMU) drop(this.drops, "imu");
    else if (type === OTHER || type === CONTINUED_12 || type === CONTINUED_4) drop(this.drops, "monitor_word");
    else drop(this.drops, "unknown_word");
  }

  /**
   * Until a TIME_HIGH and an ADDR_Y have come no event has a time and a row; all other state is kept for those that follow.
   * @returns the index of the first word after both, or `end`
   */
  #skipToState(end: number): number {
    for (let i = 0; i < end; i++) {
      if (this.#base >= 0 && this.#row >= 0) return i;
      const word = WORDS[i]!;
      const type = word >>> 12;
      const reason = this.#base < 0 ? "before_time_base" : "before_row";
      if (type === TIME_HIGH) {
        const high = this.#base < 0 ? (word & 0xfff) * HIGH_STEP : unwrapHigh(this.#base, word & 0xfff);
        if (high !== this.#base) this.#base = this.#now = high;
      } else if (type === TIME_LOW) this.#now = this.#base + (word & 0xfff);
      else if (type === ROW) this.#row = word & 0x7ff;
      else if (type === COLUMN) drop(this.drops, reason);
      else if (type === VECTOR_12 || type === VECTOR_8) {
        const wide = type === VECTOR_12;
        drop(this.drops, this.#column < 0 ? "without_vector_base" : reason, popcount(word & (wide ? 0xfff : 0xff)));
        if (this.#column >= 0) this.#column = Math.min(this.#column + (wide ? 12 : 8), FIELD_SIDE);
      } else this.#readOther(word);
    }
    return end;
  }
}

/** The time of a TIME_HIGH on a counter that does not wrap. @param base µs of the one before @param high 0 .. 4095 */
function unwrapHigh(base: number, high: number): number {
  const loops = Math.floor(base / TIME_RANGE);
  const before = (base - loops * TIME_RANGE) / HIGH_STEP;
  return (loops + (before - high >= HIGH_RANGE / 2 ? 1 : 0)) * TIME_RANGE + high * HIGH_STEP;
}
