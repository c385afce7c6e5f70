import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { createDecoder, detectFormat, FORMATS } from "../../host/decoders/formats.js";
import { JUMP_MICROS } from "../../host/decoders/time-jump.js";
import { DROP_REASONS } from "../../host/decoders/drops.js";
import { SaccadeError } from "../../host/errors.js";
import type { SensorSize } from "../../host/types.js";
import { sampleFor } from "../decoders/arbitrary-events.js";
import { type Decoded, decodeBytes, toColumns } from "../decoders/collect.js";
import { ENCODINGS, type Encoding } from "../decoders/encode.js";
import { seeds } from "../seeds.js";

const WANTED_CASES = 2000;
let cases = 0;

/** What holds for any bytes: only coded errors, the same however they are cut, and events that obey `Events`. */
function check(format: string, bytes: Uint8Array, cuts: readonly number[], size: SensorSize | undefined): Decoded {
  cases++;
  const whole = decodeBytes(format, bytes, [], size);
  const pieces = decodeBytes(format, bytes, cuts, size);
  assert.deepEqual(toColumns(pieces.events), toColumns(whole.events), `${format}: other events when cut by ${cuts}`);
  assert.deepEqual(pieces.drops, whole.drops, `${format}: other counters when cut by ${cuts}`);
  assert.equal(pieces.error, whole.error, `${format}: another error when cut by ${cuts}`);
  const { count, t, x, y, p } = whole.events;
  const width = whole.size?.width ?? 65536, height = whole.size?.height ?? 65536;
  let falls = 0;
  for (let i = 0; i < count; i++) {
    const fallen = i > 0 && t[i]! < t[i - 1]!;
    falls += Number(fallen);
    assert.ok(Number.isSafeInteger(t[i]) && t[i]! >= 0 && (!fallen || t[i - 1]! - t[i]! > JUMP_MICROS), `${format}: time ${t[i]} after ${t[i - 1]}`);
    assert.ok(x[i]! < width && y[i]! < height && p[i]! <= 1, `${format}: pixel ${x[i]},${y[i]},${p[i]} on ${width}x${height}`);
  }
  assert.equal(falls, whole.drops["time_jump"] ?? 0, `${format}: time falls where it is counted`);
  for (const [reason, amount] of Object.entries(whole.drops)) {
    assert.ok(reason in DROP_REASONS, `${format}: ${reason} is not in the table`);
    assert.ok(Number.isSafeInteger(amount) && amount > 0, `${format}: ${amount} ${reason}`);
  }
  return whole;
}

const told = (encoding: Encoding, size: SensorSize): SensorSize | undefined => (encoding.needsSize ? size : undefined);
const someCuts = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 4 });

for (const seed of seeds())
  for (const encoding of ENCODINGS) {
    const sample = sampleFor(encoding, 60);
    const options = { seed, numRuns: 12 };

    t.test(`${encoding.name}: cut short, seed ${seed}`, async (t) => {
      const [{ size, events }] = fc.sample(sample, { seed, numRuns: 1 }) as [{ size: SensorSize; events: Decoded["events"] }];
      const bytes = encoding.encode(events, size);
      const step = Math.max(1, Math.floor(bytes.length / 60));
      for (let length = 0; length < bytes.length; length += length < 40 ? 1 : step) {
        const decoded = check(encoding.format, bytes.subarray(0, length), [13, 1], told(encoding, size));
        assert.equal(length === 0 ? decoded.error : undefined, length === 0 ? "RECORDING_EMPTY" : undefined);
      }
      t.pass("every length");
    });

    t.test(`${encoding.name}: bits flipped, seed ${seed}`, async (t) => {
      const flips = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(sample, flips, someCuts, ({ size, events }, places, cuts) => {
          const bytes = encoding.encode(events, size);
          for (const place of places) {
            const bit = Math.floor(place * bytes.length * 8);
            bytes[bit >> 3]! ^= 1 << (bit & 7);
          }
          check(encoding.format, bytes, cuts, told(encoding, size));
        }),
        options,
      );
      t.pass("all alike");
    });

    t.test(`${encoding.name}: bytes replaced, left out and repeated, seed ${seed}`, async (t) => {
      const place = fc.double({ min: 0, max: 1, noNaN: true });
      const edit = fc.record({
        from: place,
        length: fc.integer({ min: 0, max: 40 }),
        insert: fc.uint8Array({ maxLength: 40 }),
        again: fc.boolean(),
      });
      fc.assert(
        fc.property(sample, fc.array(edit, { minLength: 1, maxLength: 3 }), someCuts, ({ size, events }, edits, cuts) => {
          let bytes = encoding.encode(events, size);
          for (const { from, length, insert, again } of edits) {
            const at = Math.floor(from * bytes.length);
            bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(again ? Math.max(0, at - length) : at + length)]);
          }
          check(encoding.format, bytes, cuts, told(encoding, size));
        }),
        options,
      );
      t.pass("all alike");
    });

    t.test(`${encoding.name}: a true header, then noise, seed ${seed}`, async (t) => {
      fc.assert(
        fc.property(sample, fc.uint8Array({ maxLength: 400 }), someCuts, ({ size, events }, noise, cuts) => {
          const empty = encoding.encode({ ...events, count: 0 }, size);
          check(encoding.format, Buffer.concat([empty, noise]), cuts, told(encoding, size));
        }),
        options,
      );
      t.pass("all alike");
    });
  }

for (const seed of seeds())
  t.test(`noise alone, in every format and by detection, seed ${seed}`, async (t) => {
    const sizes = fc.constantFrom<SensorSize | undefined>(undefined, { width: 128, height: 128 }, { width: 34, height: 34 });
    const extensions = fc.constantFrom("", ".raw", ".dat", ".aedat", ".aedat4", ".es", ".bin", ".bs2", ".csv", ".txt");
    const noise = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      fc.string({ minLength: 1, maxLength: 200 }).map((text) => Buffer.from(text)),
    );
    for (const { name } of FORMATS)
      fc.assert(
        fc.property(noise, someCuts, sizes, (bytes, cuts, size) => void check(name, bytes, cuts, size)),
        { seed, numRuns: 10 },
      );
    fc.assert(
      fc.property(noise, extensions, (bytes, extension) => {
        cases++;
        try {
          detectFormat(bytes, extension, "noise");
        } catch (error) {
          assert.ok(error instanceof SaccadeError, String(error));
        }
      }),
      { seed, numRuns: 200 },
    );
    t.pass("all alike");
  });

t.test("a few packed bytes do not become much memory", async (t) => {
  const at = 14;
  const header = ENCODINGS.find(({ name }) => name === "aedat4 zstd")!.encode(
    {
      count: 0,
      t: new Float64Array(0),
      x: new Uint16Array(0),
      y: new Uint16Array(0),
      p: new Uint8Array(0),
    },
    { width: 8, height: 8 },
  );
  const before = process.memoryUsage().arrayBuffers;
  // zstd: run-length blocks of 2 MiB in 4 bytes each. LZ4: a match of 4 MiB in 16 KiB.
  const zstdBomb = Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]),
    ...Array.from({ length: 2000 }, () => Buffer.from([0xf2, 0xff, 0xff, 0x00])),
  ]);
  const lz4Block = Buffer.concat([Buffer.from([0x1f, 0x00, 0x01, 0x00]), Buffer.alloc(16000, 255), Buffer.from([0])]);
  const lz4Bomb = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]),
    ...Array.from({ length: 100 }, () => Buffer.concat([Buffer.from(Uint32Array.of(lz4Block.length).buffer), lz4Block])),
    Buffer.alloc(4),
  ]);
  for (const [compression, bomb] of [
    [3, zstdBomb],
    [1, lz4Bomb],
  ] as const) {
    const head = Buffer.from(header);
    head.writeInt32LE(compression, at + 44);
    const packet = Buffer.alloc(8);
    packet.writeInt32LE(bomb.length, 4);
    const decoded = decodeBytes("aedat4", Buffer.concat([head, packet, bomb]));
    t.strictSame(decoded.drops, { packet_corrupt: 1 });
    t.equal(decoded.events.count, 0);
  }
  t.ok(process.memoryUsage().arrayBuffers - before < 400e6, "bounded");
});

t.test("a long stream of noise does not grow a decoder", async (t) => {
  const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 13);
  for (const { format, encode, needsSize } of ENCODINGS) {
    const size = { width: 100, height: 100 };
    const decoder = createDecoder(format, needsSize ? { size } : {});
    const head = encode(
      { count: 0, t: new Float64Array(0), x: new Uint16Array(0), y: new Uint16Array(0), p: new Uint8Array(0) },
      format === "aedat1" || format === "aedat2" ? { width: 128, height: 128 } : size,
    );
    for (const events of decoder.push(head)) t.equal(events.count, 0);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 4; i++) for (const events of decoder.push(noise)) t.ok(events.count > 0);
    t.ok(process.memoryUsage().arrayBuffers - before < 80e6, `${format} holds its memory`);
  }
});

t.test("enough cases", async (t) => {
  t.comment(`${cases} hostile recordings`);
  t.ok(cases >= WANTED_CASES, `${cases} cases, ${WANTED_CASES} wanted`);
});
