import { BUILDS, type Build } from "../engine/builds.js";
import { Engine } from "../engine/engine.js";
import { usableBuilds } from "../engine/instance.js";
import type { LoadedPackage } from "../types.js";

/** Frames of whole windows, one behind the other: bytes of `timesteps` input tensors. */
export interface BenchFrames {
  readonly frames: Uint8Array;
  readonly timesteps: number;
}

/** Milliseconds that a build runs before it is timed, so that it is compiled for speed. */
const WARM_MILLIS = 150;
/** Fewest windows that a build runs before the next has its turn. */
const ROUND_WINDOWS = 32;

/** Durations of single windows, µs, by build: taken in turns, so that what else the machine does meets all builds alike. */
export interface Timed {
  readonly build: Build;
  readonly windowMicros: readonly number[];
  /** Mean of a window in each round, for ratios of builds within a round. */
  readonly roundMicros: readonly number[];
}

/** @param rounds how often each build has its turn */
export function timeBuilds(pkg: LoadedPackage, input: BenchFrames, rounds: number): Timed[] {
  const usable = new Set(usableBuilds());
  const runners = BUILDS.filter(build => usable.has(build)).map(build => {
    const engine = new Engine(pkg.plan, pkg.constants, { build, tune: true });
    return { build, engine, windowMicros: [] as number[], roundMicros: [] as number[] };
  });
  for (const { engine } of runners) {
    const until = performance.now() + WARM_MILLIS;
    while (performance.now() < until) runWindows(engine, input, []);
  }
  const passes = Math.ceil((ROUND_WINDOWS * runners[0]!.engine.timesteps) / input.timesteps);
  for (let round = 0; round < rounds; round++)
    for (const { engine, windowMicros, roundMicros } of runners) {
      const before = windowMicros.length;
      for (let pass = 0; pass < passes; pass++) runWindows(engine, input, windowMicros);
      roundMicros.push(mean(windowMicros.slice(before)));
    }
  return runners;
}

function runWindows(engine: Engine, { frames, timesteps }: BenchFrames, micros: number[]): void {
  const stream = engine.stream();
  const frameBytes = engine.input.length;
  stream.reset();
  for (let t = 0; t < timesteps; t += engine.timesteps) {
    const began = performance.now();
    stream.beginWindow();
    const past = Math.min(t + engine.timesteps, timesteps);
    for (let at = t; at < past; at++) {
      engine.input.set(frames.subarray(at * frameBytes, (at + 1) * frameBytes));
      stream.step();
    }
    micros.push((performance.now() - began) * 1000);
  }
}

/** What one op does in a timestep, on average. */
export interface OpMeasure {
  readonly micros: number;
  /** Its time is that of the op before, which runs it along. */
  readonly fused: boolean;
  readonly spikesIn: number;
  readonly synapticOperations: number;
  readonly macs: number;
  readonly saturations: number;
}

/** Each op by itself: its time in the given build (median of the rounds), its counters from a pass with the profile on. */
export function measureOps(pkg: LoadedPackage, input: BenchFrames, build: Build, rounds: number): OpMeasure[] {
  const timed = new Engine(pkg.plan, pkg.constants, { build, tune: true });
  const counted = new Engine(pkg.plan, pkg.constants, { build, profile: true });
  runWindows(counted, input, []);
  const byRound = Array.from({ length: rounds + 1 }, () => timeOps(timed, input)).slice(1);
  return counted.profile().map(({ index, spikesIn, synapticOperations, macs, saturations }) => ({
    fused: timed.fused[index - 1] ?? false,
    micros: median(byRound.map(round => round[index]!)),
    spikesIn: spikesIn / input.timesteps,
    synapticOperations: synapticOperations / input.timesteps,
    macs: macs / input.timesteps,
    saturations: saturations / input.timesteps,
  }));
}

/** @returns mean µs of each op in a timestep; 0 for those that the op before runs along */
function timeOps(engine: Engine, { frames, timesteps }: BenchFrames): number[] {
  const stream = engine.stream();
  const frameBytes = engine.input.length;
  const micros = engine.ops.map(() => 0);
  stream.reset();
  for (let t = 0; t < timesteps; t++) {
    if (t % engine.timesteps === 0) stream.beginWindow();
    engine.input.set(frames.subarray(t * frameBytes, (t + 1) * frameBytes));
    for (let op = 0, past = 0; op < micros.length; op = past) {
      for (past = op + 1; engine.fused[past - 1]!; past++);
      const began = performance.now();
      stream.runOps(op, past);
      micros[op]! += (performance.now() - began) * 1000;
    }
  }
  return micros.map(total => total / timesteps);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The least value that `share` of all are not above. @param values at least one */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1]!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
