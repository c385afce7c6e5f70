import { NoiseTexture } from "./noise-texture.js";
import type { Random } from "./random.js";

/** How much light a person's surface gives back, by place on the standing body. */
export interface Clothes {
  /**
   * 0..1. @param height  from the feet, 0, to the crown, 1   @param side  to the left or right of the body's middle, in body heights
   */
  albedo(height: number, side: number): number;
}

const SHOES = 0.045;
const HEM = 0.54;
const NECK = 0.845;
const HAIRLINE = 0.955;
/** Where the hands hang. */
const HAND = { least: 0.4, most: 0.5, side: 0.135 } as const;

/** In the log, what shirt and trousers differ from the wall at least: who looks like the wall is seen by no camera. */
const CONTRAST = 0.45;

/**
 * Skin, hair, shirt with long or short sleeves, trousers and shoes, each with folds, the shirt perhaps with stripes.
 * @param wall  what is behind the person, as light
 */
export function randomClothes(random: Random, wall: number): Clothes {
  const skin = random.between(0.18, 0.6);
  const hair = random.between(0.03, 0.25);
  const shirt = unlike(wall, random, 0.06, 0.8);
  const trousers = unlike(wall, random, 0.05, 0.5);
  const shoes = random.between(0.04, 0.6);
  const folds = random.between(0.08, 0.25);
  const grain = random.between(18, 45);
  const striped = random.uniform() < 0.35;
  const stripes = striped ? { depth: random.between(0.1, 0.45), across: random.between(18, 50), upright: random.uniform() < 0.4 } : undefined;
  const shortSleeves = random.uniform() < 0.5;
  const noise = new NoiseTexture(random);
  const plain = (height: number, side: number): number => {
    const hanging = Math.abs(side) > HAND.side;
    if (hanging && height < (shortSleeves ? 0.68 : HAND.most) && height > HAND.least) return skin;
    if (height < SHOES) return shoes;
    if (height < HEM) return trousers;
    if (height < NECK) {
      const dark = stripes !== undefined && Math.sin(2 * Math.PI * stripes.across * (stripes.upright ? side : height)) > 0;
      return dark ? shirt * (1 - stripes.depth) : shirt;
    }
    return height < HAIRLINE ? skin : hair;
  };
  return {
    albedo(height, side) {
      const [u, v] = [side * grain, height * grain];
      return plain(height, side) * Math.exp(folds * (noise.at(u, v) + 0.5 * noise.at(2.7 * u, 2.7 * v)));
    },
  };
}

/** A shade that differs from the wall, evenly spread in the log, between `least` and `most`. */
function unlike(wall: number, random: Random, least: number, most: number): number {
  for (;;) {
    const shade = Math.exp(random.between(Math.log(least), Math.log(most)));
    if (Math.abs(Math.log((shade * USUAL_LIGHT) / wall)) > CONTRAST) return shade;
  }
}

/** What reaches the eye of a surface that faces the camera, beside one in full light. */
const USUAL_LIGHT = 0.75;
