import { decodeBench } from "./decode.js";
import type { Result } from "./result.js";

/** Decoding of recordings, beside what DESIGN.md section 9 wants. */
export async function decodeResult(): Promise<Result> {
  const rows = await decodeBench();
  return {
    tables: [{
      title: "decode, all checks on",
      rows: [
        ["recording", "Mev/s", "of yardstick", "events", "runs"],
        ...rows.map(row => [row.name, Math.round(row.mevPerSecond), `${Math.round(100 * row.ofYardstick)} %`, row.events, row.runs]),
      ],
    }],
    figures: { rows },
    marks: rows.flatMap(({ name, wanted, mevPerSecond: found }) => (wanted === undefined ? [] : [{ name, unit: "Mev/s", wanted, found }])),
  };
}
