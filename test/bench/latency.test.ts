import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";
import t from "tap";

const run = promisify(execFile);
const MAIN = join(process.cwd(), "build/bench/main.js");

interface Printed {
  readonly benches: {
    readonly latency: { readonly ways: readonly { readonly way: string; readonly windows: number; readonly last_event_to_message_us: Record<string, number> }[] };
  };
}

t.test("a sensor's events become messages in a subscriber's hands, in line and in a thread", async t => {
  const { stdout } = await run(process.execPath, [MAIN, "latency", "--quick", "--json"], { maxBuffer: 1 << 24 });
  const { ways } = (JSON.parse(stdout) as Printed).benches.latency;
  t.same(ways.map(({ way }) => way), ["in line", "1 worker"]);
  for (const { windows, last_event_to_message_us: micros } of ways) {
    t.ok(windows > 0);
    t.same(Object.keys(micros), ["p50", "p90", "p99", "max"]);
    t.ok(Object.values(micros).every(each => Number.isFinite(each)));
  }
});
