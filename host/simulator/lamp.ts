import type { Random } from "./random.js";

/** Light of one lamp and of all round. */
export interface Lamp {
  /** Where the lamp is, from the person: x right, y down, z away from the camera; of length 1. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Part of the light that comes from all round, 0..1. */
  readonly ambient: number;
}

/** Above the person, somewhere on the camera's side. */
export function randomLamp(random: Random): Lamp {
  const [x, y, z] = [random.between(-0.8, 0.8), random.between(-0.9, -0.2), random.between(-1, -0.4)];
  const length = Math.hypot(x, y, z);
  return { x: x / length, y: y / length, z: z / length, ambient: random.between(0.3, 0.65) };
}
