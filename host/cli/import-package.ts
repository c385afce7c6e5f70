import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import { FrameKind } from "../../assembly/abi.js";
import type { IntegerGraph } from "../../models/graph/integer.js";
import { readCheckpoint } from "../../models/importers/checkpoint.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork, type ImportedNetwork, type NetworkOptions } from "../../models/importers/network.js";
import type { Card } from "../../models/package/card.js";
import { FRAME_KINDS } from "../../models/package/card-check.js";
import { lower } from "../../models/package/lower.js";
import type { Program } from "../../models/package/program.js";
import { makeSelfTest } from "../../models/package/self-test.js";
import { buildPackage } from "../../models/package/writer.js";
import { narrowWeights } from "../../models/quantise/narrow.js";
import type { ImportReport } from "../../models/quantise/report.js";
import { Engine } from "../engine/engine.js";

/** What a user says of the package, beside how the network is read. */
export interface CardOptions {
  readonly name: string;
  readonly labels: readonly string[] | undefined;
  readonly state: "keep" | "reset";
  readonly licence: string;
}

export interface Imported {
  readonly graph: IntegerGraph;
  readonly card: Card;
  /** undefined for a checkpoint of our own that is taken as it is: its numbers are integers already. */
  readonly report: ImportReport | undefined;
}

/** A network file of any kind that we read; the kind is told by its first bytes. */
export async function readNetworkFile(bytes: Uint8Array, network: NetworkOptions, card: CardOptions): Promise<Imported> {
  if (isSafetensors(bytes)) return fromCheckpoint(bytes, network);
  try {
    const imported = await importNetwork(bytes, network);
    return { graph: imported.graph, card: cardOf(imported, network, card), report: imported.report };
  } finally {
    await stopHdf5();
  }
}

/** A checkpoint is taken as it is, unless weights of another width are wanted: then it is another network, which nobody has scored. */
function fromCheckpoint(bytes: Uint8Array, { name, weights: choice }: NetworkOptions): Imported {
  const { graph: read, card } = readCheckpoint(bytes);
  if (choice === undefined) return { graph: read, card, report: undefined };
  const { graph, weights, notes } = narrowWeights(read, choice);
  if (weights.length + notes.length === 0) return { graph, card, report: undefined };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const provenance = { ...card.provenance, weights: `int4, rounded after training: ${weights.map(({ node }) => node).join(", ")}` };
  const report: ImportReport = {
    source: { format: "checkpoint", sha256, file: name }, rule: "saccade", assumptions: [], notes, weights, neurons: [], requantised: [],
    outputs: graph.outputs,
  };
  return { graph, card: weights.length === 0 ? card : { ...card, provenance, scores: [] }, report };
}

/** A u64 header length that fits the file, then JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9 || bytes[8] !== 0x7b) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) <= BigInt(bytes.length - 8);
}

/** The plan-to-be of an import; `inner` nodes become further outputs. */
export function programOf({ graph, card: { framing, sensor } }: Imported, inner: readonly string[] = []): Program {
  const frame = sensor.kind === "none" ? FrameKind.None : FRAME_KINDS[framing.frame];
  return lower(
    { nodes: graph.nodes, outputs: [...graph.outputs, ...inner] },
    { timesteps: framing.timesteps, frame, frameCap: framing.cap, ...(sensor.kind === "none" ? {} : { sensor }) },
  );
}

/** The package file's bytes, its self-test made by the engine of this machine. */
export async function packageBytes(imported: Imported): Promise<Uint8Array> {
  const program = programOf(imported);
  const selfTest = await makeSelfTest(program, (plan, constants, frames, timesteps) =>
    new Engine(plan, constants).digest(frames, timesteps),
  );
  const nodes = imported.graph.nodes.map((node) => ({
    name: node.name,
    type: node.type,
    inputs: "inputs" in node ? node.inputs : "input" in node ? [node.input] : [],
  }));
  const graph = { nodes, outputs: imported.graph.outputs, import_report: imported.report };
  return buildPackage({ program, card: imported.card, graph, selfTest });
}

/** Two channels are OFF and ON counts of a DVS, one signed channel is its last polarity; anything else is no event sensor's. */
function cardOf(imported: ImportedNetwork, { signed }: NetworkOptions, { name, labels, state, licence }: CardOptions): Card {
  const { inputShape, report, windowMicros, timesteps, cap, graph } = imported;
  const [c, h, w] = inputShape as [number, number, number];
  const dvs =
    inputShape.length === 3 &&
    c === (signed ? 1 : 2) &&
    graph.nodes.some((node) => node.type === "Input" && node.dtype === (signed ? "i8" : "u8"));
  return {
    name,
    version: "1.0.0",
    task: dvs || labels !== undefined ? "classification" : "none",
    labels: labels ?? (dvs ? Array.from({ length: imported.outputs }, (_, i) => String(i)) : []),
    sensor: dvs ? { kind: "dvs", width: w, height: h } : { kind: "none" },
    framing: { kind: "time", windowMicros, timesteps, frame: signed ? "last-polarity" : "counts", cap, state },
    vote: { wins: 1, of: 1 },
    licence,
    provenance: {
      source: report.source.file ?? "",
      source_sha256: report.source.sha256 ?? "",
      format: report.source.format,
      rule: report.rule,
      ...Object.fromEntries(report.assumptions.map(({ option, value }) => [option, String(value)])),
    },
    scores: [],
  };
}

/** The file's name without its folder and extension. */
export function stem(path: string): string {
  return basename(path, extname(path));
}
