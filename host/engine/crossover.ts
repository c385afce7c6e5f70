import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { arch, cpus, homedir } from "node:os";
import { join } from "node:path";

/** What a measurement asks of an engine. */
export interface Measurable {
  /** Weighted ops that may go either way, by index, with their input tensors u8. */
  readonly ops: readonly { readonly index: number; readonly input: Uint8Array }[];
  /** Identifies the build and the network. */
  readonly identity: string;
  /** Runs an op (and the neuron that is fused to it) by the dense or the spike-driven kernels. */
  run(index: number, kernels: "dense" | "spikes"): void;
  set(index: number, crossover: number): void;
}

/** Spikes in 1024 inputs from which on an op goes dense, by op index. */
export type Crossovers = Readonly<Record<number, number>>;

/** Around where the kernels meet in most layers. */
const DENSITIES = [0.1, 0.4] as const;
const RUNS = 9;
/** Until the runtime has compiled the kernels for good. */
const WARM_UP_MILLIS = 250;
const MOST = 2048;

/**
 * Sets an engine's crossovers to what this machine measured for this network, now or earlier: outputs never depend on them, speed does.
 * Takes a third of a second the first time; the result is kept below the user's cache folder ($XDG_CACHE_HOME or ~/.cache), and a
 * cache that cannot be read or written only costs the measurement.
 */
export function tune(engine: Measurable, folder = cacheFolder()): Crossovers {
  const file = join(folder, `${keyOf(engine.identity)}.json`);
  const crossovers = readCache(file, engine) ?? measure(engine);
  for (const { index } of engine.ops) engine.set(index, crossovers[index]!);
  writeCache(folder, file, crossovers);
  return crossovers;
}

/** The dense kernel's time is level, the spike-driven one's rises with the spikes: where the two lines meet. */
function measure(engine: Measurable): Crossovers {
  const found: Record<number, number> = {};
  warmUp(engine);
  for (const { index, input } of engine.ops) {
    const kept = input.slice();
    const [few, many] = DENSITIES.map((density) => {
      fill(input, density);
      return { spikes: time(() => engine.run(index, "spikes")), dense: time(() => engine.run(index, "dense")) };
    }) as [Times, Times];
    input.set(kept);
    const dense = Math.min(few.dense, many.dense);
    const slope = (many.spikes - few.spikes) / (DENSITIES[1] - DENSITIES[0]);
    const meets = slope > 0 ? DENSITIES[0] + (dense - few.spikes) / slope : dense > few.spikes ? MOST : 0;
    found[index] = Math.round(Math.max(0, Math.min(MOST, meets * 1024)));
  }
  return found;
}

function warmUp({ ops, run }: Measurable): void {
  const until = performance.now() + (ops.length > 0 ? WARM_UP_MILLIS : 0);
  while (performance.now() < until)
    for (const { index, input } of ops) {
      const kept = input.slice();
      fill(input, DENSITIES[0]);
      run(index, "spikes");
      run(index, "dense");
      input.set(kept);
    }
}

interface Times {
  readonly spikes: number;
  readonly dense: number;
}

/** The least of some runs, ns: what others take of the machine only adds. */
function time(run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least;
}

/** Single spikes at pseudo-random places. */
function fill(input: Uint8Array, density: number): void {
  let state = 1;
  for (let i = 0; i < input.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    input[i] = state < density * 2 ** 32 ? 1 : 0;
  }
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "saccade", "crossovers");
}

/** The machine and the network: another processor or runtime measures anew. */
function keyOf(identity: string): string {
  return createHash("sha256").update([arch(), cpus()[0]?.model, process.version, identity].join("\n")).digest("hex").slice(0, 32);
}

function readCache(file: string, { ops }: Measurable): Crossovers | undefined {
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const sound = ops.every(({ index }) => Number.isInteger(read[index]) && Number(read[index]) >= 0 && Number(read[index]) <= MOST);
    return sound ? (read as Crossovers) : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(folder: string, file: string, crossovers: Crossovers): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(crossovers));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A read-only home: measured again next time.
  }
}
