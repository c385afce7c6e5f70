import type { Micros } from "../types.js";

/** Units of a duration, µs each. */
const UNITS: ReadonlyMap<string, Micros> = new Map([["us", 1], ["ms", 1e3], ["s", 1e6], ["min", 60e6], ["h", 3600e6], ["d", 86_400e6]]);

/** What else people call them. */
const ALSO: ReadonlyMap<string, string> = new Map(Object.entries({
  "µs": "us", "μs": "us", usec: "us", micros: "us", microsecond: "us", msec: "ms", millis: "ms", millisecond: "ms", sec: "s", second: "s",
  m: "min", minute: "min", mins: "min", hr: "h", hour: "h", day: "d",
}));

/** A number and its unit, as a JSON Schema's pattern. */
export const DURATION_PATTERN = "^[0-9]+(\\.[0-9]+)?(us|ms|s|min|h|d)$";

const DURATION = new RegExp(DURATION_PATTERN);

/** "20us", "5ms", "2s", "1.5h" in µs, whole; undefined for what is no duration. */
export function parseDuration(text: string): Micros | undefined {
  const [, , unit] = DURATION.exec(text) ?? [];
  return unit === undefined ? undefined : Math.round(Number.parseFloat(text) * UNITS.get(unit)!);
}

/** In the greatest unit that leaves it whole: 86,400,000,000 → "1d". */
export function durationText(micros: Micros): string {
  const [unit, size] = [...UNITS].filter(([, size]) => micros % size === 0 && micros >= size).at(-1) ?? ["us", 1];
  return `${micros / size}${unit}`;
}

/** How something that is nearly a duration is written: "5 sec" → "5s"; undefined when nobody can tell. */
export function meantDuration(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const [, number, unit] = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zµμ]+)\s*$/i.exec(value) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const word = unit.toLowerCase();
  const singular = word.length > 2 ? word.replace(/s$/, "") : word;
  const known = UNITS.has(word) ? word : (ALSO.get(word) ?? ALSO.get(singular));
  return known === undefined ? undefined : `${number}${known}`;
}
