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

const enum Word {
  Row = 0, Column = 2, VectorBase = 3, Vector12 = 4, Vector8 = 5, TimeLow = 6, Continued4 = 7, TimeHigh = 8,
  Trigger = 0xa, Imu = 0xd, Other = 0xe, Continued12 = 0xf,
}

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

  constructor(readonly drops: Drops, size: SensorSize | undefined) {
    this.#width = size?.width ?? FIELD_SIDE;
    this.#height = size?.height ?? FIELD_SIDE;
  }

  get understood(): boolean {
    return this.#base >= 0;
  }

  read(block: Block, from: number, to: number, out: EventBatch): number {
    const words = block.u16;
    const end = to >>> 1;
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let count = out.count, base = this.#base, now = this.#now, latest = this.#latest;
    let row = this.#row, column = this.#column, polarity = this.#polarity;
    let late = now < latest ? 1 : 0, outside = 0, backwards = 0;
    for (let i = from >>> 1; i < end; i++) {
      const word = words[i]!;
      switch (word >>> 12) {
        case Word.Column: {
          const at = word & 0x7ff;
          if (row < 0 || base < 0) this.#countHomeless(1, base, row);
          else if (at >= width) outside++;
          else {
            latest = late ? latest : now;
            backwards += late;
            t[count] = latest;
            x[count] = at;
            y[count] = row;
            p[count++] = (word >>> 11) & 1;
          }
          break;
        }
        case Word.Row:
          row = word & 0x7ff;
          if (row >= height) row = ROW_OUTSIDE;
          break;
        case Word.TimeLow:
          now = base + (word & 0xfff);
          late = now < latest ? 1 : 0;
          break;
        case Word.Vector12:
        case Word.Vector8: {
          const wide = word >>> 12 === Word.Vector12;
          let mask = word & (wide ? 0xfff : 0xff);
          if (column < 0) drop(this.drops, "without_vector_base", popcount(mask));
          else {
            if (row < 0 || base < 0) this.#countHomeless(popcount(mask), base, row);
            else if (mask !== 0) {
              const kept = late ? latest : now;
              for (; mask !== 0; mask &= mask - 1) {
                const at = column + 31 - Math.clz32(mask & -mask);
                if (at >= width) outside++;
                else {
                  t[count] = kept;
                  x[count] = at;
                  y[count] = row;
                  p[count++] = polarity;
                  backwards += late;
                  latest = kept;
                }
              }
            }
            column += wide ? 12 : 8;
          }
          break;
        }
        case Word.VectorBase:
          column = word & 0x7ff;
          polarity = (word >>> 11) & 1;
          break;
        case Word.TimeHigh: {
          const high = unwrapHigh(base, word & 0xfff);
          if (high !== base) {
            base = high;
            now = high;
            late = now < latest ? 1 : 0;
          }
          break;
        }
        default:
          this.#countOther(word >>> 12);
      }
    }
    out.count = count;
    this.#base = base;
    this.#now = now;
    this.#latest = latest;
    this.#row = row;
    this.#column = column;
    this.#polarity = polarity;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    return end << 1;
  }

  #countHomeless(events: number, base: number, row: number): void {
    drop(this.drops, base < 0 ? "before_time_base" : row === NO_ROW ? "before_row" : "outside_sensor", events);
  }

  #countOther(type: number): void {
    if (type === Word.Trigger) drop(this.drops, "trigger");
    else if (type === Word.Imu) drop(this.drops, "imu");
    else if (type === Word.Other || type === Word.Continued12 || type === Word.Continued4) drop(this.drops, "monitor_word");
    else drop(this.drops, "unknown_word");
  }
}

/** The time of a TIME_HIGH on a counter that does not wrap. @param base µs of the one before, −1 for none @param high 0 .. 4095 */
function unwrapHigh(base: number, high: number): number {
  if (base < 0) return high * HIGH_STEP;
  const loops = Math.floor(base / TIME_RANGE);
  const before = (base - loops * TIME_RANGE) / HIGH_STEP;
  return (loops + (before - high >= HIGH_RANGE / 2 ? 1 : 0)) * TIME_RANGE + high * HIGH_STEP;
}
