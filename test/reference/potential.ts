import { Decay, Fire, Order, Rounding } from "../../assembly/abi.js";
import { round } from "./rounding.js";

/** How a potential or a current fades in one timestep; `value` is the shift, or the multiplier of 2^-bits. */
export interface DecayRule {
  readonly form: Decay;
  readonly value: number;
  readonly bits: number;
  readonly rounding: Rounding;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

export function decayed(v: number, rule: DecayRule): number {
  switch (rule.form) {
    case Decay.None: return v;
    case Decay.Shift: return v - Math.floor(v / 2 ** rule.value);
    case Decay.Multiply: return Number(round(BigInt(v) * BigInt(rule.value), rule.bits, rule.rounding));
  }
}

/** The potential after decay and drive, before any clamp. */
export function updated(v: number, drive: number, order: Order, decay: DecayRule): number {
  return order === Order.DecayFirst ? decayed(v, decay) + drive : decayed(v + drive, decay);
}

export function clamped(v: number, { min, max }: Limits): { readonly value: number; readonly saturations: number } {
  const value = Math.min(Math.max(v, min), max);
  return { value, saturations: value === v ? 0 : 1 };
}

/** How many k of 1..maxCount satisfy the comparison; both sides are doubled, so that (k − ½)·θ is whole. */
export function spikesOf(v: number, threshold: number, maxCount: number, fire: Fire): number {
  let spikes = 0;
  for (let k = 1; k <= maxCount; k++) if (fires(v, threshold, k, fire)) spikes++;
  return spikes;
}

function fires(v: number, threshold: number, k: number, fire: Fire): boolean {
  switch (fire) {
    case Fire.AtLeast: return v >= k * threshold;
    case Fire.Above: return v > k * threshold;
    case Fire.HalfUp: return 2 * v >= (2 * k - 1) * threshold;
    case Fire.HalfEven: return k % 2 === 1 ? 2 * v > (2 * k - 1) * threshold : 2 * v >= (2 * k - 1) * threshold;
  }
}
