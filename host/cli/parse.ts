import { InvalidArgumentError } from "commander";
import type { SensorSize } from "../types.js";

/** WIDTHxHEIGHT in pixels, 1 to 65535 each. */
export function parseSize(text: string): SensorSize {
  const [, width = 0, height = 0] = (/^(\d{1,5})[x×](\d{1,5})$/i.exec(text) ?? []).map(Number);
  if (width < 1 || height < 1 || width > 65535 || height > 65535)
    throw new InvalidArgumentError("It has to be WIDTHxHEIGHT, such as 346x260.");
  return { width, height };
}

/** A whole number from `least` to `most`. */
export function parseWhole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER && !(value > most) ? `from ${least} on` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It has to be a whole number ${range}.`);
    }
    return value;
  };
}

/** A seed of the simulator: of more bits none would count. */
export const parseSeed = parseWhole(0, 2 ** 32 - 1);
