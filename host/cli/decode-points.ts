import { createHash, type Hash } from "node:crypto";
import { openPoints, type PointRecordingOptions } from "../point-recording.js";
import { SaccadeError } from "../errors.js";
import type { Drops, Points } from "../types.js";
import { explainDrops } from "./recording-options.js";
import { timesAsU64 } from "./decode-columns.js";
import { whole } from "./text.js";

const TENTHS_A_METRE = 10_000;
const COLUMNS = ["t", "x", "y", "z", "intensity", "ring", "echo"] as const;
type Column = (typeof COLUMNS)[number];

/** SHA-256 of each column as little-endian u64 µs, i32 0.1 mm three times, u16, u8, u8, whatever the batches are. */
export class PointDigest {
  readonly #hashes = Object.fromEntries(COLUMNS.map((name) => [name, createHash("sha256")])) as Record<Column, Hash>;
  #halves = new Uint32Array(0);

  update(points: Points): void {
    const { count, t } = points;
    if (this.#halves.length < 2 * count) this.#halves = new Uint32Array(2 * count);
    this.#hashes.t.update(timesAsU64(t, count, this.#halves));
    for (const name of ["x", "y", "z", "intensity", "ring", "echo"] as const) {
      const column = points[name];
      this.#hashes[name].update(new Uint8Array(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT));
    }
  }

  hex(): Record<Column, string> {
    return Object.fromEntries(COLUMNS.map((name) => [name, this.#hashes[name].digest("hex")])) as Record<Column, string>;
  }
}

/** Metres. */
interface Bounds {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

class Extent {
  readonly #min = [Infinity, Infinity, Infinity];
  readonly #max = [-Infinity, -Infinity, -Infinity];

  update({ count, x, y, z }: Points): void {
    for (const [axis, column] of [x, y, z].entries())
      for (let i = 0; i < count; i++) {
        const value = column[i]!;
        if (value < this.#min[axis]!) this.#min[axis] = value;
        if (value > this.#max[axis]!) this.#max[axis] = value;
      }
  }

  bounds(): Bounds | null {
    if (this.#min[0] === Infinity) return null;
    return { min: inMetres(this.#min), max: inMetres(this.#max) };
  }
}

function inMetres(tenths: readonly number[]): [number, number, number] {
  return tenths.map((value) => value / TENTHS_A_METRE) as [number, number, number];
}

interface PointResult {
  readonly format: string;
  readonly points: number;
  readonly scans: number;
  readonly bounds: Bounds | null;
  readonly digest: Record<Column, string>;
  readonly dropped?: Drops;
}

/**
 * What a recording of points holds, printed.
 * @throws SaccadeError RECORDING_CORRUPT when nothing in it could be read, and what openPoints throws
 */
export async function decodePoints(file: string, options: PointRecordingOptions, asJson: boolean): Promise<void> {
  const recording = await openPoints(file, options);
  const digest = new PointDigest(), extent = new Extent();
  let points = 0, scans = 0;
  for await (const batch of recording.decode()) {
    digest.update(batch);
    extent.update(batch);
    points += batch.count;
    scans = batch.scan + 1;
  }
  const { format, drops } = recording;
  if (points === 0 && !("no_return" in drops))
    throw new SaccadeError(
      "RECORDING_CORRUPT",
      `nothing in ${file} reads as ${format}`,
      "check that the file is complete, or name its format with --as",
    );
  const dropped = Object.keys(drops).length > 0 ? { dropped: drops } : {};
  const result: PointResult = { format, points, scans, bounds: extent.bounds(), digest: digest.hex(), ...dropped };
  process.stdout.write(asJson ? `${JSON.stringify(result)}\n` : describe(file, result) + explainDrops(drops));
}

function describe(file: string, { format, points, scans, bounds, digest }: PointResult): string {
  const side = (axis: number): string => `${bounds!.min[axis]!.toFixed(2)} to ${bounds!.max[axis]!.toFixed(2)} m`;
  const box = bounds === null ? "" : `  x ${side(0)}, y ${side(1)}, z ${side(2)}\n`;
  const columns = Object.entries(digest).map(([name, hex]) => `  ${name.padEnd(9)} ${hex}\n`);
  return `${file}: ${format}, ${whole(points)} points in ${whole(scans)} scans\n${box}${columns.join("")}`;
}
