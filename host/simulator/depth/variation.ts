import type { Action } from "../actions.js";
import { DVS128_LIKE, type DvsOptions } from "../dvs.js";
import { type Lamp, randomLamp } from "../lamp.js";
import type { Random } from "../random.js";
import type { Framing } from "./view.js";

/** In what way one showing of a clip differs from another, besides clothes and background. */
export interface Variation {
  /** Whether left and right of what really happened are swapped. */
  readonly mirrored: boolean;
  /** Factor of all times. */
  readonly slowness: number;
  readonly framing: Framing;
  readonly lamp: Lamp;
  readonly sensor: DvsOptions;
}

/** 128 × 128, a standing person 87 pixels tall, arms up in view. */
const PLAIN_SCALE = 0.56;
const SIDE = 128;

/** The clip as it is: placed as the depth camera saw it, with the sensor as it is; light from somewhere above. */
export function plainVariation(random: Random): Variation {
  const sway = { pixels: 0, hertzX: 0, hertzY: 0, phase: 0 };
  return {
    mirrored: false,
    slowness: 1,
    framing: { width: SIDE, height: SIDE, scale: PLAIN_SCALE, shiftX: 0, shiftY: 0, roll: 0, sway },
    lamp: randomLamp(random),
    sensor: DVS128_LIKE,
  };
}

/**
 * The clip as other people, cameras and rooms would show it.
 * @param mirrorShare how many of 1 are mirrored, of actions that can be
 */
export function randomVariation(random: Random, action: Action, mirrorShare: number): Variation {
  const contrast = Math.exp(random.between(-0.35, 0.35));
  const swaying = random.uniform() < 0.2;
  const noisy = Math.exp(random.between(-0.7, 3));
  return {
    mirrored: random.uniform() < mirrorShare && action.mirrored !== undefined,
    slowness: Math.exp(random.between(-0.22, 0.22)),
    framing: {
      width: SIDE,
      height: SIDE,
      scale: PLAIN_SCALE * Math.exp(random.between(-0.2, 0.16)),
      shiftX: random.between(-10, 10),
      shiftY: random.between(-6, 6),
      roll: 0.035 * random.normal(),
      sway: {
        pixels: swaying ? random.between(0.2, 1.2) : 0,
        hertzX: random.between(0.2, 0.8),
        hertzY: random.between(0.2, 0.8),
        phase: random.between(0, 2 * Math.PI),
      },
    },
    lamp: randomLamp(random),
    sensor: {
      ...DVS128_LIKE,
      thresholdOn: DVS128_LIKE.thresholdOn * contrast * random.between(0.9, 1.1),
      thresholdOff: DVS128_LIKE.thresholdOff * contrast * random.between(0.9, 1.1),
      noiseHertz: DVS128_LIKE.noiseHertz * noisy,
      noiseOn: random.between(0.5, 0.98),
      refractoryMicros: DVS128_LIKE.refractoryMicros * Math.exp(random.between(-1.5, 0.2)),
      receptorMicros: DVS128_LIKE.receptorMicros * Math.exp(random.between(-1, 0.4)),
      hotPixels: DVS128_LIKE.hotPixels * random.between(0, 4),
      hotHertz: DVS128_LIKE.hotHertz * Math.exp(random.between(0, 2)),
    },
  };
}
