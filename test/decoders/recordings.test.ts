import { readFile } from "node:fs/promises";
import t from "tap";
import { packageRoot } from "../../host/root.js";
import { ColumnDigest } from "../../host/cli/decode-columns.js";
import { openRecording } from "../../host/recording.js";
import { needs, sharedData } from "../data.js";
import { decodeBytes } from "./collect.js";

interface Golden {
  readonly file: string;
  readonly format: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly events: number;
  readonly t_first: number;
  readonly t_last: number;
  readonly digest: { readonly t: string; readonly x: string; readonly y: string; readonly p: string };
  readonly dropped?: Record<string, number>;
}

const { cases } = JSON.parse(await readFile(new URL("test/decoders/recordings.json", packageRoot), "utf8")) as { cases: Golden[] };
t.ok(cases.length > 0, "an empty table proves nothing");

for (const golden of cases)
  t.test(golden.file, needs(`dvs/${golden.file}`), async (t) => {
    const path = sharedData(`dvs/${golden.file}`)!;
    const recording = await openRecording(path);
    t.equal(recording.format, golden.format);
    t.strictSame([recording.size?.width ?? null, recording.size?.height ?? null], [golden.width, golden.height]);
    for (let pass = 0; pass < 2; pass++) {
      const digest = new ColumnDigest();
      let events = 0;
      for await (const batch of recording.decode()) {
        if (events === 0) t.equal(batch.t[0], golden.t_first);
        events += batch.count;
        digest.update(batch);
      }
      t.equal(events, golden.events);
      t.strictSame(digest.hex(), golden.digest, "the same columns as its peers read");
      t.strictSame(recording.drops, golden.dropped ?? {});
    }
    const digest = new ColumnDigest();
    digest.update(decodeBytes(golden.format, await readFile(path), [4099, 1, 70001]).events);
    t.strictSame(digest.hex(), golden.digest, "however it is cut");
  });

const refused: readonly (readonly [file: string, code: string])[] = [
  ["dvs/formats/generic.es", "RECORDING_UNSUPPORTED"],
  ["dvs/formats/test_events_2_0.mcap", "FORMAT_UNKNOWN"],
  ["dvs/formats", "FILE_UNREADABLE"],
];
for (const [file, code] of refused)
  t.test(`${file} is refused`, needs(file), async (t) => {
    await t.rejects(openRecording(sharedData(file)!), { code });
  });
