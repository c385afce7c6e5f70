import assert from "node:assert/strict";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import t from "tap";
import { cobsBytes, cobsDecode, cobsEncode } from "../../firmware-bridge/protocol/cobs.js";
import { crc32 } from "../../firmware-bridge/protocol/crc32.js";
import { DeviceClock } from "../../firmware-bridge/protocol/clock.js";
import { type PacketCounters, FrameReader } from "../../firmware-bridge/protocol/reader.js";
import { headOf } from "../../firmware-bridge/protocol/payload.js";
import { Sequence } from "../../firmware-bridge/protocol/sequence.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";
import { seeds } from "../seeds.js";
import { damages, messages } from "./arbitrary.js";
import { encodeMessage } from "./vectors.js";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

t.test("CRC-32/ISO-HDLC, its published check value and zlib's", async (t) => {
  t.equal(crc32(Buffer.from("123456789")), 0xcbf43926);
  t.equal(crc32(new Uint8Array(0)), 0);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32(bytes) === zlibCrc32(bytes)), { seed: 1 });
});

t.test("COBS, as its authors and others spell it", async (t) => {
  const run = (from: number, to: number): string => Buffer.from(Array.from({ length: to - from + 1 }, (_, i) => (from + i) & 255)).toString("hex");
  const cases = [
    ["", "01"], ["00", "01 01"], ["00 00", "01 01 01"], ["11 22 00 33", "03 11 22 02 33"], ["11 22 33 44", "05 11 22 33 44"],
    ["11 00 00 00", "02 11 01 01 01"],
    [run(1, 254), `ff ${run(1, 254)}`],
    [`00 ${run(1, 254)}`, `01 ff ${run(1, 254)}`],
    [run(1, 255), `ff ${run(1, 254)} 02 ff`],
    [`${run(2, 255)} 00`, `ff ${run(2, 255)} 01 01`],
    [`${run(3, 255)} 00 01`, `fe ${run(3, 255)} 02 01`],
  ] as const;
  for (const [raw, wire] of cases) {
    const bytes = hex(raw), out = new Uint8Array(cobsBytes(bytes.length)), back = new Uint8Array(bytes.length);
    const end = cobsEncode(bytes, 0, bytes.length, out, 0);
    t.same(Buffer.from(out.subarray(0, end)).toString("hex"), Buffer.from(hex(wire)).toString("hex"), raw.slice(0, 20));
    t.equal(cobsDecode(out, 0, end, back, back.length), bytes.length);
    t.same(back, bytes);
  }
});

t.test("a frame on the wire, byte by byte", async (t) => {
  const writer = new FrameWriter();
  writer.sent = 0x1234;
  const wanted = [0, ...stuffed(hex("83 00 34 12 00 00 00 00 02 01")), 0];
  t.same([...writer.message("CREDIT", { limit: 0x0102 })], wanted);
});

/** Header and payload with their CRC, stuffed by the definition: split at zeros. */
function stuffed(raw: Uint8Array): number[] {
  const check = zlibCrc32(raw), whole = [...raw, check & 255, (check >>> 8) & 255, (check >>> 16) & 255, check >>> 24];
  const out: number[] = [];
  for (let at = 0; at <= whole.length;) {
    const zero = whole.indexOf(0, at), end = zero < 0 ? whole.length : zero;
    out.push(end - at + 1, ...whole.slice(at, end));
    at = end + 1;
  }
  return out;
}

interface Said {
  readonly frames: string[];
  readonly counters: PacketCounters;
  readonly waiting: number;
}

function readAll(chunks: Iterable<Uint8Array>, maxFrame: number): Said {
  const reader = new FrameReader(maxFrame), frames: string[] = [];
  for (const bytes of chunks)
    for (let at = 0; at < bytes.length;) {
      at = reader.read(bytes, at, bytes.length);
      if (reader.ready) frames.push(Buffer.from(reader.frame.u8.subarray(0, reader.frame.length)).toString("hex"));
    }
  return { frames, counters: reader.counters, waiting: reader.waiting };
}

function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    yield bytes.subarray(at, at + lengths[i % lengths.length]!);
    at += lengths[i % lengths.length]!;
  }
}

for (const seed of seeds())
  t.test(`the same bytes give the same frames and counters however they are cut, seed ${seed}`, async (t) => {
    const part = fc.oneof(...messages.map(({ arbitrary }) => arbitrary.map(encodeMessage)), fc.uint8Array({ maxLength: 300 }));
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(fc.array(part, { maxLength: 6 }), damages, lengths, fc.constantFrom(128, 300, 16384), (parts, damage, cuts, maxFrame) => {
      const bytes = damage(Buffer.concat(parts));
      assert.deepEqual(readAll(cut(bytes, cuts), maxFrame), readAll([bytes], maxFrame));
    }), { seed, numRuns: 300 });
    t.pass("all alike");
  });

t.test("numbers that are missing, come twice, begin again", async (t) => {
  const sequence = new Sequence();
  const is = (lost: number, repeated: number, restarts: number): void => void t.same(sequence.counters, { lost, repeated, restarts });
  t.ok(sequence.take(65534));
  is(0, 0, 0);
  t.ok(sequence.take(65535));
  t.ok(sequence.take(0), "wraps");
  t.notOk(sequence.take(0), "came before");
  is(0, 1, 0);
  t.ok(sequence.take(10));
  is(9, 1, 0);
  t.ok(sequence.take(11, 7, 65536 + 11), "a heartbeat says the whole number");
  t.ok(sequence.take(12, 7, 3 * 65536 + 12), "and puts right what 16 bits cannot tell");
  is(9 + 2 * 65536, 1, 0);
  t.ok(sequence.take(13));
  is(9 + 2 * 65536, 1, 0);
  t.ok(sequence.take(0, 8), "another boot");
  is(9 + 2 * 65536, 1, 1);
  t.ok(sequence.take(3, 9, 3), "and another, of which three frames are missing");
  is(9 + 2 * 65536 + 3, 1, 2);
});

t.test("time goes on when 32 bits of µs wrap, and after a silence of hours", async (t) => {
  const clock = new DeviceClock(), range = 2 ** 32;
  t.equal(clock.unwrap(range - 10), range - 10);
  t.equal(clock.unwrap(5), range + 5);
  t.equal(clock.unwrap(range - 1), range - 1, "a frame that was begun before");
  t.equal(clock.anchor(20, Math.floor((range + 20) / 1000)), range + 20);
  const late = 5 * range + 1234;
  t.equal(clock.anchor(1234, Math.floor(late / 1000)), late, "the uptime counts the wraps that nobody saw");
  const later = 2 ** 32 * 1000 + 7000;
  t.equal(clock.anchor(later % range, Math.floor(later / 1000) % range), later, "and wraps itself after 49 days");
  clock.restart();
  t.equal(clock.unwrap(500), later, "a reset: from the latest on");
  t.equal(clock.anchor(700, 0), later + 200);
  const joined = new DeviceClock();
  t.equal(joined.unwrap(100), 100);
  t.equal(joined.anchor(200, 3 * 4294967), 200, "who joins late keeps the zero that it began with");
});

t.test("a HELLO of a later version, longer at its end, is read", async (t) => {
  const writer = new FrameWriter(), reader = new FrameReader();
  const hello = { version: 1, sends: 4, width: 320, height: 240, maxFrame: 4096, maxReceive: 256, tick: 1000, schema: 1, firmware: 2, boot: 3,
    uptime: 4, id: "0123456789ABCDEF01234567", name: "a name that is too long to fit" };
  writer.message("HELLO", hello);
  const wire = writer.close("HELLO", 0, 77, 8 + 78 + 10).slice();
  reader.read(wire, 0, wire.length);
  t.ok(reader.ready);
  t.same(headOf("HELLO", reader.frame), { ...hello, name: "a name that is too long " });
});
