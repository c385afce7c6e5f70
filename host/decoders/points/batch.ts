import type { Micros, Points } from "../../types.js";

/**
 * A reusable block of points. Decoders add points and end scans; whoever drives them takes what there is, cut so that no batch holds
 * points of two scans.
 */
export class PointBatch implements Points {
  count = 0;
  scan = 0;
  readonly over = false;
  readonly t: Float64Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
  readonly intensity: Uint16Array;
  readonly ring: Uint8Array;
  readonly echo: Uint8Array;
  /** Where scans end among the points; the points of the last scan that are in no earlier batch follow the last end. */
  readonly #ends: number[] = [];
  /** Whether the scan that goes on has any points. */
  #begun = false;

  constructor(readonly capacity: number) {
    this.t = new Float64Array(capacity);
    this.x = new Int32Array(capacity);
    this.y = new Int32Array(capacity);
    this.z = new Int32Array(capacity);
    this.intensity = new Uint16Array(capacity);
    this.ring = new Uint8Array(capacity);
    this.echo = new Uint8Array(capacity);
  }

  /** How many points still fit. */
  get room(): number {
    return this.capacity - this.count;
  }

  /** @param x ahead, y left, z up: 0.1 mm, rounded to the nearest */
  add(t: Micros, x: number, y: number, z: number, intensity: number, ring: number, echo: number): void {
    const i = this.count++;
    this.t[i] = Math.round(t);
    this.x[i] = Math.round(x);
    this.y[i] = Math.round(y);
    this.z[i] = Math.round(z);
    this.intensity[i] = intensity;
    this.ring[i] = ring;
    this.echo[i] = echo;
    this.#begun = true;
  }

  /** A point in the plane. @param distance 0.1 mm   @param angle radians from ahead, clockwise as seen from above */
  addInPlane(t: Micros, distance: number, angle: number, intensity: number): void {
    this.add(t, distance * Math.cos(angle), -distance * Math.sin(angle), 0, intensity, 0, 0);
  }

  /** The scan is over with the points so far. One without points is none. */
  endScan(): void {
    if (!this.#begun) return;
    this.#ends.push(this.count);
    this.#begun = false;
  }

  /** Gives what was added, scan by scan, and is empty afterwards. */
  *take(): Generator<Points> {
    let from = 0;
    for (const end of this.#ends) {
      yield this.#slice(from, end, true);
      from = end;
      this.scan++;
    }
    this.#ends.length = 0;
    if (this.count > from) yield from === 0 ? this : this.#slice(from, this.count, false);
    this.count = 0;
  }

  #slice(from: number, to: number, over: boolean): Points {
    return {
      count: to - from,
      t: this.t.subarray(from, to),
      x: this.x.subarray(from, to),
      y: this.y.subarray(from, to),
      z: this.z.subarray(from, to),
      intensity: this.intensity.subarray(from, to),
      ring: this.ring.subarray(from, to),
      echo: this.echo.subarray(from, to),
      scan: this.scan,
      over,
    };
  }
}
