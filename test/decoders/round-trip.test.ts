import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { seeds } from "../seeds.js";
import { sampleFor } from "./arbitrary-events.js";
import { decodeBytes, toColumns } from "./collect.js";
import { ENCODINGS } from "./encode.js";

t.ok(ENCODINGS.length > 0, "an empty table proves nothing");

for (const seed of seeds())
  for (const encoding of ENCODINGS)
    t.test(`${encoding.name}: what was written is read, however it is cut, seed ${seed}`, async (t) => {
      const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 })), { maxLength: 5 });
      fc.assert(
        fc.property(sampleFor(encoding), cuts, ({ size, events }, lengths) => {
          const bytes = encoding.encode(events, size);
          const decoded = decodeBytes(encoding.format, bytes, lengths, encoding.needsSize ? size : undefined);
          assert.equal(decoded.error, undefined);
          assert.deepEqual(decoded.drops, {});
          assert.deepEqual(decoded.size, size);
          assert.deepEqual(toColumns(decoded.events), toColumns(events));
        }),
        { seed, numRuns: 25 },
      );
      t.pass("all alike");
    });
