import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { arch, cpus, homedir } from "node:os";
import { join } from "node:path";

/** What a measurement asks of an engine. */
export interface Measurable {
  /** Weighted ops that may go either way, by index, with their input tensors u8 and the greatest count that these may hold. */
  readonly ops: readonly { readonly index: number; readonly input: Uint8Array; readonly bound: number }[];
  /** Identifies the build and the network. */
  readonly identity: string;
  /** Runs an op (and the neuron that is fused to it) by the dense or the spike-driven kernels. */
  run(index: number, kernels: "dense" | "spikes"): void;
  set(index: number, crossover: number): void;
}

/** Inputs in 1024 that are not zero from which on an op goes dense, by op index. */
export type Crossovers = Readonly<Record<number, number>>;

/** Around where the kernels meet in most layers. */
const DENSITIES = [0.1, 0.4] as const;
/** Another number for another way of measuring: what was cached before is measured again. */
const METHOD = 4;
const RUNS = 9;
/** Chance of one spike more at a place that has one. */
const ANOTHER = 0.25;
/** Until the runtime has compiled the kernels for good. */
const WARM_UP_MILLIS = 250;
const MOST = 1024;

/**
 * Sets an engine's crossovers to what this machine measured for this network, now or earlier: outputs never depend on them, speed does.
 * Takes a third of a second the first time; the result is kept below the user's cache folder ($XDG_CACHE_HOME or ~/.cache), and a
 * cache that cannot be read or written only costs the measurement.
 */
export function tune(engine: Measurable, folder = cacheFolder()): Crossovers {
  const file = join(folder, `${keyOf(engine.identity)}.json`);
  const known = readCache(file, engine);
  const crossovers = known ?? measure(engine);
  for (const { index } of engine.ops) engine.set(index, crossovers[index]!);
  if (known === undefined) writeCache(folder, file, crossovers);
  return crossovers;
}

/** The dense kernel's time is level, the spike-driven one's rises with the spikes: where the two lines meet. */
function measure(engine: Measurable): Crossovers {
  const found: Record<number, number> = {};
  warmUp(engine);
  for (const { index, input, bound } of engine.ops) {
    const kept = input.slice();
    const [few, many] = DENSITIES.map((density) => {
      let spikes = 0;
      const prepare = (turn: number): void => void (spikes = fill(input, bound, density, turn));
      const timed = (kernels: "dense" | "spikes"): number => time(prepare, () => engine.run(index, kernels));
      return { spikes: timed("spikes"), dense: timed("dense"), share: spikes / input.length };
    }) as [Times, Times];
    input.set(kept);
    const dense = Math.min(few.dense, many.dense);
    const slope = (many.spikes - few.spikes) / (many.share - few.share);
    const meets = slope > 0 ? few.share + (dense - few.spikes) / slope : dense > few.spikes ? MOST : 0;
    found[index] = Math.round(Math.max(0, Math.min(MOST, meets * 1024)));
  }
  return found;
}

function warmUp({ ops, run }: Measurable): void {
  const until = performance.now() + (ops.length > 0 ? WARM_UP_MILLIS : 0);
  while (performance.now() < until)
    for (const { index, input, bound } of ops) {
      const kept = input.slice();
      fill(input, bound, DENSITIES[0], index);
      run(index, "spikes");
      run(index, "dense");
      input.set(kept);
    }
}

interface Times {
  readonly spikes: number;
  readonly dense: number;
  /** Of the inputs, not zero. */
  readonly share: number;
}

/** The least of some runs, ns: what others take of the machine only adds. Each has its own spikes, or their places would be foreseen. */
function time(prepare: (turn: number) => void, run: () => void): number {
  let least = Infinity;
  for (let turn = 0; turn < RUNS; turn++) {
    prepare(turn);
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least;
}

/** Counts at pseudo-random places, each greater one less likely. @returns how many */
function fill(input: Uint8Array, bound: number, density: number, seed: number): number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0, spikes = 0;
  const chance = (probability: number): boolean => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state < probability * 2 ** 32;
  };
  for (let i = 0; i < input.length; i++) {
    let count = chance(density) ? 1 : 0;
    while (count > 0 && count < bound && chance(ANOTHER)) count++;
    input[i] = count;
    if (count > 0) spikes++;
  }
  return spikes;
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "saccade", "crossovers");
}

/** The machine and the network: another processor or runtime measures anew. */
function keyOf(identity: string): string {
  return createHash("sha256").update([METHOD, arch(), cpus()[0]?.model, process.version, identity].join("\n")).digest("hex").slice(0, 32);
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
