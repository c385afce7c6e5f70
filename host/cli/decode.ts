import type { Command } from "commander";
import { isPointStream } from "../decoders/live.js";
import { POINT_FORMAT_NAMES } from "../decoders/points/formats.js";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import { SaccadeError } from "../errors.js";
import { holdsPoints } from "../point-recording.js";
import { openRecording } from "../recording.js";
import type { SensorSize } from "../types.js";
import { ColumnDigest, type Digest } from "./decode-columns.js";
import { decodePoints } from "./decode-points.js";
import { DENOISE_OPTION, denoisedRecording } from "./denoise-option.js";
import { parseSize } from "./parse.js";
import { AS_OPTION, explainDrops, SIZE_TEXT } from "./recording-options.js";
import { seconds, whole } from "./text.js";

interface DecodeOptions {
  readonly as?: string;
  readonly size?: SensorSize;
  readonly sensorInfo?: string;
  readonly denoise?: DenoiseOptions;
  readonly json?: boolean;
}

/** `saccade decode FILE`: what a recording holds, and a digest of each column. */
export function addDecode(program: Command): void {
  program
    .command("decode")
    .description("decode a recording of events or of points, count them and print a digest of each column")
    .argument("<file>", "the recording")
    .option(AS_OPTION[0], `${AS_OPTION[1]} spif; of points: ${POINT_FORMAT_NAMES.join(" ")}`)
    .option("--size <WxH>", SIZE_TEXT, parseSize)
    .option("--sensor-info <file>", "what the LiDAR says of itself: an Ouster's metadata, a Hesai's angle correction")
    .option(...DENOISE_OPTION)
    .option("--json", "print one JSON object")
    .action(async (file: string, options: DecodeOptions) => {
      const { as, sensorInfo } = options;
      const ofPoints = as === undefined ? await holdsPoints(file) : isPointStream(as);
      if (ofPoints && options.denoise) throw new SaccadeError("USAGE", "--denoise is for events, and this is a file of points", "leave it out");
      if (ofPoints) return decodePoints(file, { format: as, sensorInfo }, options.json ?? false);
      const recording = denoisedRecording(await openRecording(file, { format: options.as, size: options.size }), options.denoise);
      const digest = new ColumnDigest();
      let events = 0;
      let first: number | null = null,
        last: number | null = null;
      for await (const batch of recording.decode()) {
        digest.update(batch);
        events += batch.count;
        first ??= batch.t[0]!;
        last = batch.t[batch.count - 1]!;
      }
      const { format, size, drops } = recording;
      const result = {
        format,
        width: size?.width ?? null,
        height: size?.height ?? null,
        events,
        t_first: first,
        t_last: last,
        digest: digest.hex(),
        ...(Object.keys(drops).length > 0 ? { dropped: drops } : {}),
      };
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else process.stdout.write(describe(file, result) + explainDrops(drops));
    });
}

interface Result {
  readonly format: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly events: number;
  readonly t_first: number | null;
  readonly t_last: number | null;
  readonly digest: Digest;
}

function describe(file: string, { format, width, height, events, t_first, t_last, digest }: Result): string {
  const span = seconds((t_last ?? 0) - (t_first ?? 0));
  const size = width === null ? "size not stated" : `${width}x${height}`;
  const columns = Object.entries(digest)
    .map(([name, hex]) => `  ${name} ${hex}\n`)
    .join("");
  return `${file}: ${format}, ${size}, ${whole(events)} events in ${span}\n${columns}`;
}
