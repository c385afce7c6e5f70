/** Whole µs below this are counted each for itself. */
const EXACT = 2048;
/** Above, each octave is cut into this many buckets: the value given is at most 1 / 1024 too low. */
const BUCKETS = 1024;

/** Durations of any number of windows in fixed memory. */
export class LatencyHistogram {
  count = 0;
  readonly #counts = new Map<number, number>();

  /** @param micros ≥ 0 */
  add(micros: number): void {
    const bucket = floorOf(Math.round(micros));
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.count++;
  }

  /** The least duration, µs, that `share` (0..1) of all were not above; 0 when there were none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return bucket;
    }
    return 0;
  }
}

/** The lower edge of a value's bucket. */
function floorOf(micros: number): number {
  if (micros < EXACT) return micros;
  const width = 2 ** (Math.floor(Math.log2(micros)) - Math.log2(BUCKETS));
  return Math.floor(micros / width) * width;
}
