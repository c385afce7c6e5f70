import { spawnSync } from "node:child_process";
import t, { type Test } from "tap";
import { needs } from "../data.js";
import { errorsSoak, paceSoak } from "./pace.js";
import { randomSoak } from "./random.js";
import type { SoakResult } from "./result.js";
import { EDVS_RECORDINGS } from "./streams.js";
import { unplugSoak } from "./unplug.js";

/** Short forms of `npm run soak`, so that it cannot rot. What only a machine with nothing else to do can hold is said, not asked. */
const socat = spawnSync("socat", ["-V"]).status === 0 || process.env["CI"] ? false : "socat is not installed";
const options = { timeout: 120_000, skip: needs(EDVS_RECORDINGS).skip || socat };

function holds(t: Test, { name, checks }: SoakResult): void {
  t.ok(checks.length > 0, name);
  for (const { name: what, ok, found, ofMachine } of checks)
    if (ofMachine) t.comment(`${what}: ${found}`);
    else t.ok(ok, `${what}: ${found}`);
}

t.test("at the pace of their lines", options, async (t) => holds(t, await paceSoak(0.04)));
t.test("with bit errors of 1e-3", options, async (t) => holds(t, await errorsSoak(2)));
t.test("unplugged", options, async (t) => holds(t, await unplugSoak(5)));
t.test("bytes of any kind", options, async (t) => holds(t, await randomSoak(1 << 17)));
