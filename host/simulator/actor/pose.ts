import type { Vector } from "./vector.js";

/**
 * What a person does at one moment, in body heights: x to the person's right, y up, z ahead. Whoever stands with hanging arms has RESTING.
 */
export interface Pose {
  /** From the middle of the shoulders. */
  readonly rightHand: Vector;
  readonly leftHand: Vector;
  /** From where they are when standing. */
  readonly hips: Vector;
  /** From the hips to the middle of the shoulders. */
  readonly back: Vector;
  /** From where they are when standing, on the floor below the hips. */
  readonly rightFoot: Vector;
  readonly leftFoot: Vector;
}

export const LIMBS = ["rightHand", "leftHand", "hips", "back", "rightFoot", "leftFoot"] as const;
export type Limb = (typeof LIMBS)[number];

/** Source: mean of UTD-MHAD's people before they act. */
export const RESTING: Pose = {
  rightHand: [0.13, -0.39, 0.03],
  leftHand: [-0.13, -0.39, 0.03],
  hips: [0, 0, 0],
  back: [0, 0.24, -0.01],
  rightFoot: [0, 0, 0],
  leftFoot: [0, 0, 0],
};

export const SITTING: Pose = {
  rightHand: [0.11, -0.33, 0.13],
  leftHand: [-0.11, -0.33, 0.13],
  hips: [0, -0.2, -0.21],
  back: [0, 0.22, -0.02],
  rightFoot: [0, 0, 0],
  leftFoot: [0, 0, 0],
};
