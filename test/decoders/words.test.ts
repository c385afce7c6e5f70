import t from "tap";
import { decodeBytes } from "./collect.js";
import { EVT_CASES } from "./words-evt.js";
import { OTHER_CASES } from "./words-other.js";

const CASES = [...EVT_CASES, ...OTHER_CASES];

t.ok(CASES.length > 0, "an empty table proves nothing");
for (const { name, format, bytes, events, drops = {}, error, size } of CASES)
  t.test(name, async (t) => {
    for (const cuts of [[], [1], [3]]) {
      const decoded = decodeBytes(format, bytes, cuts);
      const rows = Array.from({ length: decoded.events.count }, (_, i) => [
        decoded.events.t[i],
        decoded.events.x[i],
        decoded.events.y[i],
        decoded.events.p[i],
      ]);
      t.strictSame(rows, events);
      t.strictSame(decoded.drops, drops);
      t.equal(decoded.error, error);
      t.strictSame(decoded.size, size);
    }
  });
