import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";

const run = promisify(execFile);

t.test("the bridge's bench runs, and its forms take the bytes that PROTOCOL.md says", async (t) => {
  const { stdout } = await run(process.execPath, [join(process.cwd(), "build/bench/main.js"), "bridge", "--quick", "--json"]);
  const { benches, marks } = JSON.parse(stdout) as {
    benches: { bridge: { rows: readonly Record<"encode_mev" | "decode_mev" | "live_mev" | "bytes_per_event", number>[] } };
    marks: readonly { bench: string }[];
  };
  t.equal(marks.filter(({ bench }) => bench === "bridge").length, 4);
  t.same(benches.bridge.rows.map((row) => Math.floor(row.bytes_per_event)), [2, 3, 3, 4, 6]);
  t.ok(benches.bridge.rows.every((row) => row.encode_mev > 0 && row.decode_mev > 0 && row.live_mev > 0 && row.bytes_per_event % 1 < 0.1));
});
