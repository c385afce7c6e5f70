import { arch, cpus } from "node:os";
import type { Command } from "commander";
import { opName } from "../../models/package/op-names.js";
import type { PackageFile } from "../../models/package/reader.js";
import { loadEngine } from "../engine/engine.js";
import { collectFrames } from "./bench-frames.js";
import { measureOps, median, quantile, timeBuilds, type BenchFrames, type OpMeasure, type Timed } from "./measure.js";
import { openPackage } from "../network.js";
import { parseWhole } from "./parse.js";
import { table, whole } from "./text.js";

interface BenchOptions {
  readonly data?: string;
  readonly windows: number;
  readonly rounds: number;
  readonly json?: boolean;
}

/** Energy of an accumulate and of a multiply-accumulate, pJ: 45 nm, 32-bit float. Source: Horowitz, ISSCC 2014, as the field uses it. */
export const PICOJOULES = { accumulate: 0.9, multiplyAccumulate: 4.6 } as const;
const LEAST_ROUNDS = 15;

/** `saccade bench`: what a step costs, op by op and build by build. */
export function addBench(program: Command): void {
  program
    .command("bench")
    .description("time a package on this machine, op by op and build by build")
    .argument("[package]", "a package file, or the name of one in the zoo", "nmnist")
    .option("--data <dataset>", "frames from these recordings; default the package's self-test")
    .option("--windows <n>", "windows to take from the data set", parseWhole(1), 32)
    .option("--rounds <n>", `rounds in which the builds take turns, at least ${LEAST_ROUNDS}`, parseWhole(LEAST_ROUNDS), 25)
    .option("--json", "print JSON")
    .action(bench);
}

async function bench(named: string, options: BenchOptions): Promise<void> {
  const pkg = await openPackage(named);
  const engine = await loadEngine(pkg);
  const input = options.data === undefined ? pkg.selfTest : await collectFrames(pkg, engine, options.data, options.windows);
  const builds = timeBuilds(pkg, input, options.rounds);
  const report = reportOf(pkg, engine, input, builds, measureOps(pkg, input, engine.build, options.rounds));
  process.stdout.write(options.json ? `${JSON.stringify(report, rounded)}\n` : reportText(report));
}

type Report = ReturnType<typeof reportOf>;

function reportOf(
  { card, digest, view, names }: PackageFile, engine: { build: string; timesteps: number; arenaBytes: number; stateBytes: number },
  input: BenchFrames, builds: readonly Timed[], ops: readonly OpMeasure[],
) {
  const [scalar] = builds as [Timed];
  const sum = (of: (op: OpMeasure) => number): number => ops.reduce((total, op) => total + of(op), 0);
  const sops = sum(op => op.synapticOperations);
  const macs = sum(op => op.macs);
  return {
    package: { name: card.name, version: card.version, sha256: digest },
    machine: { cpu: cpus()[0]?.model.trim() ?? "unknown", arch: arch(), node: process.version },
    build: engine.build,
    arena_bytes: engine.arenaBytes,
    state_bytes: engine.stateBytes,
    timesteps: engine.timesteps,
    windows: Math.ceil(input.timesteps / engine.timesteps),
    rounds: scalar.roundMicros.length,
    windows_a_round: scalar.windowMicros.length / scalar.roundMicros.length,
    builds: builds.map(({ build, windowMicros, roundMicros }) => ({
      build,
      window_us: { p50: quantile(windowMicros, 0.5), p99: quantile(windowMicros, 0.99) },
      step_us: { p50: quantile(windowMicros, 0.5) / engine.timesteps, p99: quantile(windowMicros, 0.99) / engine.timesteps },
      times_scalar: median(roundMicros.map((micros, round) => scalar.roundMicros[round]! / micros)),
    })),
    ops: ops.map((measure, index) => {
      const { op, words } = view.program.ops[index]!;
      return {
        index,
        op: opName(op, words),
        name: names.ops[index]!,
        us: measure.micros,
        fused: measure.fused,
        spikes_in: measure.spikesIn,
        sops: measure.synapticOperations,
        macs: measure.macs,
        saturations: measure.saturations,
      };
    }),
    step: { sops, macs, activity: macs === 0 ? 0 : sops / macs, us: sum(op => op.micros) },
    energy_estimate_nj: {
      spikes: (sops * PICOJOULES.accumulate) / 1000,
      dense: (macs * PICOJOULES.multiplyAccumulate) / 1000,
      basis: "per step: 0.9 pJ an accumulate, 4.6 pJ a MAC, 45 nm",
    },
  };
}

/** Measured numbers to three decimals. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

function reportText(report: Report): string {
  const { step, energy_estimate_nj: energy } = report;
  const fixed = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  const ops = report.ops.map(op => [
    op.index, op.op, op.name, ...(op.fused ? ["with", op.index - 1] : [fixed(op.us), `${((100 * op.us) / step.us).toFixed(1)} %`]),
    Math.round(op.spikes_in), Math.round(op.sops), Math.round(op.macs),
  ]);
  const builds = report.builds.map(({ build, step_us, window_us, times_scalar }) => [
    build === report.build ? `${build} (chosen)` : build,
    fixed(step_us.p50), fixed(step_us.p99), fixed(window_us.p50), fixed(window_us.p99), `${times_scalar.toFixed(2)}x`,
  ]);
  return (
    `${report.package.name} ${report.package.version} on ${report.machine.cpu}, ${report.machine.arch}, Node ${report.machine.node}\n` +
    `arena ${whole(report.arena_bytes)} bytes, state ${whole(report.state_bytes)} bytes, ${report.timesteps} timesteps a window\n\n` +
    table([["op", "kind", "name", "µs a step", "share", "spikes in", "SOPs", "MACs"], ...ops]) +
    `\n${report.rounds} rounds of ${report.windows_a_round} windows, the builds in turns; µs\n` +
    table([["build", "step p50", "step p99", "window p50", "window p99", "speed"], ...builds]) +
    `\na step: ${whole(Math.round(step.sops))} SOPs of ${whole(Math.round(step.macs))} MACs (${(100 * step.activity).toFixed(1)} %)\n` +
    `energy, an estimate beside ${fixed(step.us)} µs measured: ${fixed(energy.spikes)} nJ a step in accumulates (0.9 pJ each), ` +
    `${fixed(energy.dense)} nJ for the dense form (4.6 pJ a MAC)\n`
  );
}
