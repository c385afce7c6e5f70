import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../host/root.js";
import { figure, type Result } from "./result.js";

/** What `saccade bench --json` prints, as far as it is shown here. */
interface Report {
  readonly package: { readonly name: string };
  readonly arena_bytes: number;
  readonly builds: readonly {
    readonly build: string;
    readonly step_us: { readonly p50: number; readonly p99: number };
    readonly times_scalar: number;
  }[];
  readonly ops: readonly {
    readonly op: string;
    readonly name: string;
    readonly us: number;
    readonly sops: number;
    readonly macs: number;
  }[];
}

/** The zoo's package build by build and op by op: `saccade bench nmnist`. */
export async function engineResult(): Promise<Result> {
  const program = fileURLToPath(new URL("build/host/cli/main.js", packageRoot));
  const report = JSON.parse(execFileSync(process.execPath, [program, "bench", "nmnist", "--json"], { encoding: "utf8" })) as Report;
  const simd = report.builds.find(({ build }) => build === "simd");
  return {
    tables: [
      {
        title: `package ${report.package.name}, a timestep`,
        rows: [["build", "µs", "p99", "speed"],
          ...report.builds.map(({ build, step_us: { p50, p99 }, times_scalar: times }) => [build, figure(p50), figure(p99), `${figure(times)}×`])],
      },
      {
        title: "op by op",
        rows: [["op", "name", "µs", "SOPs", "MACs"],
          ...report.ops.map(({ op, name, us, sops, macs }) => [op, name, figure(us), Math.round(sops), Math.round(macs)])],
      },
    ],
    figures: report,
    marks: [
      { name: "arena of the N-MNIST package", unit: "bytes", wanted: 262144, atMost: true, found: report.arena_bytes },
      { name: "N-MNIST package, SIMD against scalar", unit: "×", wanted: 5, found: simd?.times_scalar },
    ],
  };
}
