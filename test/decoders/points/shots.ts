import { readFileSync } from "node:fs";

/** One measurement that an encoder is given. */
export interface Shot {
  /** Whole; 0 for nothing seen. */
  readonly mm: number;
  /** From 0, below 360, clockwise from ahead. */
  readonly degrees: number;
  /** 0 to 255. */
  readonly intensity: number;
}

/** Shots of a whole turn. */
export const TURN_SHOTS = 1024;
const HEADER_WORDS = 24, LONGEST = 5600;

const shot = (mm: number, i: number): Shot => ({ mm, degrees: ((i % TURN_SHOTS) * 360) / TURN_SHOTS, intensity: (i * 37 + mm) & 0xff });

/**
 * Turns of a real sensor: its scans of 240° in mm, the rest of the turn unseen.
 * @param path lines of 24 words and then distances
 */
export function realShots(path: string, turns: number): Shot[] {
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(0, turns);
  const distances = lines.flatMap((line) => {
    const values = line.trim().split(/\s+/).slice(HEADER_WORDS).map(Number);
    return Array.from({ length: TURN_SHOTS }, (_, i) => Math.min(LONGEST, values[i] ?? 0));
  });
  return distances.map(shot);
}

/** Turns in a room that nobody has measured. @param seed of its walls */
export function madeShots(count: number, seed: number): Shot[] {
  return Array.from({ length: count }, (_, i) => {
    const wall = 1500 + 900 * Math.sin((i * 2 * Math.PI) / TURN_SHOTS + seed) + 300 * Math.sin(i / 17 + seed);
    return shot((i * 7919 + seed) % 11 === 0 ? 0 : Math.round(wall), i);
  });
}
