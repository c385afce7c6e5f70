import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bridgeBench } from "./bridge.js";
import { decodeResult } from "./decode-result.js";
import { denoiseBench } from "./denoise.js";
import { draw, type Figures } from "./draw.js";
import { engineResult } from "./engine-result.js";
import { framingResult } from "./framing-result.js";
import { latencyBench } from "./latency.js";
import { machine, machineText } from "./machine.js";
import { networkBench } from "./network.js";
import { nmnistBench } from "./nmnist.js";
import { installPeers } from "./peers.js";
import { pointsBench } from "./points.js";
import { isMet, resultText, type Bench, type Result } from "./result.js";
import { QUOTED, TINY } from "./rounds.js";
import { sweepBench } from "./sweep.js";
import { weightsBench } from "./weights.js";

/** Every figure that we quote is printed by one of these: `npm run bench`, or some by name: `npm run bench -- network sweep`. */
const BENCHES: Readonly<Record<string, Bench>> = {
  network: networkBench,
  nmnist: nmnistBench,
  sweep: sweepBench,
  weights: weightsBench,
  decode: decodeResult,
  bridge: bridgeBench,
  points: pointsBench,
  denoise: denoiseBench,
  framing: framingResult,
  engine: engineResult,
  latency: latencyBench,
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    /** Draws what was measured: docs/bench.svg of network and nmnist, docs/density.svg of sweep. */
    draw: { type: "boolean", default: false },
    /** One short round on small networks, nothing installed: shows that it runs, says nothing about speed. */
    quick: { type: "boolean", default: false },
  },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = wanted.find(name => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`USAGE: there is no bench "${unknown}"; choose of ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(64);
}
if (!options.quick) installPeers();
// Engines measure their crossovers anew, here and in child processes.
const cache = mkdtempSync(join(tmpdir(), "saccade-bench-cache-"));
process.env["XDG_CACHE_HOME"] = cache;
process.on("exit", () => rmSync(cache, { recursive: true }));
const settings = { rounds: options.quick ? TINY : QUOTED, quick: options.quick };
const here = machine();
if (!options.json) process.stdout.write(`${machineText(here)}\n`);
const results: Record<string, Result> = {};
for (const name of wanted) {
  results[name] = await BENCHES[name]!(settings);
  if (!options.json) process.stdout.write(`\n${resultText(results[name])}`);
}
const benches = Object.fromEntries(Object.entries(results).map(([name, { figures }]) => [name, figures]));
if (options.draw) process.stderr.write(`drawn: ${draw(here, benches as Figures).join(", ") || "nothing"}\n`);
if (options.json) {
  const marks = Object.entries(results).flatMap(([bench, result]) =>
    result.marks.map(mark => ({ bench, ...mark, found: mark.found ?? null, met: isMet(mark) ?? null })));
  process.stdout.write(`${JSON.stringify({ machine: here, rounds: settings.rounds.rounds, benches, marks })}\n`);
}
