import type { Parameter } from "../graph/integer.js";
import { hwc, type Shape } from "../graph/shapes.js";

/** Multipliers of a requantisation: real ≈ multiplier / 2^shift. */
export interface FixedPoint {
  readonly multiplier: Int32Array;
  readonly shift: number;
}

const MAX_SHIFT = 62;

/**
 * The best common shift for real factors ≥ 0: the greatest factor takes 30 or 31 bits; trailing zeros that all share are dropped, so that
 * factors that are small dyadic fractions stay what they are.
 * @returns undefined when a factor is negative, not finite or ≥ 2^31
 */
export function fixedPoint(real: Float64Array): FixedPoint | undefined {
  const most = real.reduce((max, value) => Math.max(max, value), 0);
  if (!(most < 2 ** 31) || real.some((value) => !(value >= 0))) return undefined;
  let shift = most === 0 ? 0 : Math.max(0, Math.min(MAX_SHIFT, 30 - Math.floor(Math.log2(most))));
  if (Math.round(most * 2 ** shift) > 2147483647) shift--;
  const multiplier = Int32Array.from(real, (value) => Math.round(value * 2 ** shift));
  const bits = multiplier.reduce((any, value) => any | value, 0);
  const zeros = bits === 0 ? shift : Math.min(shift, Math.clz32(bits & -bits) ^ 31);
  return { multiplier: multiplier.map((value) => value >> zeros), shift: shift - zeros };
}

/** A multiplier of fewer bits would move a potential by more than rounding does. */
const NARROW_BITS = 12;

/**
 * The best common shift whose products with sums up to ±`most`, half added, stay below 2^31: vector units multiply 32 bits several times as
 * fast as 64.
 * @returns undefined when multipliers would be left with fewer than NARROW_BITS
 */
export function narrowFixedPoint(real: Float64Array, most: number): FixedPoint | undefined {
  const greatest = real.reduce((max, value) => Math.max(max, value), 0);
  for (let shift = MAX_SHIFT; shift >= 0 && Math.round(greatest * 2 ** shift) >= 2 ** NARROW_BITS; shift--) {
    if (Math.round(greatest * 2 ** shift) * most + 2 ** shift > 2147483647) continue;
    return { multiplier: Int32Array.from(real, (value) => Math.round(value * 2 ** shift)), shift };
  }
  return undefined;
}

/** Values in the order of a NIR shape as a graph parameter: one for all, one a channel, or one an element in the order (h, w, c). */
export function toParameter(values: ArrayLike<number>, shape: Shape): Parameter {
  const [h, w, c] = hwc(shape);
  const plane = h * w;
  const channels = Int32Array.from({ length: c }, (_, channel) => values[channel * plane]!);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== channels[Math.floor(i / plane)])
      return Int32Array.from({ length: values.length }, (_, at) => values[(at % c) * plane + Math.floor(at / c)]!);
  }
  return channels.every((value) => value === channels[0]) ? channels[0]! : channels;
}

/** One value a channel spread over a NIR shape. */
export function overShape(channels: ArrayLike<number>, shape: Shape): Float64Array {
  const [h, w, c] = hwc(shape);
  return Float64Array.from({ length: h * w * c }, (_, i) => channels[Math.floor(i / (h * w))]!);
}

export function maximum(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}
