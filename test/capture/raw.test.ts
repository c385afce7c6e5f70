import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t, { type Test } from "tap";
import { fileDevice } from "../../host/capture/player.js";
import { readRawChunks, readRawHeader, RawReader } from "../../host/capture/reader.js";
import { besideFile, inFolder, RawWriter, type RawWriterOptions } from "../../host/capture/writer.js";
import { monotonicMicros, type Chunk } from "../../host/sources/connection.js";
import { supervise } from "../../host/sources/supervise.js";
import type { Drops } from "../../host/types.js";
import { seeds } from "../seeds.js";

const HEADER = { source: "cam0", transport: "serial", format: "edvs-e2", baud: 4e6, size: { width: 128, height: 128 }, sensorInfo: undefined };

/** Writes connections of chunks, given as [µs after the start, bytes]. */
async function record(
  t: Test, connections: readonly (readonly (readonly [at: number, bytes: Uint8Array])[])[], options: Partial<RawWriterOptions> = {},
): Promise<{ path: string; writer: RawWriter; start: number }> {
  const path = join(t.testdir(), "a.saccade-raw");
  const writer = new RawWriter({ path: besideFile(path), header: HEADER, ...options });
  await writer.begin();
  const start = monotonicMicros();
  for (const chunks of connections) {
    writer.connection();
    for (const [at, bytes] of chunks) writer.write({ at: start + at, bytes });
  }
  await writer.close();
  return { path, writer, start };
}

async function all(path: string, drops: Drops = {}): Promise<{ at: number; bytes: Buffer; begins: boolean }[]> {
  const found: { at: number; bytes: Buffer; begins: boolean }[] = [];
  for await (const { at, bytes, begins } of readRawChunks(path, drops)) found.push({ at, bytes: Buffer.from(bytes), begins });
  return found;
}

t.test("chunks, times, connections and the header come back as they were", async (t) => {
  const first: [number, Uint8Array][] = Array.from({ length: 500 }, (_, k) => [k * 1000, Uint8Array.from({ length: 1 + ((k * 7) % 700) }, () => k & 255)]);
  const second: [number, Uint8Array][] = [[6e9, Uint8Array.of(9)], [6e9 + 2 ** 33, Uint8Array.of(8)], [6e9 + 2 ** 33, new Uint8Array((1 << 20) - 8).fill(7)]];
  const { path, writer, start } = await record(t, [first, second]);
  const header = (await readRawHeader(path))!;
  t.match(header, { ...HEADER, part: 1 });
  t.ok(Math.abs(header.wallStart / 1000 - Date.now()) < 60_000);
  const got = await all(path);
  t.same(got.map(({ at }) => at - start), [...first, ...second].map(([at]) => at));
  t.ok(got.every(({ bytes }, k) => bytes.equals([...first, ...second][k]![1])));
  t.same(got.flatMap(({ begins }, k) => (begins ? [k] : [])), [0, 500]);
  t.same(writer.drops, {});
  t.equal(writer.chunks, 503);
  t.equal(writer.bytes, [...first, ...second].reduce((sum, [, { length }]) => sum + length, 0));
  writer.write({ at: start, bytes: new Uint8Array((1 << 20) - 7) });
  t.same(writer.drops, { record_too_long: (1 << 20) - 7 });
});

t.test("a torn end costs the last block; a damaged place its block; the rest is read", async (t) => {
  const chunks = Array.from({ length: 60 }, (_, k) => [k * 1000, Buffer.alloc(20_000, k)] as const);
  const { path } = await record(t, [chunks]);
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 5));
  const drops: Drops = {};
  t.equal((await all(path, drops)).length, 56, "four chunks a block");
  t.same(drops, { torn_tail: 80_000 + 4 * 8 + 24 + 4 - 5 });
  const damaged = Buffer.from(whole);
  damaged[100_000]! ^= 1;
  writeFileSync(path, damaged);
  const kept = await all(path, (drops["torn_tail"] = 0, drops));
  t.equal(kept.length, 56);
  t.equal(drops["bad_checksum"], 1);
  t.equal(drops["resync_bytes"], 80_000 + 4 * 8 + 24 + 4);
});

t.test("files are cut by size, and each begins anew with a header", async (t) => {
  const chunks = Array.from({ length: 40 }, (_, k) => [k * 1000, Buffer.alloc(70_000, k)] as const);
  const { path, writer } = await record(t, [chunks], { fileBytes: 500_000 });
  t.equal(writer.files.length, 5);
  t.equal(writer.files[1], path.replace(".saccade-raw", "-2.saccade-raw"));
  const parts = await Promise.all(writer.files.map((file) => all(file)));
  t.same(parts.flat().map(({ bytes }) => bytes[0]), Array.from({ length: 40 }, (_, k) => k));
  t.same(await Promise.all(writer.files.map(async (file) => (await readRawHeader(file))!.part)), [1, 2, 3, 4, 5]);
  t.match(inFolder("/r", "cam0")(1), /^\/r\/cam0-\d{8}T\d{6}\.\d{3}Z\.saccade-raw$/);
});

t.test("a disk that is slow or gone costs chunks that are counted, and is taken up again", async (t) => {
  const { writer } = await record(t, [Array.from({ length: 50 }, (_, k) => [k, Buffer.alloc(70_000)] as const)], { queueBytes: 700_000 });
  t.same(writer.drops, { record_queue_full: 40 * 70_000 });
  t.equal(writer.bytes, 10 * 70_000);
  const folder = join(t.testdir(), "gone");
  writeFileSync(folder, "a file where a folder should be");
  const refused = new RawWriter({ path: inFolder(folder, "cam0"), header: HEADER });
  await t.rejects(refused.begin(), { code: "FILE_UNWRITABLE" });
  refused.write({ at: monotonicMicros(), bytes: Buffer.alloc(70_000) });
  await refused.close();
  t.same(refused.drops, { record_failed: 70_000 });
  rmSync(folder);
  mkdirSync(folder);
  await refused.begin();
  refused.write({ at: monotonicMicros(), bytes: Buffer.alloc(70_000) });
  await refused.close();
  t.equal(refused.bytes, 70_000);
  t.equal((await all(refused.files[0]!))[0]!.begins, true, "what was lost does not take the connection's beginning with it");
});

t.test("a file that is none, empty, cut within its header, or of another version", async (t) => {
  const { path } = await record(t, [[[0, Buffer.from("x")]]]);
  const whole = readFileSync(path);
  const as = async (bytes: Uint8Array): Promise<unknown> => {
    writeFileSync(path, bytes);
    return readRawHeader(path).catch((error: { code: string }) => error.code);
  };
  t.equal(await as(Buffer.from("no")), undefined);
  t.equal(await as(Buffer.alloc(0)), undefined);
  t.equal(await as(whole.subarray(0, 30)), "RECORDING_CORRUPT");
  const later = Buffer.from(whole);
  later[8] = 2;
  t.equal(await as(later), "RECORDING_UNSUPPORTED");
  const flipped = Buffer.from(whole);
  flipped[20]! ^= 1;
  t.equal(await as(flipped), "RECORDING_CORRUPT");
});

t.test("hostile bytes: no throw after a sound header, bounded, and sound blocks around them are found", async (t) => {
  const { path } = await record(t, [Array.from({ length: 12 }, (_, k) => [k, Buffer.alloc(40_000, k)] as const)]);
  const whole = readFileSync(path), headBytes = 20 + whole.readUInt32LE(12);
  for (const seed of seeds())
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), { maxLength: 5 }), fc.integer({ min: 40, max: 300_000 }), (flips, cut) => {
        const bytes = Buffer.from(whole), drops: Drops = {};
        for (const [at, value] of flips) bytes[headBytes + Math.floor(at * (bytes.length - headBytes))] = value;
        const reader = new RawReader(drops);
        let chunks = 0;
        for (let at = 0; at < bytes.length; at += cut) for (const chunk of reader.push(bytes.subarray(at, at + cut))) chunks += chunk.bytes.length / 40_000;
        for (const chunk of reader.end()) chunks += chunk.bytes.length / 40_000;
        assert.ok(chunks >= 12 - 2 * flips.length && chunks <= 12, `${chunks} chunks, ${JSON.stringify(drops)}`);
      }),
      { seed, numRuns: 25 },
    );
});

t.test("as a device: at its pace or at once, a connection for each, then absent", async (t) => {
  const { path, start } = await record(t, [[[0, Buffer.from("a")], [80_000, Buffer.from("b")]], [[160_000, Buffer.from("c")], [161_000, Buffer.from("d")]]]);
  for (const speed of ["real", "max"] as const) {
    const stop = new AbortController();
    const heard: (Chunk & { connection: number })[] = [];
    let connection = 0;
    const began = performance.now();
    for await (const { chunks } of supervise(fileDevice({ path, speed }), { signal: stop.signal, onState: (state, why) => why === "not there" && state === "absent" && stop.abort() })) {
      connection++;
      for await (const { bytes, at } of chunks) heard.push({ bytes: bytes.slice(), at, connection });
    }
    t.equal(heard.map(({ bytes, connection: of }) => Buffer.from(bytes).toString() + of).join(" "), "a1 b1 c2 d2");
    t.same(heard.map(({ at }) => at - heard[0]!.at), [0, 80_000, 160_000, 161_000]);
    if (speed === "max") t.equal(heard[0]!.at, start);
    else t.ok(performance.now() - began >= 155, "at its pace");
  }
  const none = fileDevice({ path: `${path}-none`, speed: "max" });
  t.equal(await none.isPresent(), false);
  writeFileSync(`${path}-none`, "text");
  await t.rejects(none.open(), { code: "RECORDING_UNSUPPORTED" });
});
