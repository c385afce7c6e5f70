import { randomInt } from "node:crypto";

/** Seeds of a property test: one that never changes, and a new one, which the test's name prints. SACCADE_SEED names the second. */
export function seeds(): readonly number[] {
  const named = process.env["SACCADE_SEED"];
  return [20_261_121, named === undefined ? randomInt(2 ** 31) : Number(named)];
}
