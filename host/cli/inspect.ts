import { Option, type Command } from "commander";
import { CORES } from "../../models/export/boards.js";
import type { Card } from "../../models/package/card.js";
import { opCost } from "../../models/package/cost.js";
import { dtypeName } from "../../models/package/lowering/ranges.js";
import { opName } from "../../models/package/op-names.js";
import type { ProgramTensor } from "../../models/package/program.js";
import type { PackageFile } from "../../models/package/reader.js";
import { openPackage } from "../network.js";
import { addTargetOptions, ANY_CORE, mustFit, targetJson, targetOf, targetText, type TargetOptions } from "./target-options.js";
import { table, whole } from "./text.js";

/** [h, w, c] */
export type Shape = readonly [h: number, w: number, c: number];

export interface InspectedOp {
  readonly index: number;
  readonly op: string;
  /** The graph node that it comes from. */
  readonly name: string;
  /** null for a DelayRead, which takes its input from the state. */
  readonly in: Shape | null;
  /** null for a DelayWrite. */
  readonly out: Shape | null;
  /** Of the output; of the input for a DelayWrite. */
  readonly dtype: string;
  readonly parameters: number;
  readonly bytes: number;
  /** One timestep. */
  readonly macs: number;
}

/** The contract of `saccade inspect --json`. */
export interface Inspection {
  readonly name: string;
  readonly version: string;
  readonly task: Card["task"];
  readonly labels: readonly string[];
  readonly sensor: Card["sensor"];
  /** Absent when nothing is taken out of events. */
  readonly denoise?: Card["denoise"];
  readonly framing: Card["framing"];
  readonly ops: readonly InspectedOp[];
  readonly parameters: number;
  readonly constants_bytes: number;
  readonly plan_bytes: number;
  readonly arena_bytes: number;
  readonly state_bytes: number;
  /** One timestep. */
  readonly macs: number;
  readonly macs_per_window: number;
  readonly scores: Card["scores"];
  /** null, or what is known of the signature without checking it. */
  readonly signature: { readonly format: "COSE_Sign1"; readonly bytes: number } | null;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly import_report?: unknown;
}

/** What a package says of itself: card, ops, sizes. */
export function inspect(pkg: PackageFile): Inspection {
  const { card, view, signature } = pkg;
  const ops = inspectOps(pkg);
  const sum = (of: (op: InspectedOp) => number) => ops.reduce((total, op) => total + of(op), 0);
  const macs = sum((op) => op.macs);
  const report = importReport(pkg.graph);
  return {
    name: card.name,
    version: card.version,
    task: card.task,
    labels: card.labels,
    sensor: card.sensor,
    ...(card.denoise === undefined ? {} : { denoise: card.denoise }),
    framing: card.framing,
    ops,
    parameters: sum((op) => op.parameters),
    constants_bytes: pkg.constants.byteLength,
    plan_bytes: pkg.plan.byteLength,
    arena_bytes: view.memory.arenaBytes,
    state_bytes: view.program.stateBytes,
    macs,
    macs_per_window: macs * view.program.timesteps,
    scores: card.scores,
    signature: signature === undefined ? null : { format: "COSE_Sign1", bytes: signature.byteLength },
    digest: pkg.digest,
    ...(report === undefined ? {} : { import_report: report }),
  };
}

function inspectOps({ view: { program }, names }: PackageFile): InspectedOp[] {
  const tensor = (index: number | undefined) => (index === undefined ? undefined : program.tensors[index]);
  return program.ops.map((op, index) => {
    const from = tensor(op.a);
    const to = tensor(op.out);
    const typed = to ?? from;
    return {
      index, op: opName(op.op, op.words), name: names.ops[index]!, in: shapeOf(from), out: shapeOf(to),
      dtype: typed === undefined ? "" : dtypeName(typed.dtype), ...opCost(program, op),
    };
  });
}

function shapeOf(tensor: ProgramTensor | undefined): Shape | null {
  return tensor === undefined ? null : [tensor.h, tensor.w, tensor.c];
}

/** `import_report` of the package's graph, where an importer has left one. */
function importReport(graph: unknown): unknown {
  return graph !== null && typeof graph === "object" && "import_report" in graph ? graph.import_report : undefined;
}

/** `saccade inspect PKG`: what a package holds and what it costs. */
export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("show a package's card, ops, sizes and costs, and whether it fits a microcontroller")
    .argument("<package>", "a package file, or the name of one in the zoo")
    .addOption(new Option("--target <core>", "what it takes on a microcontroller").choices([ANY_CORE, ...CORES]));
  addTargetOptions(command)
    .option("--json", "print one JSON object")
    .action(async (named: string, options: InspectOptions) => {
      const pkg = await openPackage(named);
      const inspection = inspect(pkg), wanted = [options.target, options.board, options.flash, options.ram].some((option) => option !== undefined);
      const target = targetOf(options, options.target), found = wanted ? mustFit(pkg, target) : undefined;
      if (options.json) process.stdout.write(`${JSON.stringify({ ...inspection, ...(found && { target: targetJson(target, found) }) })}\n`);
      else process.stdout.write(`${describe(inspection)}${found ? `\n${targetText(target, found)}\n` : ""}`);
    });
}

interface InspectOptions extends TargetOptions {
  readonly target?: string;
  readonly json?: boolean;
}

const GREATEST_LABELS_SHOWN = 20;

function describe(found: Inspection): string {
  const { sensor, denoise, framing, labels, scores } = found;
  const shown = labels.slice(0, GREATEST_LABELS_SHOWN).join(", ") + (labels.length > GREATEST_LABELS_SHOWN ? ", …" : "");
  const lines = [
    `${found.name} ${found.version}, ${found.task === "none" ? "no task" : `${found.task} of ${labels.length} labels: ${shown}`}`,
    `sensor      ${sensor.kind === "dvs" ? `DVS ${sensor.width} × ${sensor.height}` : "none"}`,
    ...(denoise === undefined ? [] : [`without     ${denoiseText(denoise)}`]),
    `window      ${windowText(framing)}; ${framing.timesteps} timesteps of ${framing.frame} up to ${framing.cap}; state ${framing.state}`,
    `parameters  ${whole(found.parameters)}; ${whole(found.macs)} MAC a timestep, ${whole(found.macs_per_window)} a window`,
    `bytes       constants ${whole(found.constants_bytes)}, plan ${whole(found.plan_bytes)}, arena ${whole(found.arena_bytes)}, ` +
      `state of a stream ${whole(found.state_bytes)}`,
    ...scores.map(({ metric, value, n, data }) => `score       ${metric} ${value} on ${whole(n)} of ${data}`),
    `signature   ${found.signature === null ? "none" : `${found.signature.format}, not checked here`}`,
    `digest      ${found.digest}`,
    ...(found.import_report === undefined ? [] : ["imported    see import_report of --json"]),
  ];
  return `${lines.join("\n")}\n\n${opTable(found.ops)}`;
}

function denoiseText({ backgroundActivityMicros, refractoryMicros, hotPixelRate }: NonNullable<Card["denoise"]>): string {
  const parts = [
    hotPixelRate === undefined ? undefined : `pixels beyond ${whole(hotPixelRate)} events a second`,
    backgroundActivityMicros === undefined ? undefined : `events without a neighbour's within ${whole(backgroundActivityMicros)} µs`,
    refractoryMicros === undefined ? undefined : `events within ${whole(refractoryMicros)} µs of another of their pixel`,
  ];
  return parts.filter((part) => part !== undefined).join("; ");
}

function windowText({ kind, windowMicros, windowEvents, maxLatencyMicros }: Card["framing"]): string {
  const parts = [
    windowMicros === undefined ? undefined : `${whole(windowMicros)} µs`,
    windowEvents === undefined ? undefined : `${whole(windowEvents)} events`,
    maxLatencyMicros === undefined ? undefined : `at most ${whole(maxLatencyMicros)} µs`,
  ];
  return `by ${kind}: ${parts.filter((part) => part !== undefined).join(", ")}`;
}

function opTable(ops: readonly InspectedOp[]): string {
  const shape = (dims: Shape | null) => (dims === null ? "state" : dims.join("×"));
  const rows = ops.map((op) => [op.index, op.op, op.name, shape(op.in), shape(op.out), op.dtype, op.parameters, op.bytes, op.macs]);
  return table([["#", "op", "node", "in", "out", "dtype", "parameters", "bytes", "MAC"], ...rows]);
}
