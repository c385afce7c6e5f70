import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { BATCH_EVENTS, BLOCK_BYTES } from "../../assembly/decoders/abi.js";
import type { SensorSize } from "../../host/types.js";
import { seeds } from "../seeds.js";
import { bytesOf, WORD_FORMATS, type WordFormat } from "./arbitrary-words.js";
import { decodeBytes, toEvents } from "./collect.js";

/** The decoder says what the oracle says, event for event and drop for drop, however the bytes are cut and wherever they end. */
function agree(word: WordFormat, bytes: Uint8Array, cuts: readonly number[], size: SensorSize | undefined): number {
  const geometry = size === undefined ? "" : `% geometry ${size.width}x${size.height}\n`;
  const file = Buffer.concat([Buffer.from(`${word.header}${geometry}% end\n`), bytes]);
  const { events, drops, understood } = word.read(bytes, size);
  const torn = bytes.length % word.wordBytes;
  const decoded = decodeBytes(word.format, file, cuts);
  const [t, x, y, p] = [0, 1, 2, 3].map((field) => events.map((event) => event[field]!)) as [number[], number[], number[], number[]];
  assert.deepEqual(decoded.events, toEvents({ t, x, y, p }));
  assert.deepEqual(decoded.drops, torn === 0 ? drops : { ...drops, torn_tail: torn });
  assert.equal(decoded.error, understood || bytes.length === 0 ? undefined : "RECORDING_CORRUPT");
  return events.length;
}

const side = fc.integer({ min: 1, max: 40 });
const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.record({ width: side, height: side }) },
  { weight: 1, arbitrary: fc.constantFrom<SensorSize | undefined>(undefined, { width: 640, height: 480 }, { width: 2060, height: 65535 }) },
);
const someCuts = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 4 });

/** A stream in which all goes well, and what can come in its way: each is put in every place of two groups of eight words. */
interface Edges {
  readonly name: string;
  readonly start: readonly number[];
  readonly calm: (i: number) => number;
  readonly odd: readonly number[];
  /** One of them that is put in every place beside the ends of a block and of a batch. */
  readonly everywhere: number;
  /** Calm words that fill a batch. */
  readonly batchWords: number;
}
const EDGES: readonly Edges[] = [
  {
    name: "EVT2",
    start: [0x8ffffff0],
    calm: (i) => (((i & 1) << 28) | (20 << 22) | ((i & 31) << 11) | ((i & 31) + 1)) >>> 0,
    everywhere: 0x8ffffff1,
    batchWords: BATCH_EVENTS,
    // TIME_HIGH: one on, the same, one back, wrapped, far back; an event earlier, later, right of and below the sensor; other words.
    odd: [
      0x8ffffff1, 0x8ffffff0, 0x8fffffef, 0x80000001, 0x8000000f,
      19 << 22, 21 << 22, (20 << 22) | (40 << 11), (20 << 22) | 40,
      0xa0000000, 0xd0000000, 0xe0000000, 0xf0000000, 0x20000000,
    ],
  },
  {
    name: "EVT3",
    start: [0x8ff0, 0x6014, 0x0003, 0x3801],
    calm: (i) => [0x2001, 0x2802, 0x0004, 0x2803, 0x6014, 0x2804, 0x2005, 0x2806][i % 8]!,
    everywhere: 0x4fff,
    batchWords: (BATCH_EVENTS * 8) / 6,
    // TIME_HIGH: one on, the same, one back, wrapped; TIME_LOW earlier and later; a row, a column and a base off the sensor; vectors;
    // other words.
    odd: [
      0x8ff1, 0x8ff0, 0x8fef, 0x8001,
      0x6013, 0x6015, 0x6fff, 40, 0x2028, 0x3005, 0x37ff,
      0x4fff, 0x4000, 0x50ff, 0x5fff,
      0x1000, 0x7000, 0x9000, 0xa000, 0xd000, 0xe000, 0xf000,
    ],
  },
];

for (const { name, calm, start, odd, everywhere, batchWords } of EDGES)
  t.test(`${name}: each word in each place`, async (t) => {
    const word = WORD_FORMATS.find((format) => format.name === name)!;
    const size = { width: 40, height: 40 };
    const calmWords = (length: number): number[] => Array.from({ length }, (_, i) => calm(i));
    for (let length = 0; length <= 17; length++) agree(word, bytesOf(word, [...start, ...calmWords(length)]), [], size);
    for (const first of odd) {
      for (let at = 0; at < 16; at++)
        for (const second of odd) agree(word, bytesOf(word, [...start, ...calmWords(24).toSpliced(at, 1, first, second)]), [], size);
      // Beside the end of a block, and where the batch is full.
      for (const near of [BLOCK_BYTES / word.wordBytes, Math.floor(batchWords)])
        for (let at = near - 24; at <= near + 1; at += first === everywhere ? 1 : 8)
          agree(word, bytesOf(word, [...start, ...calmWords(near + 24).toSpliced(at, 1, first)]), [], size);
    }
    t.pass("all alike");
  });

for (const word of WORD_FORMATS) {
  for (const seed of seeds())
    t.test(`${word.name}: any words as the oracle reads them, seed ${seed}`, async (t) => {
      let events = 0;
      fc.assert(
        fc.property(word.words, sizes, someCuts, fc.nat(7), (words, size, cuts, missing) => {
          const bytes = bytesOf(word, words);
          events += agree(word, bytes.subarray(0, Math.max(0, bytes.length - missing)), cuts, size);
        }),
        { seed, numRuns: 300 },
      );
      t.ok(events > 300, `${events} events`);
    });

  t.test(`${word.name}: streams of many blocks and batches`, async (t) => {
    const parts = fc.sample(word.words, { seed: 7, numRuns: 1000 });
    const bytes = bytesOf(word, parts.flat()).subarray(0, 3 * BLOCK_BYTES);
    t.equal(bytes.length, 3 * BLOCK_BYTES, "enough words");
    for (const cuts of [[], [4099, 1, 70001], [BLOCK_BYTES, BLOCK_BYTES - 1]])
      t.ok(agree(word, bytes, cuts, { width: 40, height: 40 }) > 2 * BATCH_EVENTS);
  });
}
