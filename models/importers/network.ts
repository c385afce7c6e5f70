import { createHash } from "node:crypto";
import { ModelError } from "../errors.js";
import { elements, type FloatGraph } from "../graph/graph.js";
import type { IntegerGraph } from "../graph/integer.js";
import type { Shape } from "../graph/shapes.js";
import { prepare } from "../passes/pipeline.js";
import { quantise } from "../quantise/quantise.js";
import { narrowWeights } from "../quantise/narrow.js";
import type { ImportReport } from "../quantise/report.js";
import { settleRule, type Assumption, type Rule, type RuleName } from "../quantise/rule.js";
import { INT8, type WeightChoice } from "../quantise/weight-choice.js";
import type { H5Group } from "./hdf5-tree.js";
import { readHdf5 } from "./hdf5.js";
import { graphOfLayers } from "./layers.js";
import { isNetx, readNetx } from "./netx.js";
import { isNir, readNir, type NirNetwork } from "./nir.js";
import { isZip } from "./stored-zip.js";
import { readTorchFile } from "./torch-file.js";

export interface NetworkOptions {
  /** What errors and the report call the file. */
  readonly name: string;
  readonly ruleName?: RuleName | undefined;
  /** The layers of a file that holds weights alone, as layers.ts says; the file is then PyTorch's. */
  readonly layers?: string | undefined;
  /** Options given one by one; they overrule the named rule. */
  readonly rule?: Partial<Rule> | undefined;
  /** NIR's order, [C, H, W] or [N]; overrules the file. */
  readonly inputShape?: readonly number[] | undefined;
  /** Greatest count of an input element in one timestep, 1..255; 127 keeps every SIMD path open. */
  readonly cap?: number | undefined;
  /** Real value that one count of the input stands for. */
  readonly inputScale?: number | undefined;
  /** i8 −1, 0, 1 instead of counts. */
  readonly signed?: boolean | undefined;
  readonly windowMicros?: number | undefined;
  readonly timesteps?: number | undefined;
  /** Default: all int8. */
  readonly weights?: WeightChoice | undefined;
  readonly searchScales?: boolean | undefined;
  readonly ranges?: ReadonlyMap<string, number> | undefined;
}

export interface ImportedNetwork {
  readonly graph: IntegerGraph;
  readonly report: ImportReport;
  /** [C, H, W] or [N]. */
  readonly inputShape: Shape;
  readonly cap: number;
  readonly timesteps: number;
  readonly windowMicros: number;
  /** Elements of the first output. */
  readonly outputs: number;
}

const DEFAULT_CAP = 127;
const DEFAULT_WINDOW_MICROS = 100_000;
const MAX_TIMESTEPS = 65536;

/**
 * A NIR or netx file, or a PyTorch state_dict with a list of its layers, as an integer graph, and a report of all that was assumed, folded and lost on the way.
 *
 * @throws ModelError NETWORK_CORRUPT, NETWORK_UNSUPPORTED, NETWORK_RANGE; nothing else, whatever the bytes
 */
export async function importNetwork(bytes: Uint8Array, options: NetworkOptions): Promise<ImportedNetwork> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (options.layers !== undefined) return fromLayers(bytes, options.layers, sha256, options);
  const tree = await readHdf5(bytes, options.name);
  if (isNir(tree)) return fromNir(tree, sha256, options);
  if (isNetx(tree)) return fromNetx(tree, sha256, options);
  throw new ModelError(
    "NETWORK_CORRUPT",
    `${options.name} is HDF5, but holds neither a NIR graph nor netx layers`,
    "give a .nir file, or a .net file of lava-dl",
  );
}

function fromNir(tree: H5Group, sha256: string, options: NetworkOptions): ImportedNetwork {
  return fromFloat({ ...readNir(tree), format: "nir" }, sha256, options);
}

function fromLayers(bytes: Uint8Array, layers: string, sha256: string, options: NetworkOptions): ImportedNetwork {
  if (!isZip(bytes))
    throw new ModelError(
      "NETWORK_CORRUPT",
      `${options.name} is no file of PyTorch 1.6 or later`,
      "save the weights with torch.save(net.state_dict(), file)",
    );
  const graph = graphOfLayers(layers, readTorchFile(bytes));
  return fromFloat({ graph, version: undefined, notes: [], format: "torch" }, sha256, options);
}

interface FloatNetwork extends NirNetwork {
  readonly format: "nir" | "torch";
}

function fromFloat({ graph, version, notes, format }: FloatNetwork, sha256: string, options: NetworkOptions): ImportedNetwork {
  const { rule: settled, assumptions } = settleRule(options.ruleName, options.rule ?? {}, isTimeless(graph));
  const { rule, timing } = settleTiming(settled, assumptions, options);
  const prepared = prepare(graph, { dt: rule.dt, inputShape: options.inputShape });
  const signed = options.signed === true;
  const cap = signed ? 1 : (options.cap ?? DEFAULT_CAP);
  const { timesteps, windowMicros } = timing;
  const {
    graph: integers,
    weights,
    neurons,
    requantised,
  } = quantise(prepared, {
    rule,
    timesteps,
    input: { dtype: signed ? "i8" : "u8", bound: cap, scale: options.inputScale ?? 1 },
    ...(options.weights && { weights: options.weights }),
    ...(options.searchScales !== undefined && { searchScales: options.searchScales }),
    ...(options.ranges && { ranges: options.ranges }),
  });
  const shapeOf = (type: "Input" | "Output"): Shape =>
    prepared.shapes.get([...prepared.graph.nodes].find(([, node]) => node.type === type)![0])!;
  return {
    graph: integers,
    inputShape: shapeOf("Input"),
    outputs: elements(shapeOf("Output")),
    cap,
    timesteps,
    windowMicros,
    report: {
      source: { format, version, sha256, file: options.name },
      rule: options.ruleName ?? "nir",
      assumptions: [...timing.assumptions, ...inputAssumptions(options, cap)],
      notes: [...notes, ...prepared.notes],
      weights,
      neurons,
      requantised,
      outputs: integers.outputs,
    },
  };
}

function fromNetx(tree: H5Group, sha256: string, options: NetworkOptions): ImportedNetwork {
  const { rule: settled, assumptions } = settleRule("lava", options.rule ?? {}, false);
  const refused = assumptions.find(({ from, option }) => from === "given" && option !== "dt");
  if (refused) {
    throw new ModelError(
      "NETWORK_UNSUPPORTED",
      `${options.name} is a netx file, whose rule is Lava's: --${refused.option.replaceAll("_", "-")} cannot change it`,
      "leave the option out",
    );
  }
  const { timing } = settleTiming(settled, assumptions, options);
  const cap = options.cap ?? DEFAULT_CAP;
  const input = options.signed === false ? "counts" : "drive";
  const { graph: read, inputShape, outputs, notes } = readNetx(tree, { input, cap, timesteps: timing.timesteps });
  const { graph, weights, notes: narrowed } = narrowWeights(read, options.weights ?? INT8);
  return {
    graph,
    inputShape,
    outputs,
    cap,
    timesteps: timing.timesteps,
    windowMicros: timing.windowMicros,
    report: {
      source: { format: "netx", sha256, file: options.name },
      rule: "lava",
      assumptions: [...timing.assumptions, ...inputAssumptions(options, cap)],
      notes: [...notes, ...narrowed],
      weights,
      neurons: [],
      requantised: [],
      outputs: graph.outputs,
    },
  };
}

/** Whether no node has a time constant or a delay, so that the network counts timesteps and not seconds. */
function isTimeless(graph: FloatGraph): boolean {
  return [...graph.nodes.values()].every((node) =>
    node.type === "NIRGraph" ? isTimeless(node.graph) : !("tau" in node || "tauMem" in node || node.type === "Delay"),
  );
}

function inputAssumptions(options: NetworkOptions, cap: number): Assumption[] {
  const from = (given: unknown): "given" | "assumed" => (given === undefined ? "assumed" : "given");
  return [
    { option: "cap", value: cap, from: from(options.cap) },
    { option: "input_scale", value: options.inputScale ?? 1, from: from(options.inputScale) },
  ];
}

interface Timing {
  readonly timesteps: number;
  readonly windowMicros: number;
  readonly assumptions: readonly Assumption[];
}

/** window = T · dt: two of them give the third; dt alone, or nothing, takes windows of 100 ms. */
function settleTiming(rule: Rule, assumptions: readonly Assumption[], options: NetworkOptions): { rule: Rule; timing: Timing } {
  const { windowMicros: window, timesteps: steps } = options;
  const dtGiven = options.rule?.dt !== undefined;
  if (window !== undefined && steps !== undefined && dtGiven && Math.abs(window - steps * rule.dt * 1e6) > 0.5) {
    throw new ModelError(
      "NETWORK_RANGE",
      `a window of ${window} µs is not ${steps} timesteps of ${rule.dt} s`,
      "leave out one of --window, --timesteps and --dt",
    );
  }
  const dt = window !== undefined && steps !== undefined ? window / steps / 1e6 : rule.dt;
  if (!(dt > 0 && Number.isFinite(dt))) throw new ModelError("NETWORK_RANGE", `a timestep of ${dt} s`, "give a positive --dt");
  const timesteps = steps ?? Math.max(1, Math.round((window ?? DEFAULT_WINDOW_MICROS) / 1e6 / dt));
  if (!Number.isInteger(timesteps) || timesteps < 1 || timesteps > MAX_TIMESTEPS) {
    throw new ModelError(
      "NETWORK_RANGE",
      `${timesteps} timesteps in a window, not 1..${MAX_TIMESTEPS}`,
      "give a shorter --window or a longer --dt",
    );
  }
  const windowMicros = Math.max(1, Math.round(window ?? timesteps * dt * 1e6));
  const said = assumptions.map((one): Assumption =>
    one.option === "dt" && dt !== rule.dt ? { option: "dt", value: dt, from: "given" } : one,
  );
  const from = (given: unknown): "given" | "assumed" => (given === undefined ? "assumed" : "given");
  return {
    rule: { ...rule, dt },
    timing: {
      timesteps,
      windowMicros,
      assumptions: [
        ...said,
        { option: "window", value: windowMicros, from: from(window) },
        { option: "timesteps", value: timesteps, from: from(steps) },
      ],
    },
  };
}
