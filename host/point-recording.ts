import { readFile } from "node:fs/promises";
import { readRawHeader, type RawHeader } from "./capture/reader.js";
import { isPointStream } from "./decoders/live.js";
import { CAPTURE_HEAD_BYTES, CaptureReader, captureRecords } from "./decoders/network/capture.js";
import { CapturedDecoder } from "./decoders/network/captured.js";
import { UdpReader } from "./decoders/network/udp.js";
import {
  createPointDecoder,
  POINT_FORMAT_NAMES,
  POINT_FORMATS,
  pointFormat,
  type PointOptions,
  recogniseDatagram,
} from "./decoders/points/formats.js";
import { SaccadeError } from "./errors.js";
import { checkRawFormat, decodeRaw } from "./raw-recording.js";
import { readFileChunks } from "./sources/file.js";
import type { Drops, Points } from "./types.js";

export interface PointRecordingOptions {
  /** A format's name; without it a capture's first datagrams decide. Serial streams have to be named. */
  readonly format?: string | undefined;
  /** A file of what the sensor says of itself; for a capture, without it, the JSON or CSV beside it that has its name. */
  readonly sensorInfo?: string | undefined;
}

/** Points on disk: a capture of a network, or the bytes of a serial line. It may be decoded more than once. */
export interface PointRecording {
  readonly path: string;
  readonly format: string;
  /** What the latest pass has skipped so far, by reason. */
  readonly drops: Drops;
  /** @throws SaccadeError FILE_UNREADABLE, RECORDING_CORRUPT, RECORDING_EMPTY */
  decode(): AsyncGenerator<Points>;
}

/** Datagrams that are looked at before a capture is said to hold none of a known sensor. */
const MOST_DATAGRAMS = 5000;

/** Whether a file begins as a capture of a network. @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE */
export async function isCapture(path: string): Promise<boolean> {
  for await (const chunk of readFileChunks(path, CAPTURE_HEAD_BYTES)) return captureRecords(chunk) !== undefined;
  return false;
}

/** Whether a file says of itself that it holds points: a capture of a network, or a raw recording of a LiDAR. */
export async function holdsPoints(path: string): Promise<boolean> {
  const format = (await readRawHeader(path))?.format;
  return format === undefined ? isCapture(path) : isPointStream(format);
}

/**
 * Opens a recording of points: a capture, or a serial stream whose format is named.
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE, FORMAT_UNKNOWN, FORMAT_AMBIGUOUS, RECORDING_CORRUPT, RECORDING_EMPTY,
 * SENSOR_INFO_MISSING, SENSOR_INFO_INVALID
 */
export async function openPoints(path: string, options: PointRecordingOptions = {}): Promise<PointRecording> {
  const raw = await readRawHeader(path);
  if (raw !== undefined) return openRawPoints(path, raw, options);
  const captured = await isCapture(path);
  const named = options.sensorInfo === undefined ? undefined : await readInfo(options.sensorInfo);
  const beside = captured && named === undefined ? await readInfosBeside(path) : {};
  const name = options.format ?? (await detect(path, { sensorInfo: named ?? beside["ouster"] }));
  const sensorInfo = named ?? beside[name];
  createPointDecoder(name, { sensorInfo });
  if (!captured && pointFormat(name)!.transport === "udp")
    throw new SaccadeError("RECORDING_UNSUPPORTED", `${path} is no capture, from which ${name} is read`, "record a pcap or pcapng file");
  let drops: Drops = {};
  return {
    path,
    format: name,
    get drops() {
      return drops;
    },
    decode() {
      const inner = createPointDecoder(name, { sensorInfo });
      const decoder = captured ? new CapturedDecoder(inner) : inner;
      drops = decoder.drops;
      return decodeFile(path, decoder);
    },
  };
}

/** Chunks of a live source, as they arrived. */
async function openRawPoints(path: string, header: RawHeader, options: PointRecordingOptions): Promise<PointRecording> {
  const sensorInfo = options.sensorInfo === undefined ? undefined : await readInfo(options.sensorInfo);
  const live = checkRawFormat(path, header, { format: options.format, sensorInfo });
  if (live.kind !== "points")
    throw new SaccadeError("RECORDING_UNSUPPORTED", `${path} is a recording of events, not of points`, "leave --as away, or name a format of points");
  let drops: Drops = {};
  return {
    path,
    format: live.format,
    get drops() {
      return drops;
    },
    decode: () => decodeRaw(path, live, (drops = {})),
  };
}

async function* decodeFile(path: string, decoder: CapturedDecoder<Points> | ReturnType<typeof createPointDecoder>): AsyncGenerator<Points> {
  for await (const chunk of readFileChunks(path)) yield* decoder.push(chunk);
  yield* decoder.end();
}

/** @throws SaccadeError FILE_NOT_FOUND */
async function readInfo(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new SaccadeError("FILE_NOT_FOUND", `there is no file ${path} that can be read`, "check the path", { cause });
  });
}

/** By format: files of the capture's name that hold what the format's sensor would say of itself. Others there are none of ours. */
async function readInfosBeside(path: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { name, info } of POINT_FORMATS) {
    if (info === undefined) continue;
    const text = await readFile(path.replace(/\.[^./\\]*$/, "") + info.extension, "utf8").catch(() => undefined);
    if (text?.includes(info.holds)) found[name] = text;
  }
  return found;
}

async function detect(path: string, options: PointOptions): Promise<string> {
  const capture = new CaptureReader({}), udp = new UdpReader({});
  let datagrams = 0;
  for await (const chunk of readFileChunks(path))
    for (const { bytes, link, arrival } of capture.push(chunk)) {
      const datagram = udp.read(bytes, link, arrival);
      if (datagram === undefined) continue;
      const format = recogniseDatagram(datagram.payload, datagram.port, options);
      if (format !== undefined) return format.name;
      if (++datagrams === MOST_DATAGRAMS) throw unrecognised(path);
    }
  throw unrecognised(path);
}

function unrecognised(path: string): SaccadeError {
  return new SaccadeError(
    "FORMAT_UNKNOWN",
    `${path} holds no datagrams of a sensor that is known`,
    `name its format with --as, one of ${POINT_FORMAT_NAMES.join(" ")} spif`,
  );
}
