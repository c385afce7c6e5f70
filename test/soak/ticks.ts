/** Event format E4 tells 32 bits of µs. */
export const EDVS_LATENCY_START = "!E4\nE+\n";

/** µs since a time that was told modulo 2^32 and may have been unwrapped since, by at most half the range: below 0 when it lies ahead. */
export function microsSince(told: number): number {
  return (microsNow() - (told % 2 ** 32)) | 0;
}

/** µs of the machine's clock, which all its processes share, modulo 2^32. */
export function microsNow(): number {
  return Number((process.hrtime.bigint() / 1000n) % 2n ** 32n);
}
