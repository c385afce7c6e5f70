import { posix } from "node:path";

/**
 * Who may import what. The longest matching row wins; a row stands for the file of that name, or the folder and all below it that no
 * longer row takes. It may always import itself.
 */
export const MAY_IMPORT: readonly (readonly [from: string, to: readonly string[]])[] = [
  // The engine is integers only; the decoders' module, beside it, is not, and neither knows the other.
  ["assembly", []],
  ["assembly/decoders", []],
  ["firmware-bridge", []],
  // What also runs in a browser, and what simulates a device under Node.
  ["firmware-bridge/protocol", []],
  ["firmware-bridge/device", ["firmware-bridge/protocol"]],
  ["firmware-bridge/write-fields", ["firmware-bridge/protocol"]],
  ["firmware-bridge/engine", []],
  ["firmware-bridge/write-engine", ["firmware-bridge/engine"]],
  ["models", ["assembly/abi"]],
  // A stage knows no other stage.
  ["host/sources", ["host/mqtt", "host/types", "host/errors", "host/root", "assembly/abi"]],
  ["host/decoders", ["host/types", "host/errors", "host/root", "assembly/abi", "assembly/decoders/abi", "firmware-bridge/protocol"]],
  ["host/writers", ["host/types", "host/errors", "host/root", "assembly/abi", "firmware-bridge/protocol"]],
  ["host/framing", ["host/types", "host/errors", "host/root", "assembly/abi"]],
  ["host/engine", ["host/types", "host/errors", "host/root", "assembly/abi"]],
  ["host/heads", ["host/types", "host/errors", "host/root", "assembly/abi"]],
  ["host/publishers", ["host/mqtt", "host/types", "host/errors", "host/root", "assembly/abi"]],
  // One connection to a broker, for sources and publishers alike.
  ["host/mqtt", ["host/types", "host/errors"]],
  ["host/simulator", ["host/types", "host/errors", "host/root", "assembly/abi"]],
  ["host/demo-broker", ["host/types", "host/errors"]],
  ["host/denoise", ["host/types", "host/errors"]],
  ["host/sensors", ["host/types", "host/errors"]],
  // What may be configured is what there is: names of formats, rules of names.
  ["host/config", ["host/decoders", "host/publishers", "host/types", "host/errors", "host/root"]],
  // Looks at whatever a gateway needs.
  ["host/doctor", ["host", "models"]],
  // Raw chunks with their times, on disk.
  ["host/capture", ["host/sources", "host/types", "host/errors"]],
  ["host/types", ["models/package"]],
  ["host/errors", []],
  ["host/root", []],
  ["host/webassembly", []],
  // A recording is its source and its decoder, joined.
  ["host/recording", ["host/raw-recording", "host/sources", "host/decoders", "host/capture", "host/types", "host/errors"]],
  ["host/point-recording", ["host/raw-recording", "host/sources", "host/decoders", "host/capture", "host/types", "host/errors"]],
  ["host/raw-recording", ["host/decoders", "host/capture", "host/tally", "host/types", "host/errors"]],
  ["host/latency", []],
  ["host/tally", ["host/types"]],
  ["host/network", ["host", "models"]],
  ["host/pipeline", ["host", "models"]],
  ["host/gateway", ["host", "models", "assembly/abi"]],
  ["host/cli", ["host", "models", "assembly/abi"]],
  ["bench", ["host", "models", "assembly", "firmware-bridge", "test"]],
];

/** Rows whose imports are types alone: nothing of them runs. */
export const TYPES_ONLY: readonly string[] = ["host/types"];

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|new URL\(\s*"(\.[^"]+\.[jt]s)"/g;

/** Every import, re-export, dynamic import and worker file of a source text. */
export function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, fixed, dynamic, worker]) => ({
    specifier: (fixed ?? dynamic ?? worker)!,
    typeOnly: type !== undefined,
  }));
}

/** What a relative specifier names, from the root and without extension; undefined for packages and Node's own. */
export function resolved(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? withoutExtension(posix.join(posix.dirname(from), specifier)) : undefined;
}

/** The row that a file falls under. */
export function rowOf(file: string): readonly [from: string, to: readonly string[]] | undefined {
  return MAY_IMPORT.filter(([from]) => within(file, from)).sort(([a], [b]) => b.length - a.length)[0];
}

/** Why `file` may not import `target`, or undefined when it may. */
export function objection(file: string, target: string, typeOnly: boolean): string | undefined {
  const row = rowOf(file);
  if (row === undefined) return `${file} falls under no row of the import table`;
  const [from, to] = row;
  if (rowOf(target)?.[0] === from) return undefined;
  if (!to.some((allowed) => within(target, allowed))) return `${file} (row ${from}) imports ${target}`;
  return TYPES_ONLY.includes(from) && !typeOnly ? `${file} imports more than types from ${target}` : undefined;
}

function within(path: string, row: string): boolean {
  const bare = withoutExtension(path);
  return bare === row || bare.startsWith(`${row}/`);
}

function withoutExtension(path: string): string {
  return path.replace(/(?:\.d)?\.[jt]s$/, "");
}
