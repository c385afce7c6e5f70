/**
 * Prophesee's encodings, one word at a time in plain numbers: what assembly/decoders must say of any words. Written from the pages
 * of EVT 2.0, 2.1 and 3.0 and from OpenEB's evt4_event_types.h.
 */
import type { DropReason } from "../../host/decoders/drops.js";
import type { SensorSize } from "../../host/types.js";

/** All that words say, and what was left out. */
export interface EvtReading {
  readonly events: readonly (readonly [t: number, x: number, y: number, p: number])[];
  readonly drops: Readonly<Record<string, number>>;
  /** A TIME_HIGH has come. */
  readonly understood: boolean;
}

const NO_SIZE: SensorSize = { width: 2048, height: 2048 };

class Reading implements EvtReading {
  readonly events: [number, number, number, number][] = [];
  readonly drops: Record<string, number> = {};
  /** µs of TIME_HIGH, all wraps counted. */
  base: number | undefined;
  /** The last time that fell far, and what it fell from. */
  #doubt: readonly [time: number, from: number] = [NaN, NaN];

  constructor(readonly size: SensorSize = NO_SIZE) {}

  get understood(): boolean {
    return this.base !== undefined;
  }

  drop(reason: DropReason, amount = 1): void {
    if (amount > 0) this.drops[reason] = (this.drops[reason] ?? 0) + amount;
  }

  /** The events of one word: they have one time, and one jump of the clock. */
  add(t: number, columns: readonly number[], y: number, p: number): void {
    const seen = columns.filter(x => x < this.size.width && y < this.size.height);
    this.drop("outside_sensor", columns.length - seen.length);
    if (seen.length === 0) return;
    const latest = this.events.at(-1)?.[0] ?? 0;
    const jumped = this.#hasJumped(t, latest);
    if (jumped) this.drop("time_jump");
    else if (t < latest) this.drop("time_backwards", seen.length);
    for (const x of seen) this.events.push([jumped ? t : Math.max(t, latest), x, y, p]);
  }

  /** Whether this time and the one before it, both far below the same latest time, agree that it was wrong. */
  #hasJumped(t: number, latest: number): boolean {
    if (latest - t <= 10_000_000) return false;
    const [before, from] = this.#doubt;
    const jumped = from === latest && Math.abs(t - before) <= 10_000_000;
    this.#doubt = jumped ? [NaN, NaN] : [t, latest];
    return jumped;
  }

  /** @param range of the high part   @param step µs that it counts   @param farthest fall that is no wrap */
  setHigh(high: number, range: number, step: number, farthest: number): void {
    const before = (this.base ?? 0) / step;
    const wraps = Math.floor(before / range) + ((before % range) - high > farthest ? 1 : 0);
    this.base = (wraps * range + high) * step;
  }

  setHigh28(high: number): void {
    this.setHigh(high, 2 ** 28, 64, 2 ** 27);
  }

  /** The fields that EVT2, EVT2.1 and EVT4 share. */
  addWord(word: number, p: number, columns: readonly number[]): void {
    if (this.base === undefined) return this.drop("before_time_base", columns.length);
    const first = (word >>> 11) & 2047;
    this.add(this.base + ((word >>> 22) & 63), columns.map(column => first + column), word & 2047, p);
  }

  other2(type: number): void {
    this.drop(type === 0xa ? "trigger" : type === 0xd ? "imu" : type >= 0xe ? "monitor_word" : "unknown_word");
  }
}

const bitsOf = (mask: number): number[] => Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (mask >>> bit) & 1);

export function readEvt2(words: Uint32Array, size?: SensorSize): EvtReading {
  const reading = new Reading(size);
  for (const word of words) {
    const type = word >>> 28;
    if (type === 0 || type === 1) reading.addWord(word, type, [0]);
    else if (type === 8) reading.setHigh28(word & 0xfffffff);
    else reading.other2(type);
  }
  return reading;
}

/** @param words two to each word of 64 bits, the low half first */
export function readEvt21(words: Uint32Array, size?: SensorSize, legacy = false): EvtReading {
  const reading = new Reading(size);
  for (let i = 0; i + 1 < words.length; i += 2) {
    const word = words[legacy ? i : i + 1]!, mask = words[legacy ? i + 1 : i]!, type = word >>> 28;
    if (type === 0 || type === 1) reading.addWord(word, type, bitsOf(mask));
    else if (type === 8) reading.setHigh28(word & 0xfffffff);
    else reading.other2(type);
  }
  return reading;
}

export function readEvt4(words: Uint32Array, size?: SensorSize): EvtReading {
  const reading = new Reading(size);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!, type = word >>> 28;
    if (type === 0xa || type === 0xb) reading.addWord(word, type - 0xa, [0]);
    else if (type === 0xc || type === 0xd) {
      if (++i < words.length) reading.addWord(word, type - 0xc, bitsOf(words[i]!));
    } else if (type === 0xe) reading.setHigh28(word & 0xfffffff);
    else if (type === 9) reading.drop("trigger");
    else if (type === 6 || type === 7) reading.drop("monitor_word");
    else if (type !== 0xf) reading.drop("unknown_word");
  }
  return reading;
}

export function readEvt3(words: Uint16Array, size?: SensorSize): EvtReading {
  const reading = new Reading(size);
  let low = 0, polarity = 0, row: number | undefined, column: number | undefined;
  const add = (p: number, columns: readonly number[]): void => {
    if (reading.base === undefined) reading.drop("before_time_base", columns.length);
    else if (row === undefined) reading.drop("before_row", columns.length);
    else reading.add(reading.base + low, columns, row, p);
  };
  const addVector = (mask: number, width: number): void => {
    const bits = bitsOf(mask);
    if (column === undefined) return reading.drop("without_vector_base", bits.length);
    const from = column;
    add(polarity, bits.map((bit) => from + bit));
    column = Math.min(from + width, 2048);
  };
  for (const word of words) {
    const type = word >>> 12, payload = word & 0xfff, coordinate = word & 0x7ff, bit11 = (word >>> 11) & 1;
    if (type === 0) row = coordinate;
    else if (type === 2) add(bit11, [coordinate]);
    else if (type === 3) [column, polarity] = [coordinate, bit11];
    else if (type === 4) addVector(payload, 12);
    else if (type === 5) addVector(payload & 0xff, 8);
    else if (type === 6) low = payload;
    else if (type === 8) {
      const before = reading.base;
      reading.setHigh(payload, 2 ** 12, 4096, 2 ** 11 - 1);
      if (reading.base !== before) low = 0;
    } else if (type === 7 || type === 0xe || type === 0xf) reading.drop("monitor_word");
    else reading.drop(type === 0xa ? "trigger" : type === 0xd ? "imu" : "unknown_word");
  }
  return reading;
}
