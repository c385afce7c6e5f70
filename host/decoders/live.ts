import { SaccadeError } from "../errors.js";
import type { Decoder, Events, PointDecoder, Points, SensorSize } from "../types.js";
import { createDecoder, isFormatName, type FormatName } from "./formats.js";
import { SpifDecoder } from "./network/spif.js";
import { RawDvsDecoder } from "./packets/raw-dvs.js";
import { rawLidarDecoder } from "./packets/raw-lidar.js";
import { RawVendorDecoder } from "./packets/raw-vendor.js";
import { createPointDecoder, POINT_FORMAT_NAMES, pointFormat, type PointOptions } from "./points/formats.js";

/** How chunks come: cut anywhere, one a datagram, or one a packet of CBOR. */
export const TRANSPORTS = ["serial", "udp", "mqtt"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface LiveOptions extends PointOptions {
  /** For formats that do not state it. */
  readonly size?: SensorSize | undefined;
}

export type LiveDecoder =
  | { readonly kind: "events"; readonly decoder: Decoder }
  | { readonly kind: "points"; readonly decoder: PointDecoder };

/** Recordings that come as a stream of bytes, with or without their header, and so may come from a port or in packets. */
const STREAMED: readonly FormatName[] = [
  "evt2", "evt21", "evt3", "evt4", "dat", "aedat3", "bridge", "openmv", "edvs-e0", "edvs-e1", "edvs-e2", "edvs-e3", "edvs-e4",
];
const PACKETS = ["raw-dvs", "raw-lidar"] as const;

/** Names of formats that a live source may have, by how it comes. */
export function liveFormats(transport: Transport): readonly string[] {
  const points = POINT_FORMAT_NAMES.filter((name) => (pointFormat(name)!.transport === "udp") === (transport === "udp"));
  if (transport === "udp") return ["spif", ...points];
  return transport === "mqtt" ? [...PACKETS, ...STREAMED, ...points] : [...STREAMED, ...points];
}

/** Whether a live format gives points; otherwise it gives events. */
export const isPointStream = (format: string): boolean => format === "raw-lidar" || pointFormat(format) !== undefined;

/**
 * The decoder of a live source's chunks, or of such chunks that were recorded. By MQTT `raw-dvs` and `raw-lidar` are read themselves, and
 * every other format is that of the bytes within raw-vendor packets.
 * @throws SaccadeError FORMAT_UNKNOWN when no source of that kind has it; SENSOR_INFO_MISSING, SENSOR_INFO_INVALID
 */
export function createLiveDecoder(format: string, transport: Transport, options: LiveOptions = {}): LiveDecoder {
  if (!liveFormats(transport).includes(format))
    throw new SaccadeError("FORMAT_UNKNOWN", `"${format}" does not come by ${transport}`, `choose one of ${liveFormats(transport).join(" ")}`);
  if (format === "raw-dvs") return { kind: "events", decoder: new RawDvsDecoder(options.size) };
  if (format === "raw-lidar") return { kind: "points", decoder: rawLidarDecoder() };
  const packed = transport === "mqtt";
  if (isPointStream(format)) {
    const make = (): PointDecoder => createPointDecoder(format, options);
    return { kind: "points", decoder: packed ? new RawVendorDecoder<Points>(make) : make() };
  }
  const make = (): Decoder => (isFormatName(format) ? createDecoder(format, options) : new SpifDecoder(options.size));
  return { kind: "events", decoder: packed ? new RawVendorDecoder<Events>(make) : make() };
}
