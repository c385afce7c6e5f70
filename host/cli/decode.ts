import { createHash, type Hash } from "node:crypto";
import type { Command } from "commander";
import { openRecording } from "../recording.js";
import type { Events, SensorSize } from "../types.js";
import { parseSize } from "./parse.js";
import { AS_OPTION, explainDrops, SIZE_TEXT } from "./recording-options.js";
import { seconds, whole } from "./text.js";

export interface Digest {
  readonly t: string;
  readonly x: string;
  readonly y: string;
  readonly p: string;
}

/** SHA-256 of each column as little-endian u64 µs, u16, u16, u8, whatever the batches are. */
export class ColumnDigest {
  readonly #t: Hash = createHash("sha256");
  readonly #x: Hash = createHash("sha256");
  readonly #y: Hash = createHash("sha256");
  readonly #p: Hash = createHash("sha256");
  #halves = new Uint32Array(0);

  update({ count, t, x, y, p }: Events): void {
    this.#t.update(this.#timeBytes(t, count));
    this.#x.update(new Uint8Array(x.buffer, x.byteOffset, 2 * count));
    this.#y.update(new Uint8Array(y.buffer, y.byteOffset, 2 * count));
    this.#p.update(p.subarray(0, count));
  }

  hex(): Digest {
    return { t: this.#t.digest("hex"), x: this.#x.digest("hex"), y: this.#y.digest("hex"), p: this.#p.digest("hex") };
  }

  #timeBytes(t: Float64Array, count: number): Uint8Array {
    if (this.#halves.length < 2 * count) this.#halves = new Uint32Array(2 * count);
    return timesAsU64(t, count, this.#halves);
  }
}

/** Times as little-endian u64, two halves each. @param halves at least 2·count long @returns a view of it */
export function timesAsU64(t: Float64Array, count: number, halves: Uint32Array): Uint8Array {
  for (let i = 0; i < count; i++) {
    const high = Math.floor(t[i]! / 2 ** 32);
    halves[2 * i] = t[i]! - high * 2 ** 32;
    halves[2 * i + 1] = high;
  }
  return new Uint8Array(halves.buffer, halves.byteOffset, 8 * count);
}

interface DecodeOptions {
  readonly as?: string;
  readonly size?: SensorSize;
  readonly json?: boolean;
}

/** `saccade decode FILE`: what a recording holds, and a digest of each column. */
export function addDecode(program: Command): void {
  program
    .command("decode")
    .description("decode a recording, count its events and print a digest of each column")
    .argument("<file>", "the recording")
    .option(...AS_OPTION)
    .option("--size <WxH>", SIZE_TEXT, parseSize)
    .option("--json", "print one JSON object")
    .action(async (file: string, options: DecodeOptions) => {
      const recording = await openRecording(file, { format: options.as, size: options.size });
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
