import type { Random } from "../random.js";
import type { Pose } from "./pose.js";
import { bend, between, plus, times, type Vector } from "./vector.js";

/** One rounded piece of a body: two balls and what is between them, in metres. */
export interface Capsule {
  readonly from: Vector;
  readonly to: Vector;
  readonly fromRadius: number;
  readonly toRadius: number;
  /** Where its ends are on the body that stands with hanging arms: height from the feet, 0..1, and how far to the person's right. */
  readonly rest: readonly [fromHeight: number, fromSide: number, toHeight: number, toSide: number];
}

export interface Build {
  /** Metres. */
  readonly height: number;
  /** Factor of all radii. */
  readonly stoutness: number;
}

export function randomBuild(random: Random): Build {
  return { height: random.between(1.55, 1.88), stoutness: random.between(0.88, 1.15) };
}

/** In body heights. Source: Drillis and Contini's proportions as in Winter 2009, Biomechanics, fig. 4.1, rounded; widths are of clothes. */
const HIPS = 0.56;
const HIP_SIDE = 0.05;
const SHOULDER = { side: 0.115, drop: 0.03 } as const;
const UPPER_ARM = 0.175;
const FOREARM = 0.15;
/** From the wrist to the middle of the hand, and to the finger tips. */
const PALM = 0.04;
const FINGERS = 0.075;
const THIGH = 0.255;
const SHIN = 0.245;
const ANKLE = 0.05;
const FOOT = 0.1;

/** The pieces of a body in a pose: the person faces the camera, feet about (0, 0, 0); their right is at the picture's left. */
export function bodyIn({ hips, back, rightHand, leftHand, rightFoot, leftFoot }: Pose, { height, stoutness }: Build): Capsule[] {
  const pelvis = plus([0, HIPS, 0], hips);
  const neck = plus(pelvis, back);
  const spine = times(back, 1 / 0.24);
  const capsules: Capsule[] = [];
  const add = (from: Vector, to: Vector, fromRadius: number, toRadius: number, rest: Capsule["rest"]): void => {
    const metres = ([x, y, z]: Vector): Vector => [-x * height, y * height, -z * height];
    const wide = height * stoutness;
    capsules.push({ from: metres(from), to: metres(to), fromRadius: fromRadius * wide, toRadius: toRadius * wide, rest });
  };
  const crown = (up: number): Vector => plus(neck, plus(times(spine, up), [0, 0, 0.012]));
  add(neck, crown(0.08), 0.034, 0.032, [0.8, 0, 0.88, 0]);
  add(crown(0.105), crown(0.15), 0.048, 0.05, [0.88, 0, 0.96, 0]);
  add(plus(neck, [0, -0.085, 0]), plus(pelvis, [0, 0.01, 0]), 0.1, 0.085, [0.72, 0, 0.51, 0]);
  for (const side of [1, -1]) {
    const shoulder = plus(neck, [side * SHOULDER.side, -SHOULDER.drop, 0]);
    const hip = plus(pelvis, [side * HIP_SIDE, -0.02, 0]);
    add(plus(neck, [0, -0.02, 0]), shoulder, 0.045, 0.04, [0.79, 0, 0.78, side * 0.11]);
    const hand = side > 0 ? rightHand : leftHand;
    const arm = bend(shoulder, plus(neck, hand), UPPER_ARM, FOREARM + PALM, [side * 0.45, -1, -0.35]);
    const wrist = between(arm.joint, arm.end, FOREARM / (FOREARM + PALM));
    const tips = between(arm.joint, arm.end, (FOREARM + FINGERS) / (FOREARM + PALM));
    add(shoulder, arm.joint, 0.037, 0.03, [0.78, side * 0.14, 0.61, side * 0.145]);
    add(arm.joint, wrist, 0.029, 0.021, [0.61, side * 0.145, 0.5, side * 0.15]);
    add(wrist, tips, 0.023, 0.021, [0.49, side * 0.155, 0.41, side * 0.155]);
    const foot = plus([side * 0.055, ANKLE, 0], side > 0 ? rightFoot : leftFoot);
    const leg = bend(hip, foot, THIGH, SHIN, [side * 0.12, 0, 1]);
    add(hip, leg.joint, 0.066, 0.045, [0.53, side * 0.05, 0.29, side * 0.055]);
    add(leg.joint, leg.end, 0.043, 0.03, [0.29, side * 0.055, 0.06, side * 0.055]);
    add(plus(leg.end, [0, -0.02, -0.01]), plus(leg.end, [side * 0.02, -0.03, FOOT]), 0.03, 0.024, [0.04, side * 0.055, 0.02, side * 0.07]);
  }
  return capsules;
}
