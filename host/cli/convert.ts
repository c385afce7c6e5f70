import { extname } from "node:path";
import type { Command } from "commander";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import { openRecording, type Recording } from "../recording.js";
import type { Events, SensorSize } from "../types.js";
import { writeFileWhole } from "../writers/file-sink.js";
import { chooseWriteFormat, createWriter, WRITE_NAMES, type WriteName } from "../writers/formats.js";
import { type NpyDtype, type NpyStream, writeNpz } from "../writers/npz.js";
import { timesAsU64 } from "./decode-columns.js";
import { DENOISE_OPTION, denoisedRecording } from "./denoise-option.js";
import { checkOutput } from "./output-file.js";
import { parseSize } from "./parse.js";
import { AS_OPTION, explainDrops, SIZE_TEXT } from "./recording-options.js";
import { whole } from "./text.js";

interface ConvertOptions {
  readonly as?: string;
  readonly to?: string;
  readonly size?: SensorSize;
  readonly denoise?: DenoiseOptions;
  readonly json?: boolean;
}

interface Written {
  readonly events: number;
  readonly timeShift: number;
}

/** `saccade convert IN OUT`: a recording in another format. */
export function addConvert(program: Command): void {
  program
    .command("convert")
    .description("write a recording in another format, by the extension of OUT or by --to")
    .argument("<in>", "the recording")
    .argument("<out>", "the file to write")
    .option(...AS_OPTION)
    .option("--to <format>", `the format to write: ${WRITE_NAMES.join(" ")}`)
    .option("--size <WxH>", SIZE_TEXT, parseSize)
    .option(...DENOISE_OPTION)
    .option("--json", "print one JSON object")
    .action(async (input: string, output: string, options: ConvertOptions) => {
      const to = chooseWriteFormat(options.to, extname(output), output);
      const recording = denoisedRecording(await openRecording(input, { format: options.as, size: options.size }), options.denoise);
      await checkOutput(output, [input]);
      const { events, timeShift } = await write(recording, output, to);
      const { format: from, size, drops } = recording;
      const dropped = Object.keys(drops).length > 0;
      if (options.json)
        process.stdout.write(
          `${JSON.stringify({
            from,
            to,
            width: size?.width ?? null,
            height: size?.height ?? null,
            events,
            time_shift: timeShift,
            ...(dropped ? { dropped: drops } : {}),
          })}\n`,
        );
      else {
        process.stdout.write(`${output}: ${to}, ${whole(events)} events from ${from}\n`);
        if (timeShift > 0) process.stderr.write(`times are ${whole(timeShift)} µs earlier: ${to} cannot tell such late ones\n`);
        process.stderr.write(explainDrops(drops));
      }
    });
}

async function write(recording: Recording, output: string, to: WriteName): Promise<Written> {
  if (to === "npz") return { events: await writeColumns(recording, output), timeShift: 0 };
  const writer = createWriter(to, recording.size);
  let events = 0;
  await writeFileWhole(output, async (sink) => {
    await sink.write(writer.begin());
    for await (const batch of recording.decode()) {
      for (const bytes of writer.write(batch)) await sink.write(bytes);
      events += batch.count;
    }
    for (const bytes of writer.end()) await sink.write(bytes);
    const patch = writer.patch?.();
    if (patch) await sink.patch(patch.at, patch.bytes);
  });
  return { events, timeShift: writer.timeShift };
}

/** npz states its lengths first and holds one column after another: one pass to count, one a column, and no column in memory. */
async function writeColumns(recording: Recording, output: string): Promise<number> {
  let events = 0;
  for await (const batch of recording.decode()) events += batch.count;
  let halves = new Uint32Array(0);
  const column = (dtype: NpyDtype, bytesOf: (batch: Events) => Uint8Array): NpyStream => ({
    dtype,
    shape: [events],
    data: mapBatches(recording, bytesOf),
  });
  await writeNpz(output, {
    t: column("<u8", ({ t, count }) => {
      if (halves.length < 2 * count) halves = new Uint32Array(2 * count);
      return timesAsU64(t, count, halves);
    }),
    x: column("<u2", ({ x, count }) => new Uint8Array(x.buffer, x.byteOffset, 2 * count)),
    y: column("<u2", ({ y, count }) => new Uint8Array(y.buffer, y.byteOffset, 2 * count)),
    p: column("|u1", ({ p, count }) => p.subarray(0, count)),
  });
  return events;
}

async function* mapBatches(recording: Recording, bytesOf: (batch: Events) => Uint8Array): AsyncGenerator<Uint8Array> {
  for await (const batch of recording.decode()) yield bytesOf(batch);
}
