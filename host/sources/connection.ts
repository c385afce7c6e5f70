import type { Drops, Micros } from "../types.js";

/** Bytes as they arrived, one read of a port or one datagram; valid until the iterator that gave it is resumed. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** On the monotonic clock of this machine. */
  readonly at: Micros;
}

/** An open way to a device. It ends once: when the device goes away, or by `close`. */
export interface Connection {
  /** In the order of arrival, for one reader; ends with the connection, and does not throw. */
  readonly chunks: AsyncIterable<Chunk>;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<string>;
  /** What came and is in no chunk, by reason: bytes of a queue that was full, datagrams and messages that are not for this source. */
  readonly drops: Drops;
  /** Resolves when the bytes are on their way; false when the connection ended first, or has no way back. */
  write(bytes: Uint8Array): Promise<boolean>;
  close(): Promise<void>;
}

/** Where a device would be. */
export interface Device {
  /** As the user wrote it. */
  readonly name: string;
  /** Whether it is there to be opened: a port's file exists. */
  isPresent(): Promise<boolean>;
  /**
   * @param signal  ends an attempt that takes its time
   * @throws SaccadeError PORT_REFUSED, of a broker BROKER_UNREACHABLE or BROKER_REFUSED, when it is there and does not open
   */
  open(signal?: AbortSignal): Promise<Connection>;
}

/** µs of a clock that never goes back. */
export function monotonicMicros(): Micros {
  return Math.round(performance.now() * 1000);
}
