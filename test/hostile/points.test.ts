import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { DROP_REASONS } from "../../host/decoders/drops.js";
import { createPointDecoder, POINT_FORMATS } from "../../host/decoders/points/formats.js";
import { type Collected, collect, cut } from "../decoders/points/collect.js";
import {
  framesOf, hokuyoAnswer, SERIAL_ENCODINGS, type SerialEncoding, streamOf, tfminiFrame, TURNED_ENCODINGS,
} from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { seeds } from "../seeds.js";

const ENCODINGS = [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS];
const SERIAL = POINT_FORMATS.filter(({ transport }) => transport === "serial").map(({ name }) => name);
const decode = (format: string, bytes: Uint8Array, lengths: readonly number[] = []): Collected =>
  collect(createPointDecoder(format), cut(bytes, lengths));

/** What holds for any bytes: nothing thrown, the same however they are cut, columns in their ranges, counters that are known. */
function check(format: string, bytes: Uint8Array, lengths: readonly number[]): Collected {
  const whole = decode(format, bytes), pieces = decode(format, bytes, lengths);
  assert.deepEqual(pieces, whole, `${format}: other points, scans or counters when cut by ${lengths}`);
  assert.ok(whole.t.every((time) => Number.isSafeInteger(time)), `${format}: a time that is no whole number`);
  for (const [reason, amount] of Object.entries(whole.drops)) {
    assert.ok(reason in DROP_REASONS, `${format}: ${reason} is not in the table`);
    assert.ok(Number.isSafeInteger(amount) && amount > 0, `${format}: ${amount} ${reason}`);
  }
  return whole;
}

const someCuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const STREAMS: readonly { readonly name: string; readonly format: string; readonly make: (seed: number) => Buffer }[] = [
  ...ENCODINGS.map((encoding) => ({
    name: `${encoding.format} ${encoding.frameBytes}`,
    format: encoding.format,
    make: (seed: number): Buffer => streamOf(encoding, madeShots(Math.max(60, 5 * encoding.shots), seed)),
  })),
  {
    name: "hokuyo",
    format: "hokuyo",
    make: (seed) => Buffer.concat([0, 1, 2].map((k) => hokuyoAnswer(100 * k, madeShots(90, seed + k).map(({ mm }) => mm)))),
  },
  {
    name: "tfmini",
    format: "tfmini",
    make: (seed) => Buffer.concat(madeShots(60, seed).map(({ mm, intensity }) => tfminiFrame(mm, 90 + intensity))),
  },
];

for (const seed of seeds())
  for (const { name, format, make } of STREAMS) {
    const options = { seed, numRuns: 15 };
    t.test(`${name}: cut anywhere, seed ${seed}`, async (t) => {
      fc.assert(fc.property(fc.nat(1000), someCuts, (walls, cuts) => void check(format, make(walls), cuts)), options);
      t.pass("all alike");
    });

    t.test(`${name}: bits flipped, bytes left out, repeated and put in, seed ${seed}`, async (t) => {
      const length = fc.integer({ min: 0, max: 60 }), insert = fc.uint8Array({ maxLength: 60 });
      const someFlips = fc.array(place, { maxLength: 8 });
      const someEdits = fc.array(fc.record({ from: place, length, insert, again: fc.boolean() }), { maxLength: 3 });
      fc.assert(
        fc.property(fc.nat(1000), someFlips, someEdits, someCuts, (walls, flips, edits, cuts) => {
          let bytes = make(walls);
          for (const flip of flips) {
            const bit = Math.floor(flip * bytes.length * 8);
            bytes[bit >> 3]! ^= 1 << (bit & 7);
          }
          for (const { from, length, insert, again } of edits) {
            const at = Math.floor(from * bytes.length);
            bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(again ? Math.max(0, at - length) : at + length)]);
          }
          check(format, bytes, cuts);
        }),
        options,
      );
      t.pass("all alike");
    });

    t.test(`${name}: cut short, seed ${seed}`, async (t) => {
      const bytes = make(seed % 1000), step = Math.max(1, Math.floor(bytes.length / 40));
      for (let length = 0; length < bytes.length; length += step) check(format, bytes.subarray(0, length), [13, 1]);
      t.pass("every length");
    });
  }

for (const seed of seeds())
  t.test(`noise in every format, seed ${seed}`, async (t) => {
    for (const format of SERIAL)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 3000 }), someCuts, (bytes, cuts) => void check(format, bytes, cuts)),
        { seed, numRuns: 20 },
      );
    t.pass("all alike");
  });

/** Numbers from 0 to 2^32 − 1. */
function* noise(seed: number): Generator<number> {
  for (let state = seed | 1; ;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

/** Flips each bit with the given chance. @returns which frames were hit */
function flipBits(frames: readonly Uint8Array[], chance: number, seed: number): readonly boolean[] {
  const numbers = noise(seed);
  return frames.map((frame) => {
    let hit = false;
    for (let bit = 0; bit < frame.length * 8; bit++)
      if (numbers.next().value! < chance * 2 ** 32) {
        frame[bit >> 3]! ^= 1 << (bit & 7);
        hit = true;
      }
    return hit;
  });
}

/** Frames that were read, by the samples that are accounted for. */
function framesRead({ shots }: SerialEncoding, { t: times, drops }: Collected): number {
  const { no_return: unseen = 0, next_lost: untold = 0, bad_frame: bad = 0 } = drops;
  return (times.length + unseen + untold) / shots + bad;
}

for (const seed of seeds())
  for (const encoding of ENCODINGS.filter(({ checked }) => checked))
    t.test(`${encoding.format} ${encoding.frameBytes}: lost + good = sent with bit errors of 1e-3, seed ${seed}`, async (t) => {
      const frames = framesOf(encoding, madeShots(300 * encoding.shots, 1)), hit = flipBits(frames, 1e-3, seed);
      const intact = hit.filter((wrong) => !wrong).length;
      const points = decode(encoding.format, Buffer.concat([encoding.head, ...frames]), [64]);
      const read = framesRead(encoding, points), { resync_bytes: lost = 0, torn_tail: torn = 0, reply = 0 } = points.drops;
      const accounted = read * encoding.frameBytes + lost + torn + reply * encoding.head.length;
      t.equal(accounted, frames.length * encoding.frameBytes + encoding.head.length, "every byte");
      t.ok(read >= intact, `${read} frames read of ${intact} that were not hit, of ${frames.length}`);
      // A sum by exclusive or passes two errors in the same place of two bytes: one in eight of the frames with two.
      t.ok(read - intact <= 0.06 * frames.length, `${read - intact} that were`);
    });

t.test("RPLIDAR standard: without a checksum, good nodes after a bad one are used", async (t) => {
  const encoding = SERIAL_ENCODINGS.find(({ checked }) => !checked)!;
  const frames = framesOf(encoding, madeShots(20_000, 3)), hit = flipBits(frames, 1e-3, 5), intact = hit.filter((wrong) => !wrong).length;
  const points = decode("rplidar", Buffer.concat([encoding.head, ...frames]), [7]);
  const read = framesRead(encoding, points);
  t.equal(read * 5 + (points.drops["resync_bytes"] ?? 0) + (points.drops["torn_tail"] ?? 0), 100_000, "every byte");
  t.ok(read >= 0.97 * intact, `${read} nodes read, ${intact} not hit`);
});

for (const { name, format, make } of STREAMS)
  t.test(`${name}: after noise, all is read from the first frame on`, async (t) => {
    const good = make(7), numbers = noise(11);
    const rubbish = Buffer.from(Uint32Array.from({ length: 700 }, () => numbers.next().value!).buffer);
    const mode = ENCODINGS.find((encoding) => `${encoding.format} ${encoding.frameBytes}` === name)?.head ?? Buffer.alloc(0);
    const alone = decode(format, good), after = decode(format, Buffer.concat([mode, rubbish, good]), [100]);
    const seen = ({ t: times, drops }: Collected): number => times.length + (drops["no_return"] ?? 0);
    t.ok(seen(after) >= seen(alone), `${seen(after)} after noise, ${seen(alone)} without`);
  });

t.test("Hokuyo: text without an end, and lines with wrong sums, cost no more the longer they are", async (t) => {
  for (const line of ["MDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMDMD\n", "MD"]) {
    const bytes = Buffer.from(line.repeat(Math.ceil(500_000 / line.length)) + "\n\n"), began = performance.now();
    decode("hokuyo", bytes, [4096]);
    t.ok(performance.now() - began < 5000, `${Math.round(performance.now() - began)} ms for ${bytes.length} bytes`);
  }
});

t.test("no decoder grows with what it is given", async (t) => {
  const megabytes = process.env["SACCADE_SLOW"] === undefined ? 2 : 1000;
  t.comment(`${megabytes} MB of noise for each of ${SERIAL.length} formats; 1000 with SACCADE_SLOW set, and tap --timeout=3600`);
  const chunk = new Uint8Array(1 << 20), words = new Uint32Array(chunk.buffer), numbers = noise(99);
  for (const format of SERIAL) {
    const decoder = createPointDecoder(format);
    const before = process.memoryUsage().arrayBuffers;
    let bytes = 0, wrong = 0;
    for (let megabyte = 0; megabyte < megabytes; megabyte++) {
      // New noise is slow to make: a chunk is another one's words, moved and changed.
      if (megabyte === 0) for (let i = 0; i < words.length; i++) words[i] = numbers.next().value!;
      else for (let i = 0, key = numbers.next().value!; i < words.length; i++) words[i] = Math.imul(words[i]! ^ key, 0x9e3779b1) + i;
      for (const points of decoder.push(chunk)) wrong += points.count > 0 || points.over ? 0 : 1;
      bytes += chunk.length;
    }
    t.equal(wrong, 0);
    t.ok(process.memoryUsage().arrayBuffers - before < 30e6, `${format}: ${bytes >> 20} MB`);
  }
});
