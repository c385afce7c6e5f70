import t from "tap";
import { pointsBench } from "../../bench/points.js";
import { TINY } from "../../bench/rounds.js";
import { needs } from "../data.js";

interface Rows {
  readonly rows: readonly { readonly name: string; readonly count: number; readonly millions_per_second: number }[];
}

t.test("every stream is decoded and timed", needs("lidar"), async (t) => {
  const { figures, tables } = await pointsBench({ rounds: TINY, quick: true });
  const { rows } = figures as Rows;
  t.equal(tables[0]!.rows.length, rows.length + 1);
  t.ok(rows.length >= 20, `${rows.length} streams`);
  for (const { name, count, millions_per_second: rate } of rows) t.ok(count > 10_000 && rate > 0, name);
});
