import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchFrames } from "../host/cli/measure.js";
import { openPackage } from "../host/network.js";
import { Engine } from "../host/engine/engine.js";
import { packageRoot } from "../host/root.js";
import type { LoadedPackage } from "../host/types.js";
import { CHECKPOINT, DATASET, framesOf } from "./nmnist.js";
import { figure, type Settings, type Table } from "./result.js";
import { inRounds, type Runner } from "./rounds.js";

/** The zoo's N-MNIST network with weights of one width. */
export interface ScoreRow {
  readonly weights: string;
  readonly package_bytes: number;
  /** Plan and constants, as a device keeps them. */
  readonly bytes: number;
  readonly window_us: number;
  /** Of the test recordings, by `saccade eval`; null without them. */
  readonly accuracy: number | null;
  readonly n: number;
}

const CLI = fileURLToPath(new URL("build/host/cli/main.js", packageRoot));
const ZOO = fileURLToPath(new URL("models/zoo/", packageRoot));

function saccade(...args: readonly string[]): string {
  return execFileSync(process.execPath, [CLI, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** As it is shipped, its int8 weights rounded to int4 by `saccade import`, and trained on with int4 weights. */
export async function scoreRows({ rounds }: Settings): Promise<ScoreRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-weights-"));
  try {
    const rounded = join(folder, "rounded.saccade");
    saccade("import", fileURLToPath(CHECKPOINT), "--weights", "int4", "-o", rounded, "--json");
    const files = [["int8", `${ZOO}nmnist.saccade`], ["int4, rounded from int8", rounded], ["int4, trained on", `${ZOO}nmnist-int4.saccade`]] as const;
    const packages = await Promise.all(files.map(([, file]) => openPackage(file)));
    const frames = await framesOf(packages[0]!);
    const timings = await inRounds(packages.map((pkg, i) => runnerOf(files[i]![0], pkg, frames)), rounds);
    return files.map(([weights, file], i) => {
      const { plan, constants } = packages[i]!;
      const score = existsSync(DATASET)
        ? (JSON.parse(saccade("eval", file, "--data", DATASET, "--json")) as { value: number; n: number }) : undefined;
      return {
        weights, package_bytes: statSync(file).size, bytes: plan.length + constants.length, window_us: timings[i]!.median * 1e6,
        accuracy: score?.value ?? null, n: score?.n ?? 0,
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A window of all its timesteps. */
function runnerOf(name: string, { plan, constants, card }: LoadedPackage, { frames, timesteps: steps }: BenchFrames): Runner {
  const engine = new Engine(plan, constants, { tune: true }), stream = engine.stream(), { timesteps } = card.framing;
  const bytes = engine.input.length;
  let at = 0;
  return {
    name,
    run(n) {
      const began = performance.now();
      for (let i = 0; i < n; i++) {
        stream.beginWindow();
        for (let step = 0; step < timesteps; step++) {
          engine.input.set(frames.subarray(at * bytes, (at + 1) * bytes));
          stream.step();
          at = at + 1 === steps ? 0 : at + 1;
        }
      }
      return (performance.now() - began) / 1000;
    },
  };
}

export function scoreTable(rows: readonly ScoreRow[]): Table {
  return {
    title: "N-MNIST network",
    rows: [
      ["weights", "package bytes", "plan and constants", "µs a window", "right of the test recordings"],
      ...rows.map(({ weights, package_bytes, bytes, window_us, accuracy, n }) =>
        [weights, package_bytes, bytes, figure(window_us), accuracy === null ? "not there" : `${(100 * accuracy).toFixed(1)} % of ${n}`]),
    ],
  };
}
