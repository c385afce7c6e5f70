// Prints a digest of all that the engine computes, a line a build and table: two machines that agree on every line agree on every bit.
// usage: node build/test/arm64/digests.js BUILD[,BUILD…] [folder of N-MNIST recordings]

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LogitsDigest } from "../../host/cli/logits-digest.js";
import { Engine } from "../../host/engine/engine.js";
import { usableBuilds } from "../../host/engine/instance.js";
import { openPackage } from "../../host/network.js";
import { frame, infer } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import { Tally } from "../../host/tally.js";
import type { Case } from "../conformance/cases/case.js";
import { EXTREME_CASES } from "../conformance/cases/neuron-extremes.js";
import { LANE_CASES } from "../conformance/cases/neuron-lanes.js";
import { INTEGRATING_CASES, SPIKING_CASES, STATELESS_CASES } from "../conformance/cases/neurons.js";
import { SHAPE_CASES } from "../conformance/cases/shapes.js";
import { INT4_CASES, WEIGHTED_CASES } from "../conformance/cases/weighted.js";
import { testedVariants } from "../conformance/engine-under-test.js";
import { engineTrace } from "../conformance/harness.js";
import { randomProgram } from "../properties/random-program.js";

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "spiking neurons": SPIKING_CASES,
  "integrating neurons": INTEGRATING_CASES,
  "stateless neurons": STATELESS_CASES,
  "neurons in lanes": LANE_CASES,
  "neurons at their limits": EXTREME_CASES,
  "weighted ops": WEIGHTED_CASES,
  "weighted ops, int4": INT4_CASES,
  "shapes": SHAPE_CASES,
  "networks": Array.from({ length: 60 }, (_, i) => randomProgram(i + 1, 4 + (i % 14))),
};
const PACKAGES = ["nmnist", "nmnist-int4"];
const RECORDINGS = 20;

function print(what: string, runs: number, digest: string): void {
  if (runs === 0) throw new Error(`${what}: an empty table proves nothing`);
  process.stdout.write(`${what}\t${runs}\t${digest}\n`);
}

/** Every tensor after every timestep, the state, and the counters. */
function printTables(): void {
  for (const variant of testedVariants().filter((variant) => wanted.includes(variant.split(" ")[0]!)))
    for (const [table, cases] of Object.entries(TABLES)) {
      const hash = createHash("sha256");
      for (const testCase of cases) {
        const { tensors, state, saturations, profile } = engineTrace(variant, testCase);
        for (const bytes of tensors.flat()) if (bytes !== undefined) hash.update(bytes);
        hash.update(state).update(JSON.stringify([saturations, profile]));
      }
      print(`${variant}: ${table}`, cases.length, hash.digest("hex"));
    }
}

/** The logits of every window, as `saccade replay` gives them: decoding and framing are in it. */
async function printPackages(folder: string): Promise<void> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".bs2")).sort().slice(0, RECORDINGS);
  for (const name of PACKAGES) {
    const pkg = await openPackage(name);
    for (const build of usableBuilds().filter((build) => wanted.includes(build))) {
      const engine = new Engine(pkg.plan, pkg.constants, { build });
      const logitsOf = new LogitsDigest();
      for (const file of files) {
        engine.stream().reset();
        const windows = frame(await openRecording(join(folder, file), { format: "nmnist" }), pkg.card, new Tally());
        for await (const { logits } of infer(windows, { pkg, engine, stream: engine.stream() }, new Tally()))
          logitsOf.add(logits);
      }
      print(`${build}: ${name}, recordings`, files.length, logitsOf.hex());
    }
  }
}

const [, , builds = "", folder] = process.argv;
const wanted = builds.split(",");
const missing = wanted.filter((build) => !usableBuilds().some((usable) => usable === build));
if (missing.length > 0) throw new Error(`this Node does not run, or not rightly: ${missing.join(", ")}`);
printTables();
if (folder !== undefined) await printPackages(folder);
