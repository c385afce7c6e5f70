/**
 * Times the native library (firmware-bridge/firmware/native) beside Node's engine on the same frames; outputs are compared first.
 * `node build/bench/embed/native.js`, after `npm run build:embedded`. Wants gcc.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectFrames } from "../../host/cli/bench-frames.js";
import { quantile } from "../../host/cli/measure.js";
import { table } from "../../host/cli/text.js";
import { Engine } from "../../host/engine/engine.js";
import { openPackage } from "../../host/network.js";
import { packageRoot } from "../../host/root.js";
import { blobOf, runTool } from "./image.js";
import { runNative } from "./native-run.js";
import { mobileLayers } from "../networks/layers.js";
import { sharedData } from "../../test/data.js";
import { makeNetwork } from "../networks/network.js";
import { sectionsOf } from "../networks/program.js";

const ROUNDS = 7, TURNS = 5;
const NATIVE = fileURLToPath(new URL("firmware-bridge/firmware/native/build.sh", packageRoot));
/** What a distribution ships, and what knows this one processor; the plain engine, and the one with vectors. */
const LIBRARIES = [
  { name: "library, plain, gcc -O3", flags: "-O3", simd: false },
  { name: "library, plain, gcc -O3 -march=native", flags: "-O3 -march=native", simd: false },
  { name: "library, SIMD, gcc -O3 -msse4.1", flags: "-O3 -msse4.1", simd: true },
  { name: "library, SIMD, gcc -O3 -march=native", flags: "-O3 -march=native", simd: true },
] as const;

/** A network, and frames of whole windows. */
interface Work {
  readonly name: string;
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
  readonly frames: Uint8Array;
  readonly steps: number;
  readonly window: number;
}

async function nmnist(): Promise<Work> {
  const pkg = await openPackage("nmnist");
  const data = sharedData("dvs/nmnist-small/test.json");
  const { frames, timesteps } = data === undefined ? pkg.selfTest : await collectFrames(pkg, new Engine(pkg.plan, pkg.constants), data, 40);
  return { name: "nmnist", plan: pkg.plan, constants: pkg.constants, frames, steps: timesteps, window: pkg.card.framing.timesteps };
}

function mobile(): Work {
  const network = makeNetwork({ layers: mobileLayers(128), neuron: "counts", density: 0.1, head: true, frames: 4, seed: 1 });
  return { name: "13.3 MMAC, 10 %", ...sectionsOf(network), frames: Buffer.concat(network.inputs), steps: network.inputs.length, window: 1 };
}

/** ns a step, the least of some passes. */
function timeHere(engine: Engine, { frames, steps, window }: Work): number {
  const stream = engine.stream(), size = engine.input.length;
  let least = Infinity;
  for (let turn = 0; turn < TURNS; turn++) {
    const from = performance.now();
    stream.reset();
    for (let t = 0; t < steps; t++) {
      if (t % window === 0) stream.beginWindow();
      engine.input.set(frames.subarray(t * size, (t + 1) * size));
      stream.step();
    }
    least = Math.min(least, performance.now() - from);
  }
  return (least * 1e6) / steps;
}

const folder = mkdtempSync(join(tmpdir(), "saccade-native-"));
try {
  const programs = LIBRARIES.map(({ name, flags, simd }) => {
    const out = join(folder, name.replaceAll(/\W+/g, "-"));
    runTool("env", [`CFLAGS=${flags}`, NATIVE, out, ...(simd ? ["simd"] : [])]);
    runTool("gcc", ["-std=c11", "-O2", `-I${out}`, "-o", join(out, "run"), fileURLToPath(new URL("bench/embed/c/native.c", packageRoot)), join(out, "libsaccade.a"), "-lm"]);
    return { name, program: join(out, "run") };
  });
  for (const work of [await nmnist(), mobile()]) {
    const [blob, frames] = [join(folder, "blob"), join(folder, "frames")];
    writeFileSync(blob, blobOf(work));
    writeFileSync(frames, work.frames);
    const engines = (["scalar", "simd"] as const).map((build) => ({ name: `Node, ${build}`, engine: new Engine(work.plan, work.constants, { build, tune: true }) }));
    const wanted = engines[0]!.engine.digest(work.frames, work.steps);
    const args = [blob, frames, `${work.steps}`, `${work.window}`];
    const digests = programs.map(({ program }) => createHash("sha256").update(runNative(program, args).logits).digest("hex"));
    if (digests.some((digest) => digest !== wanted)) throw new Error(`${work.name}: the library's outputs differ from Node's`);
    const times = new Map<string, number[]>();
    const note = (name: string, nanos: number): void => void times.set(name, [...(times.get(name) ?? []), nanos]);
    for (const { engine } of engines) for (let i = 0; i < 3; i++) timeHere(engine, work);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, engine } of engines) note(name, timeHere(engine, work));
      for (const { name, program } of programs) note(name, runNative(program, [...args, `${TURNS}`]).nanos);
    }
    const base = quantile(times.get("Node, simd")!, 0.5);
    process.stdout.write(`\n${work.name}: outputs equal, ${wanted.slice(0, 8)}\n${table([
      ["engine", "µs a step", "of Node's SIMD"],
      ...[...times].map(([name, each]) => [name, (quantile(each, 0.5) / 1000).toFixed(1), `${(base / quantile(each, 0.5)).toFixed(2)} ×`]),
    ])}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
