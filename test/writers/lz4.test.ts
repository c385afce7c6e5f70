import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import t from "tap";
import { Scratch, unpackLz4 } from "../../host/decoders/lz4.js";
import { packLz4 } from "../../host/writers/lz4.js";
import { seeds } from "../seeds.js";

/** A decoder of others, to judge by. */
const lz4js = createRequire(import.meta.url)("lz4js") as {
  decompress(bytes: Uint8Array): Uint8Array;
  compress(bytes: Uint8Array): Uint8Array;
};

/** Bytes with repeats near and far, of one byte and of many, and noise. */
const compressible = fc
  .array(fc.record({ piece: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.integer({ min: 1, max: 400 }) }), { maxLength: 12 })
  .map((parts) => Buffer.concat(parts.flatMap(({ piece, times }) => Array.from({ length: times }, () => piece))));

for (const seed of seeds())
  t.test(`what is packed unpacks, here and elsewhere, seed ${seed}`, async (t) => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        const packed = packLz4(bytes);
        assert.deepEqual(Buffer.from(unpackLz4(packed, new Scratch(1 << 24))!), bytes);
        assert.deepEqual(Buffer.from(lz4js.decompress(packed)), bytes);
        if (bytes.length > 0) assert.deepEqual(Buffer.from(unpackLz4(lz4js.compress(bytes), new Scratch(1 << 24))!), bytes);
      }),
      { seed, numRuns: 20 },
    );
    t.pass("all alike");
  });

t.test("several blocks, and bytes that do not pack", async (t) => {
  const noise = Uint8Array.from({ length: 9_000_000 }, (_, i) => Math.imul(i ^ (i >>> 7), 2654435761) >>> 21);
  const packed = packLz4(noise);
  t.ok(packed.length < noise.length + 100);
  t.ok(Buffer.from(unpackLz4(packed, new Scratch(1 << 24))!).equals(noise));
  t.equal(unpackLz4(packed, new Scratch(1 << 20)), undefined, "a bound on the output");
});

t.test("a frame as the format's pages spell it", async (t) => {
  t.equal(Buffer.from(packLz4(Buffer.from("a".repeat(30)))).toString("hex"), "04224d186070730b0000001f6101000550616161616100000000");
});
