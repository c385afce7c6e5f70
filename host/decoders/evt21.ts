import type { Drops, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { FIELD_SIDE, HIGH_STEP, unwrapHigh } from "./evt2.js";
import type { Block, Body } from "./recording-decoder.js";

const BLOCK_BYTES = 1 << 14;
const EVENTS_PER_WORD = 32;

const ON = 1, TIME_HIGH = 8, TRIGGER = 0xa, IMU = 0xd, OTHER = 0xe;

/**
 * EVT2.1: one u64 a word, an EVT2 word in one half and a mask of 32 neighbouring pixels in the other.
 * Bit b of the mask is an event at x + b. Little-endian files (GenX320) hold the mask in the low half; legacy ones (IMX636
 * and older) in the high half. Source: Prophesee's EVT 2.1 page.
 */
export class Evt21Body implements Body {
  readonly blockBytes = BLOCK_BYTES;
  readonly batchEvents = (BLOCK_BYTES / 8) * EVENTS_PER_WORD;
  readonly #width: number;
  readonly #height: number;
  #base = -1;
  #latest = 0;

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly legacyWords: boolean,
  ) {
    this.#width = size?.width ?? FIELD_SIDE;
    this.#height = size?.height ?? FIELD_SIDE;
  }

  get understood(): boolean {
    return this.#base >= 0;
  }

  read(block: Block, from: number, to: number, out: EventBatch): number {
    const words = block.u32;
    const end = (to >>> 3) << 1;
    const eventHalf = this.legacyWords ? 0 : 1;
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let count = out.count, base = this.#base, latest = this.#latest, outside = 0, backwards = 0, early = 0;
    for (let i = from >>> 2; i < end; i += 2) {
      const word = words[i + eventHalf]!;
      const type = word >>> 28;
      if (type <= ON) {
        let mask = words[i + 1 - eventHalf]!;
        if (base < 0) {
          early += popcount(mask);
          continue;
        }
        const firstColumn = (word >>> 11) & 0x7ff, row = word & 0x7ff;
        const time = base + ((word >>> 22) & 0x3f);
        if (row >= height) {
          outside += popcount(mask);
          continue;
        }
        const late = time < latest ? 1 : 0;
        const kept = late ? latest : time;
        for (; mask !== 0; mask &= mask - 1) {
          const column = firstColumn + 31 - Math.clz32(mask & -mask);
          if (column >= width) outside++;
          else {
            t[count] = kept;
            x[count] = column;
            y[count] = row;
            p[count++] = type;
            backwards += late;
            latest = kept;
          }
        }
      } else if (type === TIME_HIGH) base = base < 0 ? (word & 0xfffffff) * HIGH_STEP : unwrapHigh(base, word & 0xfffffff);
      else this.#countOther(type);
    }
    out.count = count;
    this.#base = base;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "before_time_base", early);
    return end << 2;
  }

  #countOther(type: number): void {
    drop(this.drops, type === TRIGGER ? "trigger" : type === IMU ? "imu" : type >= OTHER ? "monitor_word" : "unknown_word");
  }
}

/** Bits set in a 32-bit word. */
export function popcount(word: number): number {
  let bits = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
