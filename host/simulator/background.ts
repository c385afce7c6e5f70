import { NoiseTexture } from "./noise-texture.js";
import type { Random } from "./random.js";

/** A wall with things on it, larger than the view; what lies behind a person. */
export interface Background {
  /** Light, > 0, of a point; x right, y down, pixels of the sensor from the view's middle. Beyond the edge the edge's own goes on. */
  at(x: number, y: number): number;
  /** Light of its larger part. */
  readonly wall: number;
}

const SIDE = 192;

/** A wall, evenly or unevenly lit, with up to a few furnitures' edges before it, a floor, and roughness. */
export function randomBackground(random: Random): Background {
  const light = new Float32Array(SIDE * SIDE);
  const wall = Math.exp(random.between(Math.log(0.15), Math.log(0.85)));
  const [slopeX, slopeY] = [random.between(-0.4, 0.4), random.between(-0.4, 0.4)];
  const roughness = random.between(0, 0.12);
  const hills = random.between(4, 14);
  const noise = new NoiseTexture(random);
  const floorAt = SIDE / 2 + random.between(36, 60);
  const floor = random.between(0.6, 1.5);
  const things = Array.from({ length: random.below(6) }, () => ({
    x: random.between(0, SIDE),
    y: random.between(0, SIDE),
    halfWidth: random.between(3, 30),
    halfHeight: random.between(3, 40),
    shade: Math.exp(random.between(-0.9, 0.7)),
  }));
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      let value = Math.exp((slopeX * x + slopeY * y) / SIDE) * (y > floorAt ? floor : 1);
      for (const { x: thingX, y: thingY, halfWidth, halfHeight, shade } of things)
        if (Math.abs(x - thingX) < halfWidth && Math.abs(y - thingY) < halfHeight) value *= shade;
      value *= Math.exp(roughness * (noise.at(x / hills, y / hills) + 0.5 * noise.at(x / 3, y / 3)));
      light[y * SIDE + x] = Math.min(1.2, Math.max(0.04, wall * value));
    }
  return {
    wall,
    at(x, y) {
      const u = Math.min(SIDE - 1.01, Math.max(0, x + SIDE / 2));
      const v = Math.min(SIDE - 1.01, Math.max(0, y + SIDE / 2));
      const at = (v | 0) * SIDE + (u | 0);
      const fx = u - (u | 0);
      const upper = light[at]! + fx * (light[at + 1]! - light[at]!);
      const lower = light[at + SIDE]! + fx * (light[at + SIDE + 1]! - light[at + SIDE]!);
      return upper + (v - (v | 0)) * (lower - upper);
    },
  };
}
