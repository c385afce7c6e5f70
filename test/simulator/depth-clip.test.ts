import fc from "fast-check";
import t from "tap";
import { SaccadeError } from "../../host/errors.js";
import { readDepthClip } from "../../host/simulator/depth/clip.js";
import { unpackXz } from "../../host/simulator/depth/xz.js";
import { seeds } from "../seeds.js";
import { clipOf, packedClip } from "./depth-pictures.js";
import { xzOf } from "./xz-file.js";

t.test("an .xz file gives its bytes, and none when it is cut or changed", async (t) => {
  const content = Buffer.from("What a depth camera saw. ".repeat(9000));
  const packed = xzOf(content);
  t.ok(content.equals(Buffer.from(await unpackXz(packed, 1e6))));
  await t.rejects(unpackXz(packed, content.length - 1), /more than/);
  for (const length of [0, 5, 12, 30, 70_000, packed.length - 40]) await t.rejects(unpackXz(packed.subarray(0, length), 1e6), `${length} bytes`);
  const changed = Buffer.from(packed);
  changed[50_000]! ^= 1;
  await t.rejects(unpackXz(changed, 1e6));
  t.ok(content.equals(Buffer.from(await unpackXz(packed, 1e6))), "a damaged file before it does no harm");
});

t.test("a packed clip is read as it was", async (t) => {
  const clip = clipOf(3, 9, 7, (frame, x, y) => (x > y ? 0 : 1500 + 100 * frame + x));
  t.same(await readDepthClip(packedClip(clip), "clip"), clip);
});

const refused: readonly (readonly [what: string, change: (bytes: Buffer) => Buffer, says: RegExp])[] = [
  ["another magic", (bytes) => (bytes.write("DPX2"), bytes), /no packed depth clip/],
  ["only a head", (bytes) => bytes.subarray(0, 10), /no packed depth clip/],
  ["one frame", (bytes) => (bytes.writeUInt16LE(1, 8), bytes), /nothing that moves/],
  ["no height", (bytes) => (bytes.writeUInt16LE(0, 14), bytes), /nothing that moves/],
  ["a part beyond the picture", (bytes) => (bytes.writeUInt16LE(318, 12), bytes), /outside its picture/],
  ["a huge picture", (bytes) => (bytes.writeUInt16LE(60000, 4), bytes), /claims 3 frames/],
  ["a colour too many", (bytes) => (bytes.writeUInt16LE(1, 18), bytes), /bytes, not/],
  ["an index beyond the palette", (bytes) => (bytes.writeUInt8(200, bytes.length - 1), bytes), /names colour 200/],
];

for (const [what, change, says] of refused)
  t.test(`refused: ${what}`, async (t) => {
    const clip = clipOf(3, 9, 7, (frame, x, y) => (x > y ? 0 : 1500 + 100 * frame));
    const changed = change(Buffer.from(await unpackXz(packedClip(clip), 1e6)));
    await t.rejects(readDepthClip(xzOf(changed), "a3_s5_t2"), { code: "RECORDING_CORRUPT", message: says });
  });

for (const seed of seeds())
  t.test(`whatever a clip file holds, it is read or refused (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, titled) => {
        const content = titled ? Buffer.concat([Buffer.from("DPX1"), bytes]) : Buffer.from(bytes);
        await readDepthClip(xzOf(content), "clip").catch((error: unknown) => {
          if (!(error instanceof SaccadeError)) throw error;
        });
      }),
      { seed, numRuns: 100 },
    );
  });
