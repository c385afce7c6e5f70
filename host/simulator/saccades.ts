import type { Micros } from "../types.js";

/** One movement along one axis: speed rises with s^rise and falls with (1 − s)^fall, s = 0 .. 1 from start to end. */
interface Move {
  readonly axis: "x" | "y";
  readonly startMillis: number;
  readonly endMillis: number;
  readonly pixels: number;
  readonly rise: number;
  readonly fall: number;
}

/**
 * The triangle that N-MNIST's pan-tilt unit drew: down-right, up-right, back left, 100 ms each. The two axes have motors of their
 * own; when each moved was read off the event rates of vertical and horizontal strokes in the recordings, how far off the drift of
 * their mean position. x right, y down, in pixels.
 * Source: Orchard et al. 2015, doi:10.3389/fnins.2015.00437, for the triangle.
 */
const MOVES: readonly Move[] = [
  { axis: "y", startMillis: 0, endMillis: 83, pixels: 5.5, rise: 2, fall: 1.4 },
  { axis: "x", startMillis: 14, endMillis: 82, pixels: 2.75, rise: 3, fall: 1.1 },
  { axis: "x", startMillis: 90, endMillis: 150, pixels: 1.25, rise: 3, fall: 1.5 },
  { axis: "y", startMillis: 110, endMillis: 186, pixels: -5.5, rise: 2, fall: 1.6 },
  { axis: "x", startMillis: 135, endMillis: 182, pixels: 1.05, rise: 1.5, fall: 1.5 },
  { axis: "x", startMillis: 180, endMillis: 220, pixels: 0.5, rise: 2, fall: 2 },
  { axis: "x", startMillis: 225, endMillis: 304, pixels: -5.55, rise: 0.9, fall: 1.8 },
];

export const SACCADES_MICROS: Micros = 300_000;
const STEPS = 600;
const STEP_MICROS = SACCADES_MICROS / STEPS;

export interface Path {
  /** Displacement from the path's middle, pixels, at any time of the cycle; before and after it the path is cyclic. */
  x(t: Micros): number;
  y(t: Micros): number;
}

/** The closed path of one cycle of three saccades. */
export function saccadePath(): Path {
  const x = cumulate("x");
  const y = cumulate("y");
  return { x: (t) => lookUp(x, t), y: (t) => lookUp(y, t) };
}

function cumulate(axis: Move["axis"]): Float64Array {
  const position = new Float64Array(STEPS + 1);
  for (const move of MOVES) {
    if (move.axis !== axis) continue;
    const speeds = Float64Array.from({ length: STEPS }, (_, step) => speedOf(move, (step + 0.5) * STEP_MICROS / 1000));
    const total = speeds.reduce((sum, speed) => sum + speed, 0);
    let moved = 0;
    for (let step = 0; step < STEPS; step++) {
      moved += speeds[step]!;
      position[step + 1] = position[step + 1]! + (move.pixels * moved) / total;
    }
  }
  const middle = (Math.max(...position) + Math.min(...position)) / 2;
  return position.map((value) => value - middle);
}

function speedOf(move: Move, millis: number): number {
  const s = (millis - move.startMillis) / (move.endMillis - move.startMillis);
  return s <= 0 || s >= 1 ? 0 : s ** move.rise * (1 - s) ** move.fall;
}

function lookUp(position: Float64Array, t: Micros): number {
  const along = (((t % SACCADES_MICROS) + SACCADES_MICROS) % SACCADES_MICROS) / STEP_MICROS;
  const step = Math.floor(along);
  return position[step]! + (along - step) * (position[step + 1]! - position[step]!);
}
