import type { Drops, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { FIELD_SIDE, HIGH_STEP, unwrapHigh } from "./evt2.js";
import { popcount } from "./evt21.js";
import type { Block, Body } from "./recording-decoder.js";

const BLOCK_BYTES = 1 << 14;
/** A vector is two words. */
const EVENTS_PER_WORD = 16;

const OTHER = 6, CONTINUED = 7, TRIGGER = 9, OFF = 0xa, ON = 0xb, VECTOR_OFF = 0xc, VECTOR_ON = 0xd, TIME_HIGH = 0xe, PADDING = 0xf;

/**
 * EVT4: EVT2's fields under other type numbers, and vectors: the u32 after CD_VEC is a mask of 32 pixels from x on, bare,
 * so it must never be read as a word of its own. Source: OpenEB's evt4_event_types.h.
 */
export class Evt4Body implements Body {
  readonly blockBytes = BLOCK_BYTES;
  /** One more vector's worth: the mask may come first in a block. */
  readonly batchEvents = (BLOCK_BYTES / 4) * EVENTS_PER_WORD + 32;
  readonly #width: number;
  readonly #height: number;
  #base = -1;
  #latest = 0;
  /** The CD_VEC word whose mask has not come yet, 0 for none. */
  #vector = 0;

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
    const words = block.u32;
    const end = to >>> 2;
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let count = out.count, base = this.#base, latest = this.#latest, vector = this.#vector, outside = 0, backwards = 0, early = 0;
    for (let i = from >>> 2; i < end; i++) {
      let word = words[i]!;
      let mask = 1;
      if (vector !== 0) {
        mask = word;
        word = vector;
        vector = 0;
      } else {
        const type = word >>> 28;
        if (type === VECTOR_OFF || type === VECTOR_ON) {
          vector = word;
          continue;
        }
        if (type !== OFF && type !== ON) {
          if (type === TIME_HIGH) base = base < 0 ? (word & 0xfffffff) * HIGH_STEP : unwrapHigh(base, word & 0xfffffff);
          else if (type !== PADDING) this.#countOther(type);
          continue;
        }
      }
      const row = word & 0x7ff;
      if (base < 0) early += popcount(mask);
      else if (row >= height) outside += popcount(mask);
      else {
        const time = base + ((word >>> 22) & 0x3f);
        const late = time < latest ? 1 : 0;
        const kept = late ? latest : time;
        for (; mask !== 0; mask &= mask - 1) {
          const column = ((word >>> 11) & 0x7ff) + 31 - Math.clz32(mask & -mask);
          if (column >= width) outside++;
          else {
            t[count] = kept;
            x[count] = column;
            y[count] = row;
            // The last bit of the type is the polarity: A and C are OFF, B and D are ON.
            p[count++] = (word >>> 28) & 1;
            backwards += late;
            latest = kept;
          }
        }
      }
    }
    out.count = count;
    this.#base = base;
    this.#latest = latest;
    this.#vector = vector;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "before_time_base", early);
    return end << 2;
  }

  #countOther(type: number): void {
    drop(this.drops, type === TRIGGER ? "trigger" : type <= CONTINUED && type >= OTHER ? "monitor_word" : "unknown_word");
  }
}
