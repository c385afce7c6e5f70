import type { Events, SensorSize } from "../types.js";

/**
 * Events to the bytes of one recording format. Call `begin` once, `write` for each batch, `end` once; all bytes in that order
 * are the file, then `patch`, where there is one, replaces bytes already written. Bytes are valid until the next call.
 */
export interface RecordingWriter {
  begin(): Uint8Array;
  /** Events in order of time. */
  write(events: Events): Iterable<Uint8Array>;
  end(): Iterable<Uint8Array>;
  patch?(): { readonly at: number; readonly bytes: Uint8Array } | undefined;
  /** µs that were taken from every time because the format cannot tell such a late one; 0 for none. */
  readonly timeShift: number;
}

export interface WriterOptions {
  readonly size: SensorSize;
}
