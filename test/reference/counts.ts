import { Fire, Rounding } from "../../assembly/abi.js";
import { round } from "./rounding.js";

const RULES: Readonly<Partial<Record<Fire, Rounding>>> = {
  [Fire.HalfUp]: Rounding.HalfUp,
  [Fire.HalfEven]: Rounding.HalfEven,
  [Fire.AtLeast]: Rounding.Floor,
};

/** Stateless: clamp(round(drive / 2^fractionBits), 0, maxCount). */
export function counts(drive: number, fractionBits: number, maxCount: number, fire: Fire): number {
  const rule = RULES[fire];
  if (rule === undefined) throw new RangeError(`Counts has no rule for Fire ${fire}`);
  return Math.min(Math.max(Number(round(BigInt(drive), fractionBits, rule)), 0), maxCount);
}
