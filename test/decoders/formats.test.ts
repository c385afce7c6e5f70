import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { createDecoder, detectFormat, FORMAT_NAMES, FORMATS } from "../../host/decoders/formats.js";
import { openRecording } from "../../host/recording.js";

const text = (value: string): Buffer => Buffer.from(value, "latin1");

t.test("every name has one format", async (t) => {
  t.strictSame(
    FORMATS.map(({ name }) => name),
    [...FORMAT_NAMES],
  );
  for (const { name } of FORMATS) t.equal(createDecoder(name).format, name);
  t.throws(() => createDecoder("evt9"), { code: "FORMAT_UNKNOWN" });
});

const KNOWN: readonly (readonly [head: Buffer, extension: string, format: string])[] = [
  [text("% evt 3.0\n% end\n"), ".raw", "evt3"],
  [text("% format EVT21;height=1;width=1\n% end\n"), ".bin", "evt21"],
  [text("% evt 2.0\n"), ".RAW", "evt2"],
  [text("% system_ID 40\n"), "", "evt3"],
  [text("% Data file\n% Version 2\n"), "", "dat"],
  [text("\x01\x02\x03"), ".dat", "dat"],
  [text("#!AER-DAT1.0\r\n"), ".aedat", "aedat1"],
  [text("#!AER-DAT2.0\r\n"), ".aedat", "aedat2"],
  [text("#!AER-DAT3.1\r\n"), "", "aedat3"],
  [text("#!AER-DAT4.0\r\n"), ".aedat", "aedat4"],
  [text("\x00\x01"), ".aedat", "aedat1"],
  [text("Event Stream\x02\x00\x00\x01"), "", "es"],
  [Buffer.from([1, 1, 0, 0, 1, 2, 2, 0x80, 0, 2]), ".bs2", "nmnist"],
  [text("1 2 3 4\n"), ".txt", "csv"],
  [text("t,x,y,p\n1,2,3,4\n"), "", "csv"],
];
for (const [head, extension, format] of KNOWN)
  t.test(`${JSON.stringify(head.toString("latin1"))} ${extension} is ${format}`, async (t) => {
    t.equal(detectFormat(head, extension, "file"), format);
  });

const REFUSED: readonly (readonly [head: Buffer, extension: string, code: string, message: RegExp])[] = [
  [Buffer.alloc(0), ".raw", "RECORDING_EMPTY", /no bytes/],
  [text("\x01\x02\x03\x04"), ".raw", "FORMAT_AMBIGUOUS", /evt2 or evt21 or evt3 or evt4/],
  [text("% Date today\n"), ".raw", "FORMAT_AMBIGUOUS", /evt2/],
  [text("\x01\x02\x03\x04"), "", "FORMAT_UNKNOWN", /no recording/],
  [Buffer.from([1, 1, 0, 0, 9, 2, 2, 0x80, 0, 2]), ".bin", "FORMAT_UNKNOWN", /no recording/],
  [text("\x89HDF\r\n\x1a\n"), ".hdf5", "FORMAT_UNKNOWN", /HDF5/],
  [text("% format HISTO3D;height=320;width=320\n% end\n"), ".raw", "RECORDING_UNSUPPORTED", /HISTO3D/],
];
for (const [head, extension, code, message] of REFUSED)
  t.test(`${JSON.stringify(head.toString("latin1"))} ${extension} is refused`, async (t) => {
    t.throws(() => detectFormat(head, extension, "file"), { code, message });
  });

t.test("opening files", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "saccade-"));
  t.teardown(() => rm(folder, { recursive: true }));
  await t.rejects(openRecording(join(folder, "absent.raw")), { code: "FILE_NOT_FOUND" });
  await t.rejects(openRecording(folder, { format: "evt2" }), { code: "FILE_UNREADABLE" });
  const empty = join(folder, "empty.raw");
  await writeFile(empty, "");
  await t.rejects(openRecording(empty), { code: "RECORDING_EMPTY" });
  await t.rejects(openRecording(empty, { format: "evt2" }), { code: "RECORDING_EMPTY" });
  const header = join(folder, "header.raw");
  await writeFile(header, "% evt 2.0\n% geometry 8x4\n% end\n");
  const recording = await openRecording(header);
  t.strictSame(recording.size, { width: 8, height: 4 });
  for await (const events of recording.decode()) t.equal(events.count, -1, "no batch is empty");
  await t.rejects(openRecording(header, { format: "evt3" }), { code: "RECORDING_UNSUPPORTED" });
  await t.rejects(openRecording(header, { size: { width: 9, height: 4 } }), { code: "SENSOR_MISMATCH" });
  await t.rejects(openRecording(header, { format: "evt9" }), { code: "FORMAT_UNKNOWN" });
});
