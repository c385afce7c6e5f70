import { Option, type Command } from "commander";
import { EXIT, SaccadeError } from "../errors.js";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import type { Build } from "../engine/builds.js";
import { nameOf } from "../heads/classification.js";
import { decide, frame, infer, type Network } from "../pipeline.js";
import { openRecording } from "../recording.js";
import { Tally } from "../tally.js";
import type { Card, Decision, Inference } from "../types.js";
import { readDataset, type Dataset, type Sample } from "./dataset.js";
import { DENOISE_OPTION, denoisedRecording } from "./denoise-option.js";
import { DecisionScore, lookedAt } from "./eval-decisions.js";
import { readText, scoreOf, scoreText } from "./eval-score.js";
import { LogitsTable } from "./logits-table.js";
import { openNetwork } from "../network.js";
import { checkOutput } from "./output-file.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";

interface EvalOptions {
  readonly data: string;
  readonly build?: Build;
  readonly limit?: number;
  readonly logits?: string;
  readonly denoise?: DenoiseOptions;
  readonly decisions?: boolean;
  readonly json?: boolean;
}

/** `saccade eval`: how many recordings of a data set a package names rightly. */
export function addEval(program: Command): void {
  program
    .command("eval")
    .description("measure a package on labelled recordings")
    .argument("<package>", "a package file, or the name of one in the zoo")
    .requiredOption("--data <dataset>", "a dataset.json")
    .addOption(new Option("--build <build>", "the engine's build; default the best that works here").choices(["scalar", "simd", "relaxed"]))
    .option("--limit <n>", "recordings to take, from the first", parseWhole(1))
    .option("--logits <file>", "also write the logits of every recording and window to this .npz")
    .option(...DENOISE_OPTION)
    .option("--decisions", "measure what is told while it happens, against the data set's intervals")
    .option("--json", "print JSON")
    .action(evaluate);
}

async function evaluate(named: string, options: EvalOptions): Promise<void> {
  const dataset = await readDataset(options.data, options.limit);
  const network = await openNetwork(named, options.build === undefined ? {} : { build: options.build });
  if (options.logits !== undefined) await checkOutput(options.logits, [options.data, named, ...dataset.samples.map(({ path }) => path)]);
  const labels = labelsFor(dataset, options.decisions ? timedLabels(dataset) : dataset.labels, network, options.data);
  const results = new LogitsTable(network.engine.logits.length, options.logits !== undefined);
  const decisions = options.decisions ? new DecisionScore() : undefined;
  const tally = new Tally();
  const progress = new Progress("eval", dataset.samples.length);
  for (const [index, sample] of dataset.samples.entries()) {
    progress.show(index);
    results.beginRecording(labels.indexOf(sample.label));
    const inferences: Inference[] = [];
    try {
      const recording = await openRecording(sample.path, { format: sample.format, size: dataset.sensor });
      const source = denoisedRecording(recording, options.denoise, network.pkg.card.sensor);
      for await (const inference of infer(frame(source, network.pkg.card, tally), network, tally)) {
        results.addWindow(inference.logits);
        if (decisions !== undefined) inferences.push(inference);
      }
    } catch (error) {
      throw errorOf(error, `samples[${index}] (${sample.path})`, options.data);
    }
    if (decisions !== undefined) await addDecisions(decisions, sample, inferences, labels, network);
  }
  progress.end();
  report(results, decisions, labels, dataset, options, tally);
  if (options.logits !== undefined) await results.write(options.logits);
}

function report(
  results: LogitsTable, decisions: DecisionScore | undefined, labels: readonly string[], dataset: Dataset, options: EvalOptions, tally: Tally,
): void {
  const print = (json: object, text: string): void => void process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${text}${readText(tally)}`);
  if (decisions !== undefined) return print(decisions.summary, decisions.text);
  const answers = results.recordings.map(({ label, sums }) => ({ shown: labels[label]!, name: nameOf(sums, labels) }));
  const score = scoreOf(answers, dataset.labels);
  print(score, scoreText(score));
}

/** What is wrong with a recording, as an error that says which of the data set's it is. */
function errorOf(error: unknown, sample: string, data: string): unknown {
  if (!(error instanceof SaccadeError) || error.exitCode !== EXIT.data) return error;
  return new SaccadeError(error.code, `${sample}: ${error.message}`, `correct this sample of ${data}, or take it out`, { cause: error });
}

/** @throws DATASET_INVALID when the sample has no intervals, or times that its intervals may mean in two places */
async function addDecisions(
  score: DecisionScore, { path, intervals }: Sample, inferences: readonly Inference[], labels: readonly string[], { pkg }: Network,
): Promise<void> {
  if (intervals === undefined)
    throw new SaccadeError("DATASET_INVALID", `${path} has no intervals: when each label is seen is not said`, "add them, or leave out --decisions");
  if ((inferences.at(-1)?.window.restarts ?? 0) > 0)
    throw new SaccadeError("DATASET_INVALID", `the clock of ${path} begins anew: which of two times an interval means is not said`, "part it there, or leave out --decisions");
  const decisions: Decision[] = [];
  for await (const decision of decide(each(inferences), { ...pkg, card: { ...pkg.card, labels } })) decisions.push(decision);
  score.add(decisions, intervals, lookedAt(inferences));
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

/** Those of its intervals: what a whole recording is called then does not matter. */
function timedLabels({ samples }: Dataset): string[] {
  return [...new Set(samples.flatMap(({ intervals = [] }) => intervals.map(({ label }) => label)))];
}

/**
 * The names of the logits: the card's, or the data set's where the card has none and their number fits.
 * @param asked of the data set's labels those that the package has to know
 * @throws SENSOR_MISMATCH, DATASET_INVALID when one of these is not the package's
 */
function labelsFor(dataset: Dataset, asked: readonly string[], { pkg: { card }, engine }: Network, data: string): readonly string[] {
  const { labels, sensor } = dataset;
  if (sensor !== undefined) checkSensor(sensor, card, data);
  const known = card.labels.length === 0 && engine.logits.length === labels.length ? labels : card.labels;
  const stranger = asked.find(label => !known.includes(label));
  if (stranger === undefined) return known;
  const has = known.length === 0 ? "none" : known.slice(0, 12).join(", ");
  const what = `${data}: the label "${stranger}" is none of the package's (it has ${has})`;
  const timed = timedLabels(dataset);
  const remedy = timed.length > 0 && !timed.includes(stranger) ? "score what is told while it happens, with --decisions" : "use a data set with this package's labels";
  throw new SaccadeError("DATASET_INVALID", what, remedy);
}

function checkSensor({ width, height }: { width: number; height: number }, { name, sensor }: Card, data: string): void {
  if (sensor.kind === "dvs" && sensor.width === width && sensor.height === height) return;
  const wanted = sensor.kind === "dvs" ? `${sensor.width}x${sensor.height}` : "no event sensor";
  const what = `${data} is of a ${width}x${height} sensor, the package ${name} is for ${wanted}`;
  throw new SaccadeError("SENSOR_MISMATCH", what, "use a package for that sensor, or another data set");
}
