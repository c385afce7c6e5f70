import { dirname, isAbsolute, join } from "node:path";
import { SaccadeError } from "../errors.js";
import type { Interval, SensorSize } from "../types.js";
import { checkInputFile, readInputFile } from "../sources/input-file.js";

/** Labelled recordings, as a dataset.json lists them. */
export interface Dataset {
  readonly labels: readonly string[];
  readonly sensor: SensorSize | undefined;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Where the recording is. */
  readonly path: string;
  readonly format: string | undefined;
  readonly label: string;
  /** What is seen when, in order of time, where the data set says it. */
  readonly intervals?: readonly Interval[];
}

const MAX_SAMPLES = 10_000_000;

/**
 * Reads and checks a dataset.json: {"task", "labels": [], "sensor"?: {"width", "height"}, "samples": [{"file", "format"?, "label",
 * "intervals"?: [{"start", "end", "label"}]}]}; times in µs. Files are relative to it and have to be there; other entries are not read.
 * @param limit samples to take, from the first; default all
 * @throws DATASET_INVALID, which names the entry; FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function readDataset(path: string, limit = Infinity): Promise<Dataset> {
  const invalid = (entry: string, what: string): SaccadeError =>
    new SaccadeError("DATASET_INVALID", `${path}: ${entry} ${what}`, "correct this entry of the data set");
  const top = parse(path, new TextDecoder().decode(await readInputFile(path)));
  if (!isObject(top)) throw invalid("the top level", "is not an object");
  if (top["task"] !== "classification") throw invalid("task", `is ${shown(top["task"])}, not "classification"`);
  const labels = readLabels(top["labels"], invalid);
  const known = new Set(labels);
  const { samples } = top;
  if (!Array.isArray(samples) || samples.length === 0) throw invalid("samples", "is not a list with entries");
  if (samples.length > MAX_SAMPLES) throw invalid("samples", `has more than ${MAX_SAMPLES} entries`);
  const taken: Sample[] = [];
  for (const [index, entry] of samples.slice(0, limit).entries()) {
    const { file, format, label } = readEntry(entry, index, invalid);
    if (!known.has(label)) throw invalid(`samples[${index}].label`, `${shown(label)} (file ${file}) is not one of its labels`);
    const at = join(dirname(path), file);
    await checkInputFile(at);
    const intervals = readIntervals((entry as Record<string, unknown>)["intervals"], `samples[${index}].intervals`, known, invalid);
    taken.push({ path: at, format, label, ...(intervals && { intervals }) });
  }
  return { labels, sensor: readSensor(top["sensor"], invalid), samples: taken };
}

type Invalid = (entry: string, what: string) => SaccadeError;

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaccadeError("DATASET_INVALID", `${path} is not JSON (${(cause as Error).message})`, "name a dataset.json", { cause });
  }
}

function readLabels(labels: unknown, invalid: Invalid): string[] {
  if (!Array.isArray(labels) || labels.length === 0) throw invalid("labels", "is not a list with entries");
  for (const [index, label] of labels.entries()) {
    if (typeof label !== "string") throw invalid(`labels[${index}]`, `is ${shown(label)}, not a string`);
    if (labels.indexOf(label) !== index) throw invalid(`labels[${index}]`, `${shown(label)} stands there twice`);
  }
  return labels;
}

function readSensor(sensor: unknown, invalid: Invalid): SensorSize | undefined {
  if (sensor === undefined) return undefined;
  if (!isObject(sensor)) throw invalid("sensor", "is not an object");
  const { width, height } = sensor;
  if (!isSide(width)) throw invalid("sensor.width", `is ${shown(width)}, not 1 to 65535`);
  if (!isSide(height)) throw invalid("sensor.height", `is ${shown(height)}, not 1 to 65535`);
  return { width, height };
}

function readEntry(entry: unknown, index: number, invalid: Invalid): { file: string; format: string | undefined; label: string } {
  if (!isObject(entry)) throw invalid(`samples[${index}]`, "is not an object");
  const { file, format, label } = entry;
  if (typeof file !== "string" || file === "") throw invalid(`samples[${index}].file`, `is ${shown(file)}, not a path`);
  if (isAbsolute(file)) throw invalid(`samples[${index}].file`, `${shown(file)} is not relative to the data set`);
  if (format !== undefined && typeof format !== "string") throw invalid(`samples[${index}].format`, `is ${shown(format)}, not a string`);
  if (typeof label !== "string") throw invalid(`samples[${index}].label`, `is ${shown(label)}, not a string (file ${file})`);
  return { file, format, label };
}

function readIntervals(intervals: unknown, entry: string, labels: ReadonlySet<string>, invalid: Invalid): Interval[] | undefined {
  if (intervals === undefined) return undefined;
  if (!Array.isArray(intervals)) throw invalid(entry, `is ${shown(intervals)}, not a list`);
  let over = 0;
  for (const [index, interval] of intervals.entries()) {
    const at = `${entry}[${index}]`;
    if (!isObject(interval)) throw invalid(at, "is not an object");
    const { start, end, label } = interval;
    if (typeof label !== "string" || !labels.has(label)) throw invalid(`${at}.label`, `${shown(label)} is not one of its labels`);
    if (typeof start !== "number" || !(start >= over)) throw invalid(`${at}.start`, `is ${shown(start)}, before ${over}`);
    if (typeof end !== "number" || !(end > start)) throw invalid(`${at}.end`, `is ${shown(end)}, not after its start`);
    over = end;
  }
  return intervals as Interval[];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535;
}

/** A value for a message, cut to a line's length. */
function shown(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
