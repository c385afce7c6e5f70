import type { SourceConfig } from "../config/config.js";
import { LiveBridge } from "../decoders/bridge-live.js";
import { createDecoder } from "../decoders/formats.js";
import { SpifDecoder } from "../decoders/network/spif.js";
import { createPointDecoder, pointFormat } from "../decoders/points/formats.js";
import { SaccadeError } from "../errors.js";
import type { Decoder, PointDecoder } from "../types.js";

/** What makes events or points of a connection's bytes. A new one for each connection: a device that was away begins anew. */
export type Hearing =
  | { readonly gives: "events"; readonly decoder: Decoder; readonly poll?: (nowMicros: number) => Uint8Array[] }
  | { readonly gives: "points"; readonly decoder: PointDecoder };

/** Events of 2 to 4 bytes, as the sensor's size needs. */
const BRIDGE_FORM = 1;

/**
 * @param format  a format's name: the source's own, or what was found in its first bytes
 * @param sensorInfo  what the file of that name holds
 * @throws SaccadeError SENSOR_SIZE_UNKNOWN, SENSOR_INFO_MISSING, SENSOR_INFO_INVALID, FORMAT_UNKNOWN
 */
export function hear(format: string, { input, size }: SourceConfig, sensorInfo: string | undefined): Hearing {
  const baud = input.kind === "serial" ? input.baudRate : undefined;
  if (pointFormat(format) !== undefined) return { gives: "points", decoder: createPointDecoder(format, { baud, sensorInfo }) };
  if (format === "spif") return { gives: "events", decoder: new SpifDecoder(size) };
  if (format === "bridge") {
    const bridge = new LiveBridge({ wants: ["EVENTS"], form: BRIDGE_FORM });
    return { gives: "events", decoder: bridge, poll: (now) => bridge.control.poll(now) };
  }
  return { gives: "events", decoder: createDecoder(format, { size, baud }) };
}

/** What is left when a recording's or a sensor's stream stops in the middle of something: counted, not thrown. */
export function* endOf<T>(decoder: { end(): Iterable<T>; readonly drops: Record<string, number> }): Generator<T> {
  try {
    yield* decoder.end();
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    decoder.drops["cut_short"] = (decoder.drops["cut_short"] ?? 0) + 1;
  }
}
