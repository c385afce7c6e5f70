import { readRawChunks, type RawHeader } from "./capture/reader.js";
import { createLiveDecoder, isPointStream, type LiveOptions, TRANSPORTS, type Transport } from "./decoders/live.js";
import { SaccadeError } from "./errors.js";
import { addDrops } from "./tally.js";
import type { Decoder, Drops, Events, PointDecoder, Points, SensorSize } from "./types.js";

/** How a raw recording's chunks are decoded: as they were live, with the same options. */
export type RawStream =
  | { readonly kind: "events"; readonly format: string; make(): Decoder }
  | { readonly kind: "points"; readonly format: string; make(): PointDecoder };

interface Wanted extends LiveOptions {
  /** Instead of what the recording says. */
  readonly format?: string | undefined;
}

/**
 * What the header says, or else the caller, checked.
 * @throws SaccadeError FORMAT_UNKNOWN, SENSOR_INFO_MISSING, SENSOR_INFO_INVALID, SENSOR_SIZE_UNKNOWN, SENSOR_MISMATCH
 */
export function checkRawFormat(path: string, header: RawHeader, wanted: Wanted): RawStream {
  const format = wanted.format ?? header.format, transport = TRANSPORTS.find((one) => one === header.transport);
  if (transport === undefined)
    throw new SaccadeError("RECORDING_UNSUPPORTED", `${path} was recorded from ${header.transport}`, "read it with the version of Saccade that wrote it");
  if (format === undefined)
    throw new SaccadeError("FORMAT_UNKNOWN", `${path} does not say in what format its chunks are`, "name it with --as");
  const options: LiveOptions = { baud: header.baud, size: wanted.size ?? header.size, sensorInfo: wanted.sensorInfo ?? header.sensorInfo };
  return makerOf(format, transport, options);
}

function makerOf(format: string, transport: Transport, options: LiveOptions): RawStream {
  const make = (): unknown => createLiveDecoder(format, transport, options).decoder;
  make();
  return isPointStream(format)
    ? { kind: "points", format, make: make as () => PointDecoder }
    : { kind: "events", format, make: make as () => Decoder };
}

/** The sensor's size, as soon as a decoder knows it or has given events. @throws what readRawChunks throws */
export async function eventSizeOf(path: string, { make }: RawStream & { kind: "events" }): Promise<SensorSize | undefined> {
  const decoder = make();
  for await (const { bytes, at } of readRawChunks(path, {})) {
    for (const { count } of decoder.push(bytes, at)) if (count > 0) return decoder.size;
    if (decoder.size !== undefined) return decoder.size;
  }
  return undefined;
}

/** A decoder of either kind. */
interface ChunkDecoder<Batch> {
  readonly drops: Drops;
  push(chunk: Uint8Array, arrival?: number): Iterable<Batch>;
  end(): Iterable<Batch>;
}

/**
 * Decodes a raw recording: the same chunks at the same times to the same decoder, and another decoder for each connection, as it was live.
 * After a connection events go on from the latest time, and scans are counted on.
 * @param drops  takes those of the file and of all decoders
 * @throws SaccadeError of the file, and RECORDING_EMPTY or RECORDING_CORRUPT when no connection made sense
 */
export function decodeRaw(path: string, stream: RawStream & { kind: "events" }, drops: Drops): AsyncGenerator<Events>;
export function decodeRaw(path: string, stream: RawStream & { kind: "points" }, drops: Drops): AsyncGenerator<Points>;
export function decodeRaw(path: string, stream: RawStream, drops: Drops): AsyncGenerator<Events> | AsyncGenerator<Points> {
  if (stream.kind === "events") return decodeConnections<Events>(path, stream.make, drops, new EventTimes(drops));
  return decodeConnections<Points>(path, stream.make, drops, new ScanNumbers());
}

/** Joins what decoders of several connections give. */
interface Joint<Batch> {
  /** A connection begins, so long after the chunk before it, µs. */
  begin(pause: number): void;
  join(batch: Batch): Batch;
}

async function* decodeConnections<Batch>(path: string, make: () => ChunkDecoder<Batch>, drops: Drops, joint: Joint<Batch>): AsyncGenerator<Batch> {
  const outcome: { understood: boolean; error: unknown } = { understood: false, error: undefined };
  let decoder: ChunkDecoder<Batch> | undefined, last = 0;
  const read = function* (of: ChunkDecoder<Batch>, give: () => Iterable<Batch>, ends: boolean): Generator<Batch> {
    try {
      for (const batch of give()) {
        outcome.understood = true;
        yield joint.join(batch);
      }
      outcome.understood ||= ends;
    } catch (error) {
      // A connection of nothing but noise does not end a recording of others.
      if (!(error instanceof SaccadeError)) throw error;
      outcome.error = error;
      decoder = undefined;
    }
    if (ends || decoder === undefined) addDrops(drops, of.drops);
  };
  let started = false;
  for await (const { bytes, at, begins: flagged } of readRawChunks(path, drops)) {
    // A part of a recording that was cut begins within a connection.
    const begins: boolean = flagged || !started;
    if (begins && decoder !== undefined) yield* read(decoder, decoder.end.bind(decoder), true);
    if (begins) {
      joint.begin(started ? at - last : 0);
      started = true;
      decoder = make();
    }
    last = at;
    const now = decoder;
    if (now !== undefined) yield* read(now, () => now.push(bytes, at), false);
  }
  if (decoder !== undefined) yield* read(decoder, decoder.end.bind(decoder), true);
  if (!outcome.understood) throw outcome.error ?? new SaccadeError("RECORDING_EMPTY", `${path} holds no chunks`, "record it again");
}

/** Times of a sensor that began again at 0 go on from the latest. */
class EventTimes implements Joint<Events> {
  #latest = 0;
  #pause: number | undefined;
  #shift = 0;
  #first = true;

  constructor(readonly drops: Drops) {}

  begin(pause: number): void {
    this.#pause = this.#first ? undefined : Math.max(0, pause);
    this.#first = false;
    this.#shift = 0;
  }

  join(events: Events): Events {
    const { count, t } = events;
    if (count === 0) return events;
    if (this.#pause !== undefined && t[0]! < this.#latest) {
      this.#shift = this.#latest + this.#pause - t[0]!;
      this.drops["device_reset"] = (this.drops["device_reset"] ?? 0) + 1;
    }
    this.#pause = undefined;
    const joined = this.#shift === 0 ? events : { ...events, count, t: t.slice(0, count).map((time) => time + this.#shift) };
    this.#latest = joined.t[count - 1]!;
    return joined;
  }
}

class ScanNumbers implements Joint<Points> {
  #before = 0;
  #next = 0;

  begin(): void {
    this.#before = this.#next;
  }

  join(points: Points): Points {
    const scan = this.#before + points.scan;
    this.#next = scan + 1;
    return scan === points.scan ? points : { ...points, scan };
  }
}
