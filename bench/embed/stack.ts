import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Board } from "./boards.js";
import { compileEngine, type Needs } from "./image.js";

/** Calls of the API, in saccade.h's order. */
export const CALLS = [
  "saccade_load", "saccade_fault", "saccade_ram_wanted", "saccade_event", "saccade_events", "saccade_frame", "saccade_step",
  "saccade_begin_window", "saccade_reset", "saccade_output", "saccade_saturations", "saccade_events_outside", "saccade_frame_saturations",
  "saccade_version", "saccade_run_ops",
] as const;

const NODE = /^node: \{ title: "([^"]+)" label: "([^"]+)"/gm;
const EDGE = /^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm;
const FRAME = /\\n(\d+) bytes \((\w+)\)/;
/** libgcc's divisions and shifts say nothing of their stack: more than any of them takes on these cores. */
const LIBGCC_BYTES = 48;

/**
 * Bytes of stack that each call takes at most, whatever the network: the deepest way through the compiler's call graph.
 * @throws Error where the graph has a cycle or a frame of no fixed size
 */
export function deepestCalls(board: Board, needs: Needs, optimise = "-O2"): Readonly<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-stack-"));
  compileEngine({ board, needs, folder, optimise, extra: ["-fcallgraph-info=su"] });
  const graph = readFileSync(join(folder, "saccade.ci"), "utf8"), frames = new Map<string, number>(), callees = new Map<string, string[]>();
  for (const [, title, label] of graph.matchAll(NODE)) {
    const [, bytes, kind] = FRAME.exec(label!) ?? [];
    if (kind !== undefined && kind !== "static") throw new Error(`${title!} has a frame that is ${kind}`);
    frames.set(title!, bytes === undefined ? LIBGCC_BYTES : Number(bytes));
  }
  for (const [, from, to] of graph.matchAll(EDGE)) callees.set(from!, [...callees.get(from!) ?? [], to!]);
  const found = new Map<string, number>();
  const depthOf = (name: string, way: readonly string[]): number => {
    if (way.includes(name)) throw new Error(`${name} calls itself`);
    const known = found.get(name);
    if (known !== undefined) return known;
    const below = (callees.get(name) ?? []).map((callee) => depthOf(callee, [...way, name]));
    const depth = (frames.get(name) ?? LIBGCC_BYTES) + Math.max(0, ...below);
    found.set(name, depth);
    return depth;
  };
  return Object.fromEntries(CALLS.map((call) => {
    const title = [...frames.keys()].find((key) => key === call || key.endsWith(`:${call}`));
    if (title === undefined) throw new Error(`no ${call} in the call graph`);
    return [call, depthOf(title, [])];
  }));
}
