import { createHash } from "node:crypto";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { WeightBits } from "../../models/graph/integer.js";
import type { NetworkOptions } from "../../models/importers/network.js";
import { planOf } from "../../models/package/writer.js";
import type { ImportReport } from "../../models/quantise/report.js";
import { RULES, type Rule, type RuleName } from "../../models/quantise/rule.js";
import type { WeightChoice } from "../../models/quantise/weight-choice.js";
import { writeFileWhole } from "../writers/file-sink.js";
import { calibrate } from "./import-calibrate.js";
import { packageBytes, programOf, readNetworkFile, stem, type CardOptions, type Imported } from "./import-package.js";
import { readInputFile } from "../sources/input-file.js";
import { checkOutput } from "./output-file.js";
import { parseWhole } from "./parse.js";
import { table, whole } from "./text.js";

interface ImportOptions {
  readonly output: string;
  readonly layers?: string;
  readonly name?: string;
  readonly rule?: RuleName;
  readonly dt?: number;
  readonly decay?: Rule["decay"];
  readonly gain?: Rule["gain"];
  readonly integrate?: Rule["integrate"];
  readonly order?: Rule["order"];
  readonly comparison?: Rule["comparison"];
  readonly reset?: Rule["reset"];
  readonly resetTiming?: Rule["resetTiming"];
  readonly spikes?: number;
  readonly cuba?: Rule["cuba"];
  readonly vMin?: Rule["vMin"];
  readonly arithmetic?: Rule["arithmetic"];
  readonly input?: readonly number[];
  readonly inputScale?: number;
  readonly frame?: "counts" | "last-polarity";
  readonly cap?: number;
  readonly window?: number;
  readonly timesteps?: number;
  readonly weights?: WeightChoice;
  readonly weightScale?: "max" | "mse";
  readonly calibrate?: string;
  readonly labels?: readonly string[];
  readonly state: "keep" | "reset";
  readonly licence: string;
  readonly json?: boolean;
}

const choice = (flags: string, description: string, values: readonly string[]): Option => new Option(flags, description).choices(values);

/** `saccade import FILE -o PKG`: a trained network of another framework as a package, and a report of what that took. */
export function addImport(program: Command): void {
  program
    .command("import")
    .description("make a package of a trained network: NIR, lava-dl netx, PyTorch weights, or a checkpoint of our own training")
    .argument("<file>", "a .nir, .net, .pt, .pth or .safetensors file")
    .requiredOption("-o, --output <package>", "the package file to write")
    .option("--layers <file>", "JSON that says of which layers PyTorch's weights are")
    .option("--name <name>", "the package's name; default the output's")
    .addOption(choice("--rule <framework>", "run it as this framework does; default nir", Object.keys(RULES)))
    .option("--dt <time>", "length of a timestep: 1ms, 100us, or seconds", parseTime)
    .addOption(choice("--decay <form>", "of potentials and currents: 1 − dt/τ or exp(−dt/τ)", ["euler", "exact"]))
    .addOption(choice("--gain <form>", "of inputs: dt/τ or 1 − exp(−dt/τ)", ["euler", "exact"]))
    .addOption(choice("--integrate <unit>", "IF and I add r·x a timestep, or r·dt·x", ["step", "dt"]))
    .addOption(choice("--order <order>", "of decay and input", ["decay-first", "input-first"]))
    .addOption(choice("--comparison <kind>", "spike when the potential is above, or at least, its threshold", ["above", "at-least"]))
    .addOption(choice("--reset <rule>", "after a spike", ["subtract", "zero", "v_reset"]))
    .addOption(choice("--reset-timing <when>", "in the timestep of the spike or the next", ["immediate", "delayed"]))
    .option("--spikes <n>", "greatest spikes of a neuron in one timestep, 1 to 15", parseWithin(1, 15))
    .addOption(choice("--cuba <current>", "the potential takes the current with this timestep's input or without", ["new", "old"]))
    .option("--v-min <value>", "lowest potential: none, -theta, or a number", parseLowest)
    .addOption(choice("--arithmetic <kind>", "of the neurons", ["scaled", "loihi"]))
    .option("--input <shape>", "the input's shape, channels first, such as 2x34x34; default the file's", parseShape)
    .option("--input-scale <factor>", "what one count of the input stands for", parsePositive, undefined)
    .addOption(choice("--frame <kind>", "what a timestep's frame holds; default counts", ["counts", "last-polarity"]))
    .option("--cap <n>", "greatest count of a pixel in one frame, 1 to 255; default 127", parseWithin(1, 255))
    .option("--window <time>", "length of a window; default 100ms", parseTime)
    .option("--timesteps <n>", "timesteps of a window; default window / dt", parseWhole(1))
    .option("--weights <width>", "int8 or int4, all or by node: int4,conv1=int8; default int8, of a checkpoint what it has", parseWeights)
    .addOption(choice("--weight-scale <rule>", "of a channel: by its greatest weight, or to the least error; default max, with int4 mse", ["max", "mse"]))
    .option("--calibrate <dataset>", "a dataset.json: measure the ranges of values that are neither spikes nor potentials")
    .option("--labels <names>", "names of the classes, separated by commas", parseLabels)
    .addOption(choice("--state <rule>", "potentials live on from window to window, or not", ["keep", "reset"]).default("keep"))
    .option("--licence <text>", "of the network", "unknown")
    .option("--json", "print one JSON object")
    .action(importFile);
}

async function importFile(file: string, options: ImportOptions): Promise<void> {
  const bytes = await readInputFile(file);
  const layers = options.layers === undefined ? undefined : new TextDecoder().decode(await readInputFile(options.layers));
  await checkOutput(options.output, [file, options.layers, options.calibrate]);
  const network: NetworkOptions = { ...networkOptions(file, options), layers };
  const card: CardOptions = {
    name: options.name ?? stem(options.output),
    labels: options.labels,
    state: options.state,
    licence: options.licence,
  };
  let imported = await readNetworkFile(bytes, network, card);
  if (options.calibrate !== undefined && imported.report !== undefined) {
    const ranges = await calibrate(imported, options.calibrate);
    imported = await readNetworkFile(bytes, { ...network, ranges }, card);
  }
  const written = await packageBytes(imported);
  const digest = networkDigest(imported);
  await writeFileWhole(options.output, (sink) => sink.write(written));
  const { name, labels, framing } = imported.card;
  const report = imported.report ?? null;
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ package: { file: options.output, name, bytes: written.length, labels, framing }, digest, report })}\n`,
    );
  } else process.stdout.write(`${options.output}: ${whole(written.length)} bytes, network ${digest}\n${describe(imported)}`);
}

/** SHA-256 of plan and constants: equal for files that hold the same network, however they hold it. */
function networkDigest(imported: Imported): string {
  const program = programOf(imported);
  return createHash("sha256").update(planOf(program)).update(program.constants).digest("hex");
}

function networkOptions(file: string, options: ImportOptions): NetworkOptions {
  const { dt, decay, gain, integrate, order, comparison, reset, resetTiming, spikes, cuba, vMin, arithmetic } = options;
  const chosen = { dt, decay, gain, integrate, order, comparison, reset, resetTiming, spikes, cuba, vMin, arithmetic };
  return {
    name: file,
    ruleName: options.rule,
    inputShape: options.input,
    inputScale: options.inputScale,
    cap: options.cap,
    rule: Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)) as Partial<Rule>,
    signed: options.frame === undefined ? undefined : options.frame === "last-polarity",
    windowMicros: options.window === undefined ? undefined : Math.round(options.window * 1e6),
    timesteps: options.timesteps,
    weights: options.weights,
    searchScales: options.weightScale === undefined ? undefined : options.weightScale === "mse",
  };
}

function describe({ report, card }: Imported): string {
  if (report === undefined) return `${card.name} ${card.version}: a checkpoint of our own training, nothing assumed and nothing rounded\n`;
  return [
    `read as ${report.source.format}, rule ${report.rule}\n`,
    ...(report.assumptions.length === 0
      ? []
      : [table([["option", "value", "from"], ...report.assumptions.map(({ option, value, from }) => [option, String(value), from])])]),
    ...noteLines(report),
    ...(report.weights.length === 0
      ? []
      : [
          table([
            ["weights", "type", "count", "bits", "clipped", "SQNR dB", "greatest error"],
            ...report.weights.map((one) => [
              one.node,
              one.type,
              one.weights,
              one.bits,
              one.clipped,
              one.sqnr_db === null ? "exact" : one.sqnr_db.toFixed(1),
              one.max_error.toPrecision(2),
            ]),
          ]),
        ]),
    ...(report.neurons.length === 0
      ? []
      : [
          table([
            ["neurons", "type", "threshold", "its error", "decay error", "headroom bits"],
            ...report.neurons.map((one) => [
              one.node,
              one.type,
              one.threshold === undefined ? "" : String(one.threshold),
              one.threshold_error?.toExponential(1) ?? "",
              one.decay_error.toExponential(1),
              one.headroom_bits.toFixed(1),
            ]),
          ]),
        ]),
  ].join("\n");
}

function noteLines({ notes }: ImportReport): string[] {
  return notes.length === 0 ? [] : [notes.map(({ pass, node, text }) => `${pass}: ${node}: ${text}\n`).join("")];
}

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6 };

/** @returns seconds */
function parseTime(text: string): number {
  const [, number = "", unit = ""] = /^(\d*\.?\d+(?:e[-+]?\d+)?)\s*(s|ms|us|µs)?$/i.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? NaN);
  if (number === "" || !(seconds > 0) || seconds > 3600)
    throw new InvalidArgumentError("It has to be a time such as 10ms, 500us or 0.001.");
  return Number(seconds.toPrecision(12));
}

const WIDTHS: Readonly<Record<string, WeightBits>> = { int8: 8, int4: 4 };

/** `int4`, or with exceptions by node, `int4,conv1=int8`; names alone leave all others int8. */
function parseWeights(text: string): WeightChoice {
  let all: WeightBits = 8;
  const nodes = new Map<string, WeightBits>();
  for (const [i, part] of text.split(",").entries()) {
    const at = part.lastIndexOf("=");
    const width = WIDTHS[part.slice(at + 1)];
    if (width === undefined || at === 0 || (at < 0 && i > 0)) throw new InvalidArgumentError("It has to be int8, int4, or such as int4,conv1=int8.");
    if (at < 0) all = width;
    else nodes.set(part.slice(0, at), width);
  }
  return { all, nodes };
}

function parseShape(text: string): number[] {
  const sizes = text.split(/[x×,]/).map(Number);
  if (sizes.length > 3 || sizes.some((size) => !Number.isInteger(size) || size < 1 || size > 65536)) {
    throw new InvalidArgumentError("It has to be one to three sizes, channels first, such as 2x34x34.");
  }
  return sizes;
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("It has to be a positive number.");
  return value;
}

function parseLowest(text: string): Rule["vMin"] {
  if (text === "none" || text === "-theta") return text;
  const value = Number(text);
  if (text.trim() === "" || !(value <= 0) || !Number.isFinite(value))
    throw new InvalidArgumentError("It has to be none, -theta or a number up to 0.");
  return value;
}

function parseLabels(text: string): string[] {
  const labels = text.split(",").map((label) => label.trim());
  if (labels.some((label) => label === "")) throw new InvalidArgumentError("A label is empty.");
  return labels;
}

function parseWithin(least: number, most: number): (text: string) => number {
  const parse = parseWhole(least);
  return (text) => {
    const value = parse(text);
    if (value > most) throw new InvalidArgumentError(`It has to be at most ${most}.`);
    return value;
  };
}
