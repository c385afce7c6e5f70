import type { Drops, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import type { Block, Body } from "./recording-decoder.js";

/** Pixels along a side that an 11-bit field can name: the bound when no size is known. */
export const FIELD_SIDE = 1 << 11;
const BLOCK_BYTES = 1 << 16;
/** TIME_HIGH counts 64 µs in 28 bits. A fall of more than half its range is a wrap, a smaller one runs backwards. */
export const HIGH_STEP = 64,
  HIGH_RANGE = 2 ** 28;

/**
 * What the hot loop reads and writes, then copied: arrays that are constants of the module, whose addresses the compiler folds
 * into the code instead of keeping fifteen of them in eleven registers. Measured: 252 Mev/s with the copies, 175 without (EVT2).
 * `read` fills and empties them before it returns, so decoders share nothing.
 */
const WORDS = new Uint32Array(BLOCK_BYTES / 4);
const T = new Float64Array(WORDS.length), X = new Uint16Array(WORDS.length), Y = new Uint16Array(WORDS.length);
const P = new Uint8Array(WORDS.length);

/**
 * Words that the hot loop takes in one call. Short calls let the compiler replace the whole function; in long ones it replaces the
 * running loop, which was half as fast here (54 against 84 Mev/s on EVT3, Node 20).
 */
export const SLICE_WORDS = 256;

/** Word types. Constants, not an enum: under isolatedModules the compiler would leave an object to look them up in, per word. */
const ON = 1, TIME_HIGH = 8, TRIGGER = 0xa, IMU = 0xd, OTHER = 0xe;

/**
 * EVT2: one u32 a word, `type:4 | t_low:6 | x:11 | y:11` for an event, `8:4 | time:28` for the high part of the time, µs.
 * Source: Prophesee's EVT 2.0 page.
 */
export class Evt2Body implements Body {
  readonly blockBytes = BLOCK_BYTES;
  readonly batchEvents = BLOCK_BYTES / 4;
  readonly #width: number;
  readonly #height: number;
  /** µs of the last TIME_HIGH, all wraps counted; −1 before the first. */
  #base = -1;
  #latest = 0;
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
    WORDS.set(block.u32.subarray(from >>> 2, to >>> 2));
    const end = (to >>> 2) - (from >>> 2);
    const first = this.#base < 0 ? this.#skipToTime(WORDS, end) : 0;
    this.#count = 0;
    for (let at = first; at < end; at += SLICE_WORDS) this.#readWords(at, Math.min(end, at + SLICE_WORDS));
    out.append(T, X, Y, P, this.#count);
    return from + 4 * end;
  }

  #readWords(from: number, end: number): void {
    const width = this.#width, height = this.#height;
    let count = this.#count, base = this.#base, latest = this.#latest, outside = 0, backwards = 0;
    for (let i = from; i < end; i++) {
      const word = WORDS[i]!;
      const type = word >>> 28;
      if (type <= ON) {
        const column = (word >>> 11) & 0x7ff, row = word & 0x7ff;
        if (column >= width || row >= height) outside++;
        else {
          const time = base + ((word >>> 22) & 0x3f);
          if (time >= latest) latest = time;
          else backwards++;
          T[count] = latest;
          X[count] = column;
          Y[count] = row;
          P[count++] = type;
        }
      } else if (type === TIME_HIGH) base = unwrapHigh(base, word & 0xfffffff);
      else this.#countOther(type);
    }
    this.#count = count;
    this.#base = base;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
  }

  /** @returns the index of the first TIME_HIGH, or `end`; events before it have no time. */
  #skipToTime(words: Uint32Array, end: number): number {
    for (let i = 0; i < end; i++) {
      const type = words[i]! >>> 28;
      if (type === TIME_HIGH) {
        this.#base = (words[i]! & 0xfffffff) * HIGH_STEP;
        return i;
      }
      if (type <= ON) drop(this.drops, "before_time_base");
      else this.#countOther(type);
    }
    return end;
  }

  #countOther(type: number): void {
    drop(this.drops, type === TRIGGER ? "trigger" : type === IMU ? "imu" : type >= OTHER ? "monitor_word" : "unknown_word");
  }
}

/**
 * The time of a new TIME_HIGH on a counter that does not wrap.
 * @param base µs of the one before   @param high 0 .. 2^28−1, units of 64 µs   @returns µs
 */
export function unwrapHigh(base: number, high: number): number {
  const before = base / HIGH_STEP;
  const loops = Math.floor(before / HIGH_RANGE) + ((before % HIGH_RANGE) - high > HIGH_RANGE / 2 ? 1 : 0);
  return (loops * HIGH_RANGE + high) * HIGH_STEP;
}
