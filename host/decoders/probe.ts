import { SaccadeError } from "../errors.js";
import { holdsBridgeFrame } from "./bridge.js";
import { liveFormats, type Transport } from "./live.js";
import { looksLikeSpif } from "./network/spif.js";
import { holdsOpenmvHead } from "./openmv.js";
import { readRawPacket } from "./packets/raw-packet.js";
import { PointBatch } from "./points/batch.js";
import { createPointDecoder, POINT_FORMATS, type PointFormat, type PointOptions, recogniseDatagram } from "./points/formats.js";
import { ldModelsOfRate } from "./points/ld06.js";
import { MORE_BYTES, SerialPointDecoder } from "./points/serial.js";

/** Good frames of a serial format that it takes to believe it, and the part of the bytes from the first on that they have to make up. */
const LEAST_FRAMES = 3, LEAST_PART = 0.8;
/** A node of RPLIDAR's standard mode has three bits of marks: whole turns of nothing else, and no byte between. */
const NODES = "rplidar-standard", LEAST_NODES = 300, NODES_PART = 0.99;
/** Datagrams, or packets, of one sensor that it takes. */
const LEAST_DATAGRAMS = 3;

export interface ProbeOptions extends PointOptions {
  /** The local port of datagrams: an Ouster without metadata is known by it alone. */
  readonly port?: number;
}

/**
 * The format of a live source, by its first chunks; nothing is guessed. A serial format has to show several frames whose marks and sums
 * hold and that make up nearly all of the bytes, a datagram the size and marks of its sensor, a packet of CBOR says it itself. Formats
 * without marks (eDVS, plain EVT words) are never found, nor is what the bytes do not tell: TFmini's unit.
 * @param name  what to call the source in errors
 * @throws SaccadeError FORMAT_UNKNOWN when none fits, with those that were tried; FORMAT_AMBIGUOUS when several do
 */
export function probeFormat(chunks: readonly Uint8Array[], transport: Transport, name: string, options: ProbeOptions = {}): string {
  const found =
    transport === "serial" ? serialCandidates(Buffer.concat(chunks), options)
    : transport === "udp" ? datagramCandidates(chunks, options)
    : packetCandidates(chunks);
  const [first] = found;
  if (first === undefined) {
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    const tried = transport === "mqtt" ? ["raw-dvs", "raw-lidar", "raw-vendor"] : liveFormats(transport).filter((format) => !isUnmarked(format));
    throw new SaccadeError(
      "FORMAT_UNKNOWN",
      `the first ${bytes} bytes of ${name} are of no format that shows itself; tried ${tried.join(" ")}`,
      transport === "serial" ? "check the baud rate, or write the source's format" : "write the source's format",
    );
  }
  if (found.length > 1)
    throw new SaccadeError("FORMAT_AMBIGUOUS", `${name} may be ${found.join(" or ")}`, `write the source's format: ${found.join(" or ")}`);
  return first;
}

const isUnmarked = (format: string): boolean => /^(?:edvs|evt|dat$|aedat)/.test(format);

function serialCandidates(bytes: Buffer, options: PointOptions): string[] {
  const events = [...(holdsBridgeFrame(bytes) ? ["bridge"] : []), ...(holdsOpenmvHead(bytes) ? ["openmv"] : [])];
  const points = POINT_FORMATS.filter((format) => format.transport === "serial" && fits(format, bytes, options)).map((format) => format.name);
  const models = ldModelsOfRate(bytes), told = points.filter((name) => models === undefined || !isLd(name) || (models as string[]).includes(name));
  // An answer in the stream says how the RPLIDAR measures: its modes by name add nothing.
  return [...events, ...told.filter((name) => !(name.startsWith("rplidar-") && told.includes("rplidar")))];
}

const isLd = (name: string): boolean => ["ld06", "stl06p", "stl27l"].includes(name);

/** Whether nearly all bytes from the first good frame on are good frames. */
function fits(format: PointFormat, bytes: Uint8Array, options: PointOptions): boolean {
  const decoder = createPointDecoder(format.name, options);
  if (!(decoder instanceof SerialPointDecoder)) return false;
  const { reader } = decoder, batch = new PointBatch(2 * reader.mostPoints + 1);
  let frames = 0, good = 0, first = -1, scans = 0, at = 0;
  while (at < bytes.length) {
    const length = reader.measure(bytes, at, bytes.length, false);
    if (length === MORE_BYTES) break;
    if (length < 0) {
      at++;
      continue;
    }
    if (first < 0) first = at;
    const points = pointsOf(reader, bytes, at, length, batch);
    scans += points.scans;
    if (points.count > 0) frames++;
    good += length;
    at += length;
  }
  const part = first < 0 ? 0 : good / (at - first);
  if (format.name === NODES) return frames >= LEAST_NODES && part >= NODES_PART && scans >= 1;
  return frames >= LEAST_FRAMES && part >= LEAST_PART;
}

/** Lets a reader have its frame, so that it knows what follows. */
function pointsOf(reader: SerialPointDecoder["reader"], bytes: Uint8Array, at: number, length: number, batch: PointBatch): { count: number; scans: number } {
  const unseen = { before: sumOf(reader) };
  reader.read(bytes, at, length, 0, false, batch);
  let count = sumOf(reader) - unseen.before, scans = 0;
  for (const points of batch.take()) {
    count += points.count;
    if (points.over) scans++;
  }
  return { count, scans };
}

/** Measurements in which nothing was seen: a sensor in an empty room measures too. */
function sumOf(reader: SerialPointDecoder["reader"]): number {
  const { drops } = reader as { readonly drops?: Readonly<Record<string, number>> };
  return (drops?.["no_return"] ?? 0) + (drops?.["next_lost"] ?? 0);
}

function datagramCandidates(chunks: readonly Uint8Array[], options: ProbeOptions): string[] {
  const counts = new Map<string, number>();
  for (const chunk of chunks) {
    const name = recogniseDatagram(chunk, options.port ?? 0, options)?.name ?? (looksLikeSpif(chunk) ? "spif" : undefined);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count >= Math.min(LEAST_DATAGRAMS, chunks.length)).map(([name]) => name);
}

function packetCandidates(chunks: readonly Uint8Array[]): string[] {
  const names = chunks.map((chunk) => readRawPacket(chunk)).flatMap((packet) =>
    typeof packet === "string" ? [] : [packet.kind === "vendor" ? packet.format : `raw-${packet.kind}`]);
  return [...new Set(names)].filter((name) => liveFormats("mqtt").includes(name));
}
