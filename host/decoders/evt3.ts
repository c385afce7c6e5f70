import type { Drops, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { FIELD_SIDE } from "./evt2.js";
import { popcount } from "./evt21.js";
import type { Block, Body } from "./recording-decoder.js";

const BLOCK_BYTES = 1 << 14;
const EVENTS_PER_WORD = 12;
/** TIME_HIGH and TIME_LOW are 12 bits each: the time wraps after 2^24 µs. A fall of more than half of it is a wrap. */
const HIGH_STEP = 1 << 12, HIGH_RANGE = 1 << 12, TIME_RANGE = 2 ** 24;

const ROW = 0, COLUMN = 2, VECTOR_BASE = 3, VECTOR_12 = 4, VECTOR_8 = 5, TIME_LOW = 6, CONTINUED_4 = 7, TIME_HIGH = 8;
const TRIGGER = 0xa, IMU = 0xd, OTHER = 0xe, CONTINUED_12 = 0xf;

/** Rows that are none: no ADDR_Y yet, or one that the sensor does not have. */
const NO_ROW = -1, ROW_OUTSIDE = -2;
const NO_BASE = -1;

/**
 * EVT3: u16 words `type:4 | payload:12` that change a state (row, column base, time); ADDR_X and vectors give events.
 * A new TIME_HIGH sets the low part to 0 until TIME_LOW comes. Vectors are taken one by one; each moves the base on.
 * Source: Prophesee's EVT 3.0 page.
 */
export class Evt3Body implements Body {
  readonly blockBytes = BLOCK_BYTES;
  readonly batchEvents = (BLOCK_BYTES / 2) * EVENTS_PER_WORD;
  readonly #width: number;
  readonly #height: number;
  /** µs of whole wraps and TIME_HIGH; −1 before the first TIME_HIGH. */
  #base = -1;
  #now = 0;
  #latest = 0;
  #row = NO_ROW;
  #column = NO_BASE;
  #polarity = 0;
  /** Of the current block. */
  #backwards = 0;

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

  /**
   * The common words touch locals only; what rarer words change stays in fields, so that the loop's state fits the registers
   * (measured: twice as fast as everything in locals).
   */
  read(block: Block, from: number, to: number, out: EventBatch): number {
    const words = block.u16;
    const end = to >>> 1;
    const first = this.#base < 0 ? this.#skipToTime(words, from >>> 1, end) : from >>> 1;
    const { t, x, y, p } = out;
    const width = this.#width;
    let count = out.count, now = this.#now, latest = this.#latest, row = this.#row;
    for (let i = first; i < end; i++) {
      const word = words[i]!;
      // In the order of how often they come: the compiler tests one after another.
      switch (word >>> 12) {
        case COLUMN: {
          const at = word & 0x7ff;
          if (row < 0 || at >= width) this.#countOutside(row, 1);
          else {
            if (now >= latest) latest = now;
            else this.#backwards++;
            t[count] = latest;
            x[count] = at;
            y[count] = row;
            p[count++] = (word >>> 11) & 1;
          }
          break;
        }
        case ROW:
          row = word & 0x7ff;
          if (row >= this.#height) row = ROW_OUTSIDE;
          break;
        case TIME_LOW:
          now = this.#base + (word & 0xfff);
          break;
        case VECTOR_12:
        case VECTOR_8: {
          const wide = word >>> 12 === VECTOR_12;
          let mask = word & (wide ? 0xfff : 0xff);
          const column = this.#column;
          if (column < 0) drop(this.drops, "without_vector_base", popcount(mask));
          else {
            this.#column = Math.min(column + (wide ? 12 : 8), FIELD_SIDE);
            if (row < 0) this.#countOutside(row, popcount(mask));
            else {
              const polarity = this.#polarity;
              for (; mask !== 0; mask &= mask - 1) {
                const at = column + 31 - Math.clz32(mask & -mask);
                if (at >= width) this.#countOutside(row, 1);
                else {
                  if (now >= latest) latest = now;
                  else this.#backwards++;
                  t[count] = latest;
                  x[count] = at;
                  y[count] = row;
                  p[count++] = polarity;
                }
              }
            }
          }
          break;
        }
        case VECTOR_BASE:
          this.#column = word & 0x7ff;
          this.#polarity = (word >>> 11) & 1;
          break;
        case TIME_HIGH: {
          const high = unwrapHigh(this.#base, word & 0xfff);
          if (high !== this.#base) this.#base = now = high;
          break;
        }
        default:
          this.#countOther(word >>> 12);
      }
    }
    out.count = count;
    this.#now = now;
    this.#latest = latest;
    this.#row = row;
    drop(this.drops, "time_backwards", this.#backwards);
    this.#backwards = 0;
    return end << 1;
  }

  /**
   * Before the first TIME_HIGH no event has a time; rows and vector bases are kept for those that come after it.
   * @returns the index after the first TIME_HIGH, or `end`
   */
  #skipToTime(words: Uint16Array, from: number, end: number): number {
    for (let i = from; i < end; i++) {
      const word = words[i]!;
      const type = word >>> 12;
      if (type === TIME_HIGH) {
        this.#now = this.#base = (word & 0xfff) * HIGH_STEP;
        return i + 1;
      }
      if (type === ROW) this.#row = (word & 0x7ff) < this.#height ? word & 0x7ff : ROW_OUTSIDE;
      else if (type === VECTOR_BASE) {
        this.#column = word & 0x7ff;
        this.#polarity = (word >>> 11) & 1;
      } else if (type === COLUMN) drop(this.drops, "before_time_base");
      else if (type === VECTOR_12 || type === VECTOR_8) {
        drop(this.drops, "before_time_base", popcount(word & (type === VECTOR_12 ? 0xfff : 0xff)));
        if (this.#column >= 0) this.#column = Math.min(this.#column + (type === VECTOR_12 ? 12 : 8), FIELD_SIDE);
      } else if (type !== TIME_LOW) this.#countOther(type);
    }
    return end;
  }

  #countOutside(row: number, events: number): void {
    drop(this.drops, row === NO_ROW ? "before_row" : "outside_sensor", events);
  }

  #countOther(type: number): void {
    if (type === TRIGGER) drop(this.drops, "trigger");
    else if (type === IMU) drop(this.drops, "imu");
    else if (type === OTHER || type === CONTINUED_12 || type === CONTINUED_4) drop(this.drops, "monitor_word");
    else drop(this.drops, "unknown_word");
  }
}

/** The time of a TIME_HIGH on a counter that does not wrap. @param base µs of the one before @param high 0 .. 4095 */
function unwrapHigh(base: number, high: number): number {
  const loops = Math.floor(base / TIME_RANGE);
  const before = (base - loops * TIME_RANGE) / HIGH_STEP;
  return (loops + (before - high >= HIGH_RANGE / 2 ? 1 : 0)) * TIME_RANGE + high * HIGH_STEP;
}
