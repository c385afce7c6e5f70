import type { Drops, Micros, PointDecoder, Points } from "../../../host/types.js";

export const COLUMNS = ["t", "x", "y", "z", "intensity", "ring", "echo"] as const;

/** Everything that a decoder said: columns, and of each point its scan; and where scans were over. */
export interface Collected {
  readonly t: number[];
  readonly x: number[];
  readonly y: number[];
  readonly z: number[];
  readonly intensity: number[];
  readonly ring: number[];
  readonly echo: number[];
  readonly scan: number[];
  /** Points before the end of scan k. */
  readonly ends: number[];
  readonly drops: Drops;
}

/** A chunk of bytes, and when its last byte came. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly arrival?: Micros | undefined;
}

/** Pushes chunks, each a copy that is overwritten afterwards: a decoder must not keep one. Batches must obey `Points`. */
export function collect(decoder: PointDecoder, chunks: Iterable<Chunk>): Collected {
  const all: Collected = { t: [], x: [], y: [], z: [], intensity: [], ring: [], echo: [], scan: [], ends: [], drops: decoder.drops };
  const keep = (points: Points): void => {
    if (points.scan !== all.ends.length) throw new Error(`scan ${points.scan} after ${all.ends.length} were over`);
    if (points.count === 0 && !points.over) throw new Error("an empty batch that ends nothing");
    for (const name of COLUMNS) for (let i = 0; i < points.count; i++) all[name].push(points[name][i]!);
    for (let i = 0; i < points.count; i++) all.scan.push(points.scan);
    if (points.over) all.ends.push(all.t.length);
  };
  for (const { bytes, arrival } of chunks) {
    const chunk = Uint8Array.from(bytes);
    for (const points of decoder.push(chunk, arrival)) keep(points);
    chunk.fill(0xa5);
  }
  for (const points of decoder.end()) keep(points);
  return all;
}

/** Bytes in chunks of the given lengths, used again from the first when they end; none: all at once. */
export function* cut(bytes: Uint8Array, lengths: readonly number[] = []): Generator<Chunk> {
  if (lengths.length === 0) yield { bytes };
  else
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const end = at + Math.max(1, lengths[i % lengths.length]!);
      yield { bytes: bytes.subarray(at, end) };
      at = end;
    }
}

/** Distance in the plane, mm, to a tenth, and angle clockwise from ahead, degrees 0 to 360. */
export function polar({ x, y }: Collected, i: number): { readonly mm: number; readonly degrees: number } {
  const degrees = (Math.atan2(-y[i]!, x[i]!) * 180) / Math.PI;
  return { mm: Math.hypot(x[i]!, y[i]!) / 10, degrees: (degrees + 360) % 360 };
}
