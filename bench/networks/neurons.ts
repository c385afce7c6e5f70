import { MAX_COUNT } from "./layers.js";

/** What stands behind every weighted layer: I-LIF counts without state, or a binary leaky integrator. */
export type NeuronKind = "counts" | "lif";

/** drive = round((sum + bias) · multiplier / 2^shift), in units of 1 / 2^FRACTION_BITS of a spike. */
export interface Drive {
  readonly bias: Int32Array;
  readonly multiplier: Int32Array;
  readonly shift: number;
}

export const FRACTION_BITS = 8;
export const ONE = 1 << FRACTION_BITS;
export const LIF_DECAY_SHIFT = 2;

export function driveOf(sum: number, c: number, { bias, multiplier, shift }: Drive): number {
  return Math.floor(((sum + bias[c]!) * multiplier[c]!) / 2 ** shift + 0.5);
}

/** clamp(round(drive), 0, D) of each sum; @param steps  sums of consecutive frames, [h, w, co] each */
export function fire(kind: NeuronKind, steps: readonly Int32Array[], drive: Drive): Uint8Array[] {
  const channels = drive.bias.length;
  if (kind === "counts")
    return steps.map(sums => Uint8Array.from(sums, (sum, i) => {
      const count = Math.floor((driveOf(sum, i % channels, drive) + ONE / 2) / ONE);
      return Math.max(0, Math.min(count, MAX_COUNT));
    }));
  const potential = new Int32Array(steps[0]!.length);
  return steps.map(sums => Uint8Array.from(sums, (sum, i) => {
    const v = clampI16(potential[i]! - (potential[i]! >> LIF_DECAY_SHIFT) + driveOf(sum, i % channels, drive));
    const spike = v >= ONE ? 1 : 0;
    potential[i] = v - spike * ONE;
    return spike;
  }));
}

/** Sums at which the count becomes 1, 2, … D, bias taken off: i32[co, D]. */
export function thresholdsOf(drive: Drive): Int32Array {
  const { bias, multiplier, shift } = drive;
  const found = new Int32Array(bias.length * MAX_COUNT);
  for (let c = 0; c < bias.length; c++)
    for (let k = 1; k <= MAX_COUNT; k++) {
      const least = (k - 0.5) * ONE;
      let sum = Math.floor(((least - 0.5) * 2 ** shift) / multiplier[c]!) - bias[c]! - 1;
      while (driveOf(sum, c, drive) < least) sum++;
      found[c * MAX_COUNT + k - 1] = sum;
    }
  return found;
}

function clampI16(v: number): number {
  return Math.max(-32768, Math.min(v, 32767));
}
