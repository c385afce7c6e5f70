import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openRecording } from "../../host/recording.js";
import { Evt2Writer } from "../../host/writers/evt2.js";
import { Evt3Writer } from "../../host/writers/evt3.js";
import { writeFileWhole } from "../../host/writers/file-sink.js";
import { chooseWriteFormat, createWriter } from "../../host/writers/formats.js";
import type { RecordingWriter } from "../../host/writers/recording-writer.js";
import { decodeBytes, toColumns, toEvents } from "../decoders/collect.js";

const SIZE = { width: 640, height: 480 };

function bytesOf(writer: RecordingWriter, events: ReturnType<typeof toEvents>): Buffer {
  const parts = [Buffer.from(writer.begin())];
  for (const bytes of writer.write(events)) parts.push(Buffer.from(bytes));
  for (const bytes of writer.end()) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

t.test("times far from the start and far apart are kept, in steps that a decoder counts", async (t) => {
  const times = [0, 1, 2 ** 24 - 1, 2 ** 24, 2 ** 26 + 5, 2 ** 34 - 1, 2 ** 34, 2 ** 36 + 9, 2 ** 36 + 9];
  for (const first of [0, 3, 2 ** 23, 2 ** 24 - 1, 2 ** 33, 2 ** 35 + 77]) {
    const events = toEvents({
      t: times.map((time) => first + time),
      x: times.map((_, i) => i),
      y: times.map(() => 4),
      p: times.map((_, i) => i & 1),
    });
    for (const [format, writer] of [
      ["evt2", new Evt2Writer({ size: SIZE })],
      ["evt3", new Evt3Writer({ size: SIZE })],
    ] as const) {
      const decoded = decodeBytes(format, bytesOf(writer, events), [7]);
      t.strictSame(toColumns(decoded.events), toColumns(events));
      t.strictSame(decoded.drops, {});
      t.equal(writer.timeShift, 0);
    }
  }
});

t.test("a start beyond what EVT3 can tell is moved down by whole wraps, and said", async (t) => {
  const first = 1_700_000_000_000_000;
  const events = toEvents({ t: [first, first + 5], x: [1, 2], y: [3, 4], p: [0, 1] });
  const writer = new Evt3Writer({ size: SIZE });
  const decoded = decodeBytes("evt3", bytesOf(writer, events));
  t.equal(writer.timeShift % 2 ** 24, 0);
  t.strictSame(toColumns(decoded.events).t, [first - writer.timeShift, first + 5 - writer.timeShift]);
  t.ok(decoded.events.t[0]! < 2 ** 24);
});

t.test("neighbours in a row become vectors, four words for up to 32 pixels", async (t) => {
  const x = Array.from({ length: 32 }, (_, i) => 100 + i);
  const events = toEvents({ t: x.map(() => 5), x, y: x.map(() => 7), p: x.map(() => 1) });
  const header = new Evt3Writer({ size: SIZE }).begin().length;
  t.equal(bytesOf(new Evt3Writer({ size: SIZE }), events).length - header, 2 * (3 + 4), "time high, time low, row, and one vector");
  t.equal(bytesOf(new Evt3Writer({ size: SIZE, vectors: false }), events).length - header, 2 * (3 + 32));
});

t.test("what to write is said, or refused", async (t) => {
  t.equal(chooseWriteFormat(undefined, ".AEDAT4", "a"), "aedat4");
  t.equal(chooseWriteFormat("evt3", ".raw", "a"), "evt3");
  t.throws(() => chooseWriteFormat(undefined, ".raw", "a"), { code: "FORMAT_AMBIGUOUS" });
  t.throws(() => chooseWriteFormat(undefined, ".xyz", "a"), { code: "FORMAT_UNKNOWN" });
  t.throws(() => chooseWriteFormat("es", ".es", "a"), { code: "FORMAT_UNKNOWN" });
  t.throws(() => createWriter("evt2", undefined), { code: "SENSOR_SIZE_UNKNOWN" });
  t.throws(() => createWriter("evt3", { width: 4096, height: 1 }), { code: "RECORDING_UNSUPPORTED" });
});

t.test("a file appears whole or not at all", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "saccade-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, "a.csv");
  await t.rejects(
    writeFileWhole(path, async (sink) => {
      await sink.write(Buffer.from("t,x,y,p\n"));
      throw new Error("stop");
    }),
    { message: "stop" },
  );
  await t.rejects(openRecording(path), { code: "FILE_NOT_FOUND" });
  await writeFileWhole(path, async (sink) => {
    await sink.write(Buffer.from("?,x,y,p\n1,2,3,1\n"));
    await sink.patch(0, Buffer.from("t"));
  });
  t.equal((await openRecording(path)).format, "csv");
});
