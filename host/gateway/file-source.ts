import type { FileInput, SourceConfig } from "../config/config.js";
import { AUTO } from "../config/format-facts.js";
import { isPointStream } from "../decoders/live.js";
import { denoised } from "../denoise/denoised.js";
import { lineOf } from "../errors.js";
import { holdsPoints, openPoints } from "../point-recording.js";
import { recordingClock, systemClock } from "../publishers/clock.js";
import { openRecording } from "../recording.js";
import type { SensorSize } from "../types.js";
import type { Counters } from "./counters.js";
import { FanOut } from "./fan-out.js";
import type { Journal } from "./journal.js";
import type { Line } from "./line.js";

export interface FileSourceOptions {
  readonly name: string;
  readonly config: SourceConfig;
  readonly input: FileInput;
  readonly lines: readonly Line[];
  readonly counters: Counters;
  readonly journal: Journal;
}

/** A recording through its models, once. What it holds and the models say of it is that of `saccade replay`. Resolves at its end or the signal. */
export async function runFileSource(options: FileSourceOptions, signal: AbortSignal): Promise<void> {
  const { name, config, input, journal } = options;
  const format = config.format === AUTO ? undefined : config.format;
  try {
    const ofPoints = format === undefined ? await holdsPoints(input.path) : isPointStream(format);
    await (ofPoints ? countPoints(options, format, signal) : playEvents(options, format, signal));
    journal(name, "info", "the recording has ended");
  } catch (error) {
    journal(name, "warn", lineOf(error));
  }
}

type Format = string | undefined;

async function playEvents(options: FileSourceOptions, format: Format, signal: AbortSignal): Promise<void> {
  const { name, config, input, lines, counters, journal } = options;
  const recording = await openRecording(input.path, { format, size: config.size });
  const source = denoised(recording, config.denoise, config.size ?? sensorOf(lines));
  const followed = counters.follow(() => source.drops);
  const fan = new FanOut();
  const follow = async (line: Line): Promise<void> => {
    const events = fan.open();
    const clock = input.speed === "real" ? systemClock() : recordingClock();
    await line.run({ size: recording.size, drops: {}, decode: () => events }, input.speed, clock);
  };
  const running = lines.map((line) => follow(line).catch((error: unknown) => {
    journal(name, "warn", `model ${line.model}: ${lineOf(error)}`);
  }));
  try {
    for await (const events of source.decode()) {
      if (signal.aborted) break;
      counters.events += events.count;
      await fan.put(events);
    }
  } finally {
    fan.end();
    await Promise.all(running);
    followed();
  }
}

/** Of the models that want a sensor of one size, it. */
function sensorOf(lines: readonly Line[]): SensorSize | undefined {
  const sensor = lines[0]?.options.model.pkg.card.sensor;
  return sensor?.kind === "none" ? undefined : sensor;
}

async function countPoints({ config, input, counters }: FileSourceOptions, format: Format, signal: AbortSignal): Promise<void> {
  const recording = await openPoints(input.path, { format, sensorInfo: config.sensorInfo });
  const followed = counters.follow(() => recording.drops);
  try {
    for await (const { count, over } of recording.decode()) {
      if (signal.aborted) break;
      counters.points += count;
      if (over) counters.scans++;
    }
  } finally {
    followed();
  }
}
