import type { Glyph, Stroke } from "./glyphs.js";
import type { Random } from "./random.js";

/** Points x, y, x, y, … joined by straight lines. */
export type Polyline = Float64Array;

/** How much hands differ; deviations, in glyph boxes or radians. */
const HAND = { jitter: 0.022, narrow: 0.68, wide: 1.08, slant: 0.1, slantDeviation: 0.17, turnDeviation: 0.07 } as const;
/** Straight pieces between two control points. */
const PIECES = 8;

/** One glyph as one hand writes it, in no particular scale. */
export function writeGlyph(glyph: Glyph, random: Random): Polyline[] {
  const width = random.between(HAND.narrow, HAND.wide);
  const slant = HAND.slant + HAND.slantDeviation * clampedNormal(random);
  const turn = HAND.turnDeviation * clampedNormal(random);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const joints = new Map<string, [number, number]>();
  const moved = (x: number, y: number): [number, number] => {
    const key = `${x} ${y}`;
    // Strokes that meet in a point still meet after the jitter.
    const joint = joints.get(key) ?? [x + HAND.jitter * clampedNormal(random), y + HAND.jitter * clampedNormal(random)];
    joints.set(key, joint);
    const across = (joint[0] - 0.5) * width - (joint[1] - 0.5) * slant;
    const down = joint[1] - 0.5;
    return [across * cos - down * sin, across * sin + down * cos];
  };
  return glyph.map((stroke) => curveThrough(movePoints(stroke, moved)));
}

function clampedNormal(random: Random): number {
  return Math.max(-2, Math.min(2, random.normal()));
}

function movePoints(stroke: Stroke, moved: (x: number, y: number) => [number, number]): number[] {
  const points: number[] = [];
  for (let i = 0; i < stroke.length; i += 2) points.push(...moved(stroke[i]!, stroke[i + 1]!));
  return points;
}

/** A curve through all points, cut into straight pieces. Source: Catmull and Rom 1974, uniform, ends doubled. */
function curveThrough(points: readonly number[]): Polyline {
  const knots = points.length / 2;
  const at = (knot: number, axis: 0 | 1): number => points[2 * Math.max(0, Math.min(knots - 1, knot)) + axis]!;
  const line = new Float64Array(2 * ((knots - 1) * PIECES + 1));
  let written = 0;
  for (let knot = 0; knot < knots - 1; knot++) {
    for (let piece = 0; piece < PIECES; piece++) {
      for (const axis of [0, 1] as const) {
        line[written++] = catmullRom(at(knot - 1, axis), at(knot, axis), at(knot + 1, axis), at(knot + 2, axis), piece / PIECES);
      }
    }
  }
  line[written++] = at(knots - 1, 0);
  line[written] = at(knots - 1, 1);
  return line;
}

function catmullRom(before: number, from: number, to: number, after: number, s: number): number {
  const linear = (to - before) / 2;
  const square = before - 2.5 * from + 2 * to - after / 2;
  const cube = (after - before) / 2 + 1.5 * (from - to);
  return from + s * (linear + s * (square + s * cube));
}
