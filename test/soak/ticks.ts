/** Event format E4 tells 32 bits of µs. */
export const EDVS_LATENCY_START = "!E4\nE+\n";

/** µs of the machine's clock, which all its processes share, modulo 2^32. */
export function microsNow(): number {
  return Number((process.hrtime.bigint() / 1000n) % 2n ** 32n);
}
