import { NAME_PATTERN } from "../publishers/messages.js";
import { DURATION_PATTERN } from "./duration.js";

/** `patternErrorMessage` completes "write …"; editors show it too. */
export const name = {
  type: "string",
  pattern: NAME_PATTERN.source,
  patternErrorMessage: "1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit",
} as const;

export const path = { type: "string", minLength: 1, maxLength: 4096 } as const;

export const size = {
  type: "string",
  pattern: "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$",
  patternErrorMessage: "WIDTHxHEIGHT in pixels, such as 346x260",
  examples: ["346x260"],
} as const;

export interface DurationSchema {
  readonly type: "string";
  readonly pattern: string;
  readonly patternErrorMessage: string;
  /** The least and the most, both allowed. */
  readonly "x-range": readonly [least: string, most: string];
}

/** A duration from `least` to `most`. @param word  one that may stand in its place */
export function duration(least: string, most: string, word?: string): DurationSchema {
  const also = word === undefined ? "" : `, or ${word}`;
  return {
    type: "string",
    pattern: word === undefined ? DURATION_PATTERN : `${DURATION_PATTERN}|^${word}$`,
    patternErrorMessage: `a number and its unit, one of us ms s min h d, such as ${least}${also}`,
    "x-range": [least, most],
  };
}
