import { createDecoder } from "../../host/decoders/formats.js";
import { SaccadeError } from "../../host/errors.js";
import type { Drops, Events, SensorSize } from "../../host/types.js";

/** Everything a decoder said of some bytes. */
export interface Decoded {
  readonly events: Events;
  readonly drops: Drops;
  readonly size: SensorSize | undefined;
  /** The code of the error that ended it. */
  readonly error: string | undefined;
}

/** Events to compare: plain arrays, µs, pixels, polarity. */
export interface Columns {
  readonly t: number[];
  readonly x: number[];
  readonly y: number[];
  readonly p: number[];
}

/**
 * Decodes bytes that arrive cut at the given places.
 * @param cuts lengths of the chunks, used again from the first when they end; none: all at once
 * @throws whatever is not a SaccadeError
 */
export function decodeBytes(format: string, bytes: Uint8Array, cuts: readonly number[] = [], size?: SensorSize): Decoded {
  const decoder = createDecoder(format, { size });
  const columns: Columns = { t: [], x: [], y: [], p: [] };
  let error: string | undefined;
  try {
    for (const chunk of cut(bytes, cuts)) for (const batch of decoder.push(chunk)) append(columns, batch);
    for (const batch of decoder.end()) append(columns, batch);
  } catch (thrown) {
    if (!(thrown instanceof SaccadeError)) throw thrown;
    error = thrown.code;
  }
  return { events: toEvents(columns), drops: decoder.drops, size: decoder.size, error };
}

function* cut(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  if (cuts.length === 0) {
    yield bytes;
    return;
  }
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = Math.max(1, cuts[i % cuts.length]!);
    // A copy that is overwritten afterwards: a decoder must not keep a chunk.
    const chunk = Uint8Array.from(bytes.subarray(at, at + length));
    yield chunk;
    chunk.fill(0xa5);
    at += length;
  }
}

function append(columns: Columns, { count, t, x, y, p }: Events): void {
  for (let i = 0; i < count; i++) {
    columns.t.push(t[i]!);
    columns.x.push(x[i]!);
    columns.y.push(y[i]!);
    columns.p.push(p[i]!);
  }
}

export function toEvents({ t, x, y, p }: Columns): Events {
  return { count: t.length, t: Float64Array.from(t), x: Uint16Array.from(x), y: Uint16Array.from(y), p: Uint8Array.from(p) };
}

export function toColumns({ count, t, x, y, p }: Events): Columns {
  return { t: [...t.subarray(0, count)], x: [...x.subarray(0, count)], y: [...y.subarray(0, count)], p: [...p.subarray(0, count)] };
}
