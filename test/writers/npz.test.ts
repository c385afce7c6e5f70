import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import t from "tap";
import { SaccadeError } from "../../host/errors.js";
import { type NpyArray, type NpyStream, writeNpz } from "../../host/writers/npz.js";
import { npyHeader, readNpy } from "../../host/writers/npy.js";
import { readNpz } from "../../host/writers/npz-reader.js";
import { seeds } from "../seeds.js";

const folder = await mkdtemp(join(tmpdir(), "saccade-"));
t.teardown(() => rm(folder, { recursive: true }));
const path = join(folder, "arrays.npz");

const ARRAYS: Readonly<Record<string, NpyArray>> = {
  t: { dtype: "<u8", shape: [3], data: BigUint64Array.of(1n, 2n ** 53n, 2n ** 64n - 1n) },
  frames: { dtype: "|u1", shape: [2, 1, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) },
  logits: { dtype: "<i4", shape: [2, 2], data: Int32Array.of(-1, 2, -(2 ** 31), 4) },
  scale: { dtype: "<f4", shape: [], data: Float32Array.of(0.5) },
  none: { dtype: "<u2", shape: [0, 4], data: new Uint16Array(0) },
  mask: { dtype: "|b1", shape: [2], data: Uint8Array.of(0, 1) },
  small: { dtype: "|i1", shape: [1], data: Int8Array.of(-3) },
  i16: { dtype: "<i2", shape: [1], data: Int16Array.of(-300) },
  u32: { dtype: "<u4", shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  i64: { dtype: "<i8", shape: [1], data: BigInt64Array.of(-5n) },
  f64: { dtype: "<f8", shape: [1], data: Float64Array.of(Math.PI) },
};

t.test("every type goes there and back, and the same arrays give the same bytes", async (t) => {
  await writeNpz(path, ARRAYS);
  const bytes = await readFile(path);
  t.strictSame(readNpz(bytes), ARRAYS);
  await writeNpz(path, ARRAYS);
  t.ok(bytes.equals(await readFile(path)));
});

t.test("an array in pieces", async (t) => {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 0);
    yield Uint8Array.of(2, 0, 3, 0);
  }
  const stream: NpyStream = { dtype: "<u2", shape: [3], data: pieces() };
  await writeNpz(path, { x: stream });
  t.strictSame(readNpz(await readFile(path)), { x: { dtype: "<u2", shape: [3], data: Uint16Array.of(1, 2, 3) } });
});

t.test("data of another size than its shape says leaves no file", async (t) => {
  const bad = join(folder, "bad.npz");
  await t.rejects(writeNpz(bad, { x: { dtype: "<u2", shape: [4], data: Uint16Array.of(1) } }), { code: "INTERNAL" });
  t.notOk((await readdir(folder)).some((name) => name.startsWith("bad")));
  await t.rejects(writeNpz(join(folder, "no", "x.npz"), {}), { code: "FILE_UNWRITABLE" });
});

t.test("deflated entries, as numpy.savez_compressed writes them", async (t) => {
  await writeNpz(path, { mask: ARRAYS["mask"]! });
  const stored = await readFile(path);
  const nameBytes = "mask.npy".length;
  const npy = stored.subarray(30 + nameBytes, 30 + nameBytes + 128 + 2);
  const packed = deflateRawSync(npy);
  const local = Buffer.from(stored.subarray(0, 30 + nameBytes));
  const central = Buffer.from(stored.subarray(stored.length - 22 - 46 - nameBytes, stored.length - 22));
  const end = Buffer.from(stored.subarray(stored.length - 22));
  for (const [head, at] of [
    [local, 8],
    [central, 10],
  ] as const) {
    head.writeUInt16LE(8, at);
    head.writeUInt32LE(packed.length, at + 10);
  }
  end.writeUInt32LE(local.length + packed.length, 16);
  t.strictSame(readNpz(Buffer.concat([local, packed, central, end])), { mask: ARRAYS["mask"] });
});

t.test("version 2 of .npy, and what is not read", async (t) => {
  const one = Buffer.concat([npyHeader("|u1", [2]), Buffer.of(7, 8)]);
  const text = one.subarray(10);
  const two = Buffer.concat([Buffer.from("\x93NUMPY\x02\x00", "latin1"), Buffer.from(Uint32Array.of(one.length - 12).buffer), text]);
  t.strictSame(readNpy(two), { dtype: "|u1", shape: [2], data: Uint8Array.of(7, 8) });
  t.throws(() => readNpy(Buffer.from(one.toString("latin1").replace("|u1", "<c8"), "latin1")), { code: "RECORDING_UNSUPPORTED" });
  t.throws(() => readNpy(Buffer.from(one.toString("latin1").replace("False", "True "), "latin1")), { code: "RECORDING_UNSUPPORTED" });
  t.throws(() => readNpy(one.subarray(0, one.length - 1)), { code: "RECORDING_CORRUPT" });
});

for (const seed of seeds())
  t.test(`damaged files give one coded error or arrays, seed ${seed}`, async (t) => {
    await writeNpz(path, { x: ARRAYS["frames"]!, y: ARRAYS["logits"]! });
    const whole = await readFile(path);
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 4 }), place, fc.boolean(), (flips, end, cut) => {
        const bytes = Buffer.from(whole);
        for (const flip of flips) bytes[Math.floor(flip * bytes.length)]! ^= 1 << (Math.floor(flip * 1e6) % 8);
        try {
          readNpz(cut ? bytes.subarray(0, Math.floor(end * bytes.length)) : bytes);
        } catch (error) {
          assert.ok(error instanceof SaccadeError, String(error));
        }
      }),
      { seed, numRuns: 400 },
    );
    t.pass("all coded");
  });
