import { arch, cpus, release, totalmem } from "node:os";

/** What a figure was measured on. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly os: string;
  readonly arch: string;
  readonly node: string;
  readonly v8: string;
}

export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release()}`,
    arch: arch(),
    node: process.version,
    v8: process.versions.v8,
  };
}

/** One line, for people. */
export function machineText({ date, cpu, cores, os, arch, node }: Machine): string {
  return `${date}, ${cpu}, ${cores} cores, ${arch}, ${os}, Node ${node}`;
}
