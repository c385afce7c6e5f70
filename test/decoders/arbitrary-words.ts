import fc from "fast-check";
import type { SensorSize } from "../../host/types.js";
import { type EvtReading, readEvt2, readEvt21, readEvt3, readEvt4 } from "../reference/evt.js";

/** One of Prophesee's encodings: its oracle, and words as a camera, or a broken one, might write them. */
export interface WordFormat {
  readonly name: string;
  readonly format: string;
  /** Lines of the header that say which encoding this is. */
  readonly header: string;
  readonly wordBytes: 2 | 4 | 8;
  read(bytes: Uint8Array, size: SensorSize | undefined): EvtReading;
  readonly words: fc.Arbitrary<number[]>;
}

const FIELD = 2048;
const integer = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
/** Lists of all lengths alike: the default favours short ones. */
const many = <T>(item: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> => fc.array(item, { maxLength, size: "max" });
const bit = integer(1), u32 = integer(2 ** 32 - 1);
/** Mostly on a small sensor, at times anywhere in the field. */
const coordinate = fc.oneof({ weight: 12, arbitrary: integer(31) }, { weight: 1, arbitrary: integer(FIELD - 1) });
/** Times that mostly rise, at times fall. */
const rising = (max: number, length: number): fc.Arbitrary<number[]> =>
  fc.tuple(many(integer(max), length), integer(5)).map(([times, order]) =>
    order === 0 ? times : times.sort((a, b) => a - b));
/** A high part that goes on, stays, leaps, wraps or falls: what to add to the one before. */
const steps = (range: number): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 12, arbitrary: integer(3) },
    { weight: 1, arbitrary: fc.constantFrom(-1, -2, range / 2 - 1, range / 2, range / 2 + 1) },
    { weight: 1, arbitrary: integer(range - 1) },
  ).map((step) => ({ step }));

interface Step {
  readonly step: number;
}
type Phrase = readonly (number | Step)[];

/** One after the other; `high` writes the high part where steps have led, from near its end on. */
function phrases(phrase: fc.Arbitrary<Phrase>, range: number, high: (value: number) => number[]): fc.Arbitrary<number[]> {
  return fc.tuple(many(phrase, 24), fc.integer({ min: range - 30, max: range - 1 })).map(([list, first]) => {
    let value = first;
    return list.flat().flatMap((word) => {
      if (typeof word === "number") return [word];
      value = (value + word.step + range) % range;
      return high(value);
    });
  });
}
const mask = fc.oneof(u32, fc.constantFrom(0, 1, 0xffffffff, 0x80000001), integer(255));

/** Runs of events within one TIME_HIGH, other words between: what EVT2, EVT2.1 and EVT4 have in common. */
function words28(
  high: number, off: number, others: fc.Arbitrary<number>, join: (word: number, mask: number) => number[],
): fc.Arbitrary<number[]> {
  const event = fc.tuple(coordinate, coordinate, bit, mask);
  const events = fc.array(event, { minLength: 24, maxLength: 24 });
  const run = fc.tuple(steps(2 ** 28), rising(63, 24), events).map(([step, lows, events]): Phrase =>
    [step, ...lows.flatMap((low, i) => {
      const [x, y, p, pixels] = events[i]!;
      return join((((off + p) << 28) | (low << 22) | (x << 11) | y) >>> 0, pixels);
    })]);
  const phrase = fc.oneof<fc.WeightedArbitrary<Phrase>[]>(
    { weight: 8, arbitrary: run },
    { weight: 1, arbitrary: run.map((words) => words.slice(1)) },
    { weight: 1, arbitrary: fc.tuple(others, u32).map(([word, low]) => join(word, low)) },
    { weight: 1, arbitrary: many(fc.tuple(u32, u32), 3).map((pairs) => pairs.flatMap(([word, low]) => join(word, low))) },
  );
  return phrases(phrase, 2 ** 28, (value) => join(((high << 28) | value) >>> 0, 0));
}

const ofType = (shift: number, types: readonly number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...types), integer(2 ** shift - 1)).map(([type, payload]) => type * 2 ** shift + payload);

/** Rows, columns and times as single events have them, or rows sorted with vectors; other words between. */
const words3: fc.Arbitrary<number[]> = (() => {
  const column = fc.tuple(coordinate, bit).map(([x, p]) => 0x2000 | (p << 11) | x);
  const row = coordinate;
  const low = integer(0xfff).map((value) => 0x6000 | value);
  const singles = fc.tuple(rising(0xfff, 6), fc.array(many(fc.oneof(column, column, row), 9), { minLength: 6, maxLength: 6 }))
    .map(([lows, runs]) => lows.flatMap((value, i) => [0x6000 | value, ...runs[i]!]));
  const vector = fc.oneof(integer(0xfff).map((pixels) => 0x4000 | pixels), integer(0xff).map((pixels) => 0x5000 | pixels));
  const base = fc.tuple(coordinate, bit).map(([x, p]) => 0x3000 | (p << 11) | x);
  const phrase = fc.oneof<fc.WeightedArbitrary<Phrase>[]>(
    { weight: 8, arbitrary: fc.tuple(steps(2 ** 12), singles).map(([step, words]) => [step, ...words]) },
    { weight: 2, arbitrary: singles },
    { weight: 4, arbitrary: fc.tuple(base, many(vector, 4)).map(([first, rest]) => [first, ...rest]) },
    { weight: 1, arbitrary: many(fc.oneof(row, low, column, vector), 5) },
    { weight: 1, arbitrary: many(ofType(12, [1, 7, 9, 0xa, 0xd, 0xe, 0xf]), 2) },
    { weight: 1, arbitrary: many(integer(0xffff), 3) },
  );
  return phrases(phrase, 2 ** 12, (value) => [0x8000 | value]);
})();

const asU32 = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice(0, bytes.length & ~3).buffer);
const asU16 = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer);
const OTHERS = ofType(28, [2, 5, 7, 0xa, 0xd, 0xe, 0xf]);

export const WORD_FORMATS: readonly WordFormat[] = [
  {
    name: "EVT2", format: "evt2", header: "% evt 2.0\n", wordBytes: 4,
    read: (bytes, size) => readEvt2(asU32(bytes), size),
    words: words28(8, 0, OTHERS, (word) => [word]),
  },
  {
    name: "EVT2.1", format: "evt21", header: "% evt 2.1\n", wordBytes: 8,
    read: (bytes, size) => readEvt21(asU32(bytes), size),
    words: words28(8, 0, OTHERS, (word, pixels) => [pixels, word]),
  },
  {
    name: "EVT2.1 legacy", format: "evt21", header: "% evt 2.1\n% endianness legacy\n", wordBytes: 8,
    read: (bytes, size) => readEvt21(asU32(bytes), size, true),
    words: words28(8, 0, OTHERS, (word, pixels) => [word, pixels]),
  },
  {
    name: "EVT3", format: "evt3", header: "% evt 3.0\n", wordBytes: 2,
    read: (bytes, size) => readEvt3(asU16(bytes), size),
    words: words3,
  },
  {
    name: "EVT4", format: "evt4", header: "% evt 4.0\n", wordBytes: 4,
    read: (bytes, size) => readEvt4(asU32(bytes), size),
    // Where the mask's last two bits are set, the event becomes a vector of it.
    words: words28(0xe, 0xa, ofType(28, [0, 6, 7, 9, 0xf]), (word, pixels) =>
      word >>> 29 === 5 && (pixels & 3) === 3 ? [(word + 0x20000000) >>> 0, pixels] : [word]),
  },
];

export function bytesOf({ wordBytes }: WordFormat, words: readonly number[]): Uint8Array {
  return new Uint8Array((wordBytes === 2 ? Uint16Array.from(words) : Uint32Array.from(words)).buffer);
}
