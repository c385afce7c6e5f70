import type { Command } from "commander";
import { FrameKind } from "../../assembly/abi.js";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import { frame, type Network } from "../pipeline.js";
import { openRecording, type Recording } from "../recording.js";
import { Tally } from "../tally.js";
import type { SensorSize } from "../types.js";
import { writeNpz } from "../writers/npz.js";
import { DENOISE_OPTION, denoisedRecording } from "./denoise-option.js";
import { openNetwork } from "../network.js";
import { checkOutput } from "./output-file.js";
import { parseSize } from "./parse.js";
import { dropsText, whole } from "./text.js";

interface FramesOptions {
  readonly model: string;
  readonly out: string;
  readonly as?: string;
  readonly size?: SensorSize;
  readonly denoise?: DenoiseOptions;
  readonly json?: boolean;
}

/** `saccade frames`: what the engine sees of a recording, for training and for checks. */
export function addFrames(program: Command): void {
  program
    .command("frames")
    .description("write the exact integer frames that the engine sees of a recording")
    .argument("<file>", "a recording")
    .requiredOption("--model <package>", "a package file, or the name of one in the zoo")
    .requiredOption("--out <file>", "the .npz to write")
    .option("--as <format>", "the recording's format, when it cannot be told from it")
    .option("--size <WxH>", "the sensor's size, when the recording does not say it", parseSize)
    .option(...DENOISE_OPTION)
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(writeFrames);
}

const HELP = `
The file holds, for w windows of T timesteps:
  frames          u8 or i8 [w, T, H, W, C]
  window_start    i64[w]  µs
  window_end      i64[w]  µs, exclusive
  window_events   u32[w]`;

/** Two passes over the recording: the first counts the windows, the second writes their frames, a window at a time. */
async function writeFrames(file: string, options: FramesOptions): Promise<void> {
  const network = await openNetwork(options.model);
  const recording = denoisedRecording(await openRecording(file, { format: options.as, size: options.size }), options.denoise, network.pkg.card.sensor);
  await checkOutput(options.out, [file, options.model]);
  const { engine } = network;
  const tally = new Tally();
  const starts: bigint[] = [];
  const ends: bigint[] = [];
  const counts: number[] = [];
  for await (const { start, end, events } of frame(recording, network.pkg.card, tally)) {
    starts.push(BigInt(start));
    ends.push(BigInt(end));
    counts.push(events.count);
  }
  const w = counts.length;
  const shape = [w, engine.timesteps, ...engine.inputShape];
  const dtype = engine.frameKind === FrameKind.LastPolarity || engine.frameKind === FrameKind.Points ? "|i1" : "|u1";
  await writeNpz(options.out, {
    frames: { dtype, shape, data: windowFrames(recording, network, tally) },
    window_start: { dtype: "<i8", shape: [w], data: BigInt64Array.from(starts) },
    window_end: { dtype: "<i8", shape: [w], data: BigInt64Array.from(ends) },
    window_events: { dtype: "<u4", shape: [w], data: Uint32Array.from(counts) },
  });
  const { events, dropped } = tally;
  const type = dtype.slice(1);
  const text = `${whole(events)} events in ${whole(w)} windows to ${options.out}: frames ${type} [${shape.join(", ")}]; ${dropsText(dropped)}`;
  process.stdout.write(`${options.json ? JSON.stringify({ events, windows: w, dtype: type, shape, dropped }) : text}\n`);
}

/** @yields the T frames of each window, one behind the other */
async function* windowFrames(recording: Recording, { engine, stream, pkg }: Network, tally: Tally): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(engine.timesteps * engine.input.length);
  for await (const { events, sliceEnds } of frame(recording, pkg.card, new Tally())) {
    let from = 0;
    sliceEnds.forEach((to, slice) => {
      tally.drop("outside_sensor", stream.frame(events, from, to));
      bytes.set(engine.input, slice * engine.input.length);
      from = to;
    });
    yield bytes;
  }
}
