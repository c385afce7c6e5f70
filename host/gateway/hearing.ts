import type { SourceConfig } from "../config/config.js";
import { LiveBridge } from "../decoders/bridge-live.js";
import { BridgeResults } from "../decoders/bridge-results.js";
import { createLiveDecoder, type LiveDecoder, type Transport } from "../decoders/live.js";
import { SaccadeError } from "../errors.js";
import type { Drops } from "../types.js";

/** What makes events or points of a connection's bytes, and what it wants to say back. A new one for each connection: a device that was away begins anew. */
export type Hearing = LiveDecoder & {
  /** Bytes to send now. @param nowMicros since 1970, of a clock that never falls */
  readonly poll?: (nowMicros: number) => Uint8Array[];
  /** What networks on the device say. */
  readonly results?: BridgeResults;
};

/** Asked of a bridge: events, of 2 to 4 bytes as the sensor's size needs. */
export const EVENTS_OF_A_BRIDGE = { wants: ["EVENTS"], form: 1 } as const;

/** Asked of one whose network's results are all that is wanted. */
const RESULTS = ["RESULT"] as const;

/**
 * @param format  the source's own, or what was found in its first bytes
 * @param sensorInfo  what the file of that name holds
 * @throws SaccadeError FORMAT_UNKNOWN, SENSOR_INFO_MISSING, SENSOR_INFO_INVALID
 */
export function hear(format: string, { input, size, models, results: onDevice }: SourceConfig, sensorInfo: string | undefined): Hearing {
  if (format === "bridge" && input.kind === "serial") {
    const wants = onDevice.length === 0 ? EVENTS_OF_A_BRIDGE.wants : models.length === 0 ? RESULTS : [...EVENTS_OF_A_BRIDGE.wants, ...RESULTS];
    const results = new BridgeResults();
    const bridge = new LiveBridge({ ...EVENTS_OF_A_BRIDGE, wants }, results.take);
    return { kind: "events", decoder: bridge, poll: (now) => bridge.control.poll(now), results };
  }
  const baud = input.kind === "serial" ? input.baudRate : undefined;
  return createLiveDecoder(format, input.kind as Transport, { size, baud, sensorInfo });
}

/** What is left when a stream stops in the middle of something: counted, not thrown. */
export function* endOf<T>(decoder: { end(): Iterable<T>; readonly drops: Drops }): Generator<T> {
  try {
    yield* decoder.end();
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    decoder.drops["cut_short"] = (decoder.drops["cut_short"] ?? 0) + 1;
  }
}
