import { extname } from "node:path";
import { createDecoder, type DecoderOptions, detectFormat, type FormatName, SNIFF_BYTES } from "./decoders/formats.js";
import { CapturedDecoder } from "./decoders/network/captured.js";
import { SpifDecoder } from "./decoders/network/spif.js";
import type { RecordingDecoder } from "./decoders/recording-decoder.js";
import { readRawHeader, type RawHeader } from "./capture/reader.js";
import { checkRawFormat, decodeRaw, eventSizeOf } from "./raw-recording.js";
import { readFileChunks } from "./sources/file.js";
import { SaccadeError } from "./errors.js";
import type { Decoder, Drops, Events, SensorSize } from "./types.js";

export interface RecordingOptions extends DecoderOptions {
  /** A format's name; without it the file's first bytes and extension decide. */
  readonly format?: string | undefined;
}

/** A recording on disk. It may be decoded more than once; each pass reads the file again. */
export interface Recording {
  readonly path: string;
  readonly format: FormatName | "spif" | "raw-dvs";
  /** What the header or the caller says; undefined when neither does. */
  readonly size: SensorSize | undefined;
  /** What the latest pass has skipped so far, by reason. */
  readonly drops: Drops;
  /** @throws SaccadeError FILE_UNREADABLE, RECORDING_CORRUPT */
  decode(): AsyncGenerator<Events>;
}

/**
 * Opens a recording: finds its format and reads its header. No file stays open between passes.
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE, RECORDING_EMPTY, RECORDING_CORRUPT, RECORDING_UNSUPPORTED, FORMAT_UNKNOWN,
 * FORMAT_AMBIGUOUS, SENSOR_SIZE_UNKNOWN, SENSOR_MISMATCH
 */
export async function openRecording(path: string, options: RecordingOptions = {}): Promise<Recording> {
  const raw = await readRawHeader(path);
  if (raw !== undefined) return openRawEvents(path, raw, options);
  if (options.format === "spif") return openSpif(path, options.size);
  const format = options.format ?? detectFormat(await readHead(path, SNIFF_BYTES), extname(path), path);
  const first = createDecoder(format, options);
  await readHeader(path, first);
  let drops: Drops = {};
  return {
    path,
    format: first.format as FormatName,
    size: first.size,
    get drops() {
      return drops;
    },
    decode() {
      const decoder = createDecoder(format, options);
      drops = decoder.drops;
      return decodeFile(path, decoder);
    },
  };
}

/** Chunks of a live source, as they arrived. */
async function openRawEvents(path: string, header: RawHeader, options: RecordingOptions): Promise<Recording> {
  const live = checkRawFormat(path, header, options);
  if (live.kind !== "events")
    throw new SaccadeError("RECORDING_UNSUPPORTED", `${path} is a recording of points, not of events`, "saccade decode reads it");
  const size = await eventSizeOf(path, live);
  let drops: Drops = {};
  return {
    path,
    format: live.format as Recording["format"],
    size,
    get drops() {
      return drops;
    },
    decode: () => decodeRaw(path, live, (drops = {})),
  };
}

/** A capture of datagrams of events, which carry no sign of it: only when it is named. */
async function openSpif(path: string, size: SensorSize | undefined): Promise<Recording> {
  await readHead(path, 1);
  let drops: Drops = {};
  return {
    path,
    format: "spif",
    size,
    get drops() {
      return drops;
    },
    decode() {
      const decoder = new CapturedDecoder(new SpifDecoder(size));
      drops = decoder.drops;
      return decodeFile(path, decoder);
    },
  };
}

async function readHead(path: string, bytes: number): Promise<Uint8Array> {
  const head = new Uint8Array(bytes);
  let length = 0;
  for await (const chunk of readFileChunks(path, bytes)) {
    const taken = Math.min(chunk.length, bytes - length);
    head.set(chunk.subarray(0, taken), length);
    length += taken;
    if (length === bytes) break;
  }
  return head.subarray(0, length);
}

async function readHeader(path: string, decoder: RecordingDecoder): Promise<void> {
  for await (const chunk of readFileChunks(path)) {
    for (const events of decoder.push(chunk)) if (events.count > 0) break;
    if (decoder.headerRead) return;
  }
  for (const events of decoder.end()) if (events.count > 0) return;
}

async function* decodeFile(path: string, decoder: Pick<Decoder, "push" | "end">): AsyncGenerator<Events> {
  for await (const chunk of readFileChunks(path)) yield* decoder.push(chunk);
  yield* decoder.end();
}
