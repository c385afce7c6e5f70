/** Stateless: how many of the thresholds `drive` has reached. */
export function reached(drive: number, thresholds: readonly number[]): number {
  return thresholds.filter((threshold) => drive >= threshold).length;
}
