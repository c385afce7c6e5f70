import type { Limb } from "./pose.js";
import type { Key } from "./track.js";

/** How an action is done: where limbs are, and when; limbs that are not named stay at rest. */
export interface Performance {
  readonly from: "standing" | "sitting";
  readonly to: "standing" | "sitting";
  /** From rest to rest; limbs are at rest, or where they end, at both ends. */
  readonly seconds: number;
  readonly limbs: Partial<Readonly<Record<Limb, readonly Key[]>>>;
}

type Place = readonly [x: number, y: number, z: number];

/** Keys at even times. */
const beats = (from: number, every: number, ...places: readonly Place[]): Key[] => places.map((place, i) => [from + i * every, ...place]);
/** The same with the other hand or foot. */
const mirrored = (keys: readonly Key[]): Key[] => keys.map(([t, x, y, z]) => [t, -x, y, z]);
/** As often as `count` says, then `last`. */
const again = (count: number, places: readonly Place[], last?: Place): Place[] => [
  ...Array.from({ length: count }, () => places).flat(),
  ...(last ? [last] : []),
];

const standing = (seconds: number, limbs: Performance["limbs"]): Performance => ({ from: "standing", to: "standing", seconds, limbs });
const bothHands = (keys: readonly Key[]): Performance["limbs"] => ({ rightHand: keys, leftHand: mirrored(keys) });

const OVERARM: readonly Key[] = [[0.35, 0.25, -0.25, 0.04], [0.6, 0.28, 0.05, -0.06], [0.8, 0.14, 0.11, -0.05], [0.93, 0.09, 0.14, 0.1],
  [1.08, 0.03, 0.08, 0.36], [1.25, 0.05, -0.04, 0.35]];
const later = (seconds: number, keys: readonly Key[]): Key[] => keys.map(([t, x, y, z]) => [t + seconds, x, y, z]);

const STEP_EVERY = 0.24;
const RAISED = { jog: [0, 0.17, -0.08], walk: [0, 0.07, 0.03] } as const satisfies Record<string, Place>;
const DOWN: Place = [0, 0, 0];

/** On the spot. @param every  seconds of a step   @param bounce  of the hips, up and down */
function steps(seconds: number, every: number, bounce: number, raised: Place, fore: Place, aft: Place): Performance {
  // Both feet are down again before the end.
  const count = Math.floor((seconds - 0.22 - every) / (2 * every));
  const right = beats(0.2, every, DOWN, ...again(count, [raised, DOWN]));
  const left = beats(0.2 + every, every, DOWN, ...again(count, [raised, DOWN]));
  const hand = (first: Place, second: Place): Key[] => beats(0.2 + every, every, ...again(count, [first, second]));
  const hips = beats(0.2, every / 2, ...again(2 * count, [[0, -bounce, 0], [0, bounce, 0]]));
  return standing(seconds, { rightFoot: right, leftFoot: left, rightHand: hand(aft, fore), leftHand: mirrored(hand(fore, aft)), hips });
}

/**
 * The actions of UTD-MHAD that the actor knows, by label. Times and places are round numbers near those of its people with odd numbers:
 * median of their skeletons, in body heights, a little larger, because a median of people is smaller than each of them.
 */
export const PERFORMANCES: Readonly<Record<string, Performance>> = {
  swipe_left: standing(1.75, { rightHand: [[0.35, 0.26, -0.22, 0.17], [0.52, 0.28, 0, 0.28], [0.88, -0.18, 0.06, 0.25],
    [1.1, -0.19, -0.02, 0.2], [1.42, 0.06, -0.3, 0.2]] }),
  swipe_right: standing(1.75, { rightHand: [[0.33, 0, -0.22, 0.17], [0.52, -0.16, -0.02, 0.23], [0.72, -0.12, 0.06, 0.26],
    [1.06, 0.32, 0.06, 0.27], [1.25, 0.31, -0.02, 0.22], [1.52, 0.2, -0.33, 0.13]] }),
  wave: standing(2.1, { rightHand: [[0.38, 0.26, -0.1, 0.2], ...beats(0.6, 0.17, ...again(3, [[0.03, 0.11, 0.2],
    [0.22, 0.1, 0.22]])), [1.7, 0.2, -0.15, 0.2]] }),
  clap: standing(2, bothHands([[0.35, 0.15, -0.15, 0.16], ...beats(0.55, 0.14, ...again(3, [[0.12, -0.04, 0.17],
    [0.022, -0.05, 0.16]])), [1.55, 0.1, -0.25, 0.16]])),
  throw: standing(1.8, { rightHand: [...OVERARM, [1.5, 0.15, -0.32, 0.18]] }),
  arm_cross: standing(2.1, {
    rightHand: [[0.4, 0.12, -0.2, 0.22], [0.65, -0.07, -0.03, 0.2], [1.4, -0.07, -0.08, 0.16], [1.72, 0.1, -0.3, 0.17]],
    leftHand: [[0.4, -0.09, -0.2, 0.2], [0.65, 0.09, -0.1, 0.18], [1.4, 0.07, -0.11, 0.14], [1.72, -0.1, -0.3, 0.16]],
  }),
  basketball_shoot: standing(2, {
    ...bothHands([[0.35, 0.1, -0.18, 0.18], [0.6, 0.05, 0.11, 0.15], [0.82, 0.05, 0.11, 0.12], [1.02, 0.05, 0.23, 0.2],
      [1.2, 0.05, 0.18, 0.29], [1.45, 0.08, -0.07, 0.25], [1.7, 0.13, -0.35, 0.13]]),
    hips: [[0.6, 0, -0.02, 0], [0.8, 0, -0.04, 0], [1.05, 0, 0.06, 0.01], [1.3, 0, -0.01, 0.01], [1.5, 0, 0, 0]],
    rightFoot: [[0.88, 0, 0, 0], [1.05, 0, 0.06, 0], [1.26, 0, 0, 0]],
    leftFoot: [[0.88, 0, 0, 0], [1.05, 0, 0.06, 0], [1.26, 0, 0, 0]],
  }),
  draw_x: standing(2.05, { rightHand: [[0.35, 0.21, -0.15, 0.19], [0.58, 0.2, 0.14, 0.24], [0.88, -0.09, -0.12, 0.27],
    [1.08, -0.1, 0.1, 0.22], [1.4, 0.2, -0.2, 0.26], [1.65, 0.18, -0.33, 0.17]] }),
  draw_circle_cw: standing(2.4, { rightHand: [[0.4, 0.02, -0.05, 0.24], ...circle(0.58, 1.6, 1)] }),
  draw_circle_ccw: standing(2.4, { rightHand: [[0.4, 0.2, -0.05, 0.26], ...circle(0.58, 1.6, -1)] }),
  draw_triangle: standing(2.4, { rightHand: [[0.42, 0.12, 0.02, 0.25], [0.62, 0.06, 0.14, 0.24], [0.98, -0.11, -0.14, 0.23],
    [1.3, 0.21, -0.16, 0.26], [1.68, 0.05, 0.14, 0.24], [2, 0.13, -0.2, 0.24]] }),
  bowling: standing(2.6, {
    rightHand: [[0.4, 0.14, -0.36, 0.02], [0.75, 0.13, -0.22, -0.34], [0.95, 0.1, -0.18, -0.37], [1.2, 0.09, -0.32, 0],
      [1.42, 0.04, -0.1, 0.34], [1.65, 0.06, -0.24, 0.24], [1.95, 0.15, -0.38, 0.02]],
    leftHand: [[0.6, -0.15, -0.38, 0.05], [1.2, -0.23, -0.26, -0.07], [1.7, -0.13, -0.35, -0.02]],
    hips: [[0.4, 0.02, 0, 0.01], [0.8, 0.03, -0.07, 0.1], [1.2, 0, -0.18, 0.24], [1.45, 0, -0.19, 0.27], [1.7, 0, -0.12, 0.22],
      [2.1, 0.02, -0.01, 0.05]],
    back: [[0.4, 0, 0.24, 0], [0.95, 0.02, 0.22, 0.08], [1.25, 0.03, 0.19, 0.13], [1.5, 0.02, 0.18, 0.12], [1.9, 0, 0.23, 0.02]],
    leftFoot: [[0.4, 0, 0, 0], [0.62, 0, 0.05, 0.2], [0.85, 0, 0, 0.36], [1.6, 0, 0, 0.36], [1.9, 0, 0.05, 0.18], [2.15, 0, 0, 0]],
    rightFoot: [[0.95, 0, 0, 0], [1.2, 0, 0.05, 0], [1.6, 0, 0.05, 0], [1.85, 0, 0, 0]],
  }),
  boxing: standing(2.2, {
    rightHand: [[0.4, 0.1, -0.1, 0.14], ...beats(0.6, 0.18, ...again(3, [[0.03, -0.01, 0.34],
      [0.07, -0.06, 0.13]])), [1.85, 0.13, -0.32, 0.12]],
    leftHand: [[0.4, -0.1, -0.12, 0.14], ...beats(0.6, 0.18, ...again(3, [[-0.07, -0.06, 0.13],
      [-0.03, -0.01, 0.34]])), [1.85, -0.12, -0.32, 0.12]],
  }),
  baseball_swing: standing(2.3, {
    rightHand: [[0.4, 0.22, -0.12, 0.08], [0.7, 0.17, -0.01, 0.02], [1, 0.16, -0.03, 0.03], [1.2, -0.1, -0.1, 0.24],
      [1.38, -0.29, -0.05, 0.04], [1.6, -0.25, -0.12, 0.05], [1.85, -0.05, -0.3, 0.15]],
    leftHand: [[0.4, 0.17, -0.2, 0.12], [0.7, 0.19, -0.02, 0.02], [1, 0.18, -0.06, 0.04], [1.2, -0.08, -0.18, 0.24],
      [1.38, -0.14, -0.12, 0.14], [1.6, -0.12, -0.16, 0.12], [1.85, -0.16, -0.32, 0.1]],
  }),
  tennis_swing: standing(2, {
    rightHand: [[0.35, 0.23, -0.3, -0.04], [0.62, 0.26, -0.08, -0.28], [0.8, 0.18, -0.18, -0.28], [1, 0.1, -0.28, 0.2],
      [1.18, -0.13, 0.09, 0.27], [1.35, -0.11, 0, 0.25], [1.6, 0.04, -0.28, 0.13]],
    leftHand: [[0.5, -0.1, -0.38, 0.1], [1, -0.18, -0.36, 0]],
    back: [[0.5, 0, 0.24, 0], [0.9, 0.02, 0.23, 0.03], [1.2, 0.02, 0.24, 0.03], [1.5, 0, 0.24, 0]],
  }),
  arm_curl: standing(1.9, bothHands([[0.3, 0.14, -0.37, 0.1], [0.6, 0.11, -0.16, 0.21], [0.85, 0.05, 0, 0.14], [1.05, 0.05, 0, 0.12],
    [1.3, 0.09, -0.14, 0.21], [1.55, 0.13, -0.34, 0.18]])),
  tennis_serve: standing(2.1, {
    rightHand: [[0.5, 0.19, -0.34, -0.02], [0.72, 0.22, 0, -0.11], [0.92, 0.1, 0.12, -0.09], [1.08, 0.1, 0.19, 0.18],
      [1.24, 0.03, -0.03, 0.36], [1.5, 0.1, -0.24, 0.27]],
    leftHand: [[0.35, -0.02, -0.26, 0.23], [0.56, 0.03, 0.16, 0.24], [0.8, 0.04, -0.06, 0.22], [1.05, -0.06, -0.3, 0.18]],
  }),
  push: standing(1.9, bothHands([[0.3, 0.13, -0.22, 0.11], [0.55, 0.1, -0.02, 0.11], [0.72, 0.08, 0, 0.14], [0.95, 0.07, -0.01, 0.37],
    [1.15, 0.08, -0.04, 0.34], [1.4, 0.11, -0.2, 0.26], [1.62, 0.14, -0.36, 0.12]])),
  knock: standing(2, { rightHand: [[0.35, 0.14, -0.02, 0.17], [0.55, 0.08, 0.13, 0.18],
    ...beats(0.68, 0.14, ...again(3, [[0.07, 0.1, 0.28], [0.08, 0.12, 0.2]])), [1.65, 0.12, -0.15, 0.23]] }),
  catch: standing(1.9, { rightHand: [[0.3, 0.17, -0.12, 0.13], [0.58, 0.11, 0.18, 0.18], [0.75, 0.06, 0.19, 0.29],
    [0.95, 0.06, 0.14, 0.26], [1.2, 0.1, 0.06, 0.24], [1.5, 0.14, -0.24, 0.17]] }),
  pickup_throw: standing(2.6, {
    rightHand: [[0.35, 0.13, -0.33, 0], [0.7, 0.1, -0.36, 0.1], [0.9, 0.08, -0.34, 0.08],
      ...later(0.75, OVERARM).slice(1), [2.25, 0.14, -0.32, 0.17]],
    leftHand: [[0.5, -0.1, -0.24, -0.07], [0.9, -0.04, -0.26, 0.03], [1.3, -0.11, -0.38, 0.06]],
    hips: [[0.2, 0, 0, 0], [0.6, 0, -0.16, -0.05], [0.85, 0, -0.24, -0.03], [1.15, 0, -0.08, -0.02], [1.4, 0, 0, 0]],
    back: [[0.2, 0, 0.24, 0], [0.6, 0, 0.15, 0.12], [0.85, 0, 0.14, 0.12], [1.15, 0, 0.21, 0.07], [1.4, 0, 0.24, -0.01]],
  }),
  jog: steps(2.4, STEP_EVERY, 0.018, RAISED.jog, [0.03, -0.12, 0.17], [0.17, -0.31, -0.04]),
  walk: steps(2.5, 0.42, 0.005, RAISED.walk, [0.11, -0.34, 0.13], [0.16, -0.38, -0.05]),
  sit_to_stand: {
    from: "sitting", to: "standing", seconds: 1.6,
    limbs: {
      rightHand: [[0.3, 0.12, -0.29, 0.06], [0.6, 0.11, -0.26, -0.06], [0.9, 0.12, -0.35, 0.02]],
      leftHand: [[0.3, -0.12, -0.29, 0.06], [0.6, -0.11, -0.26, -0.06], [0.9, -0.12, -0.35, 0.02]],
      hips: [[0.15, 0, -0.2, -0.21], [0.45, 0, -0.22, -0.16], [0.65, 0, -0.17, -0.1], [0.9, 0, -0.05, -0.04], [1.15, 0, 0, 0]],
      back: [[0.05, 0, 0.22, -0.02], [0.4, 0, 0.19, 0.09], [0.7, 0, 0.19, 0.1], [1.05, 0, 0.23, 0.02]],
    },
  },
  stand_to_sit: {
    from: "standing", to: "sitting", seconds: 1.6,
    limbs: {
      rightHand: [[0.3, 0.13, -0.38, 0], [0.65, 0.1, -0.31, -0.04], [1, 0.11, -0.31, 0.06]],
      leftHand: [[0.3, -0.13, -0.38, 0], [0.65, -0.1, -0.31, -0.04], [1, -0.11, -0.31, 0.06]],
      hips: [[0.2, 0, 0, 0], [0.5, 0, -0.07, -0.06], [0.85, 0, -0.19, -0.14], [1.1, 0, -0.21, -0.18], [1.4, 0, -0.2, -0.21]],
      back: [[0.2, 0, 0.24, 0], [0.55, 0, 0.2, 0.1], [0.8, 0, 0.19, 0.11], [1.15, 0, 0.22, 0]],
    },
  },
  lunge: standing(2.6, {
    hips: [[0.3, 0.02, -0.01, 0.01], [0.7, 0.02, -0.05, 0.14], [1.05, 0, -0.22, 0.24], [1.4, 0, -0.23, 0.24], [1.75, 0.02, -0.06, 0.14],
      [2.1, 0.02, 0, 0.02]],
    back: [[0.6, 0, 0.23, 0], [1.05, 0, 0.22, 0.04], [1.4, 0, 0.22, 0.04], [1.8, 0, 0.24, 0]],
    leftFoot: [[0.3, 0, 0, 0], [0.52, 0, 0.06, 0.2], [0.75, 0, 0, 0.4], [1.55, 0, 0, 0.4], [1.8, 0, 0.06, 0.2], [2.05, 0, 0, 0]],
    rightFoot: [[0.75, 0, 0, 0], [1.05, 0, 0.06, 0], [1.45, 0, 0.06, 0], [1.7, 0, 0, 0]],
  }),
  squat: standing(2.8, {
    ...bothHands([[0.25, 0.14, -0.34, 0.12], [0.5, 0.1, -0.02, 0.33], [1.2, 0.07, -0.08, 0.29], [1.9, 0.08, -0.03, 0.32],
      [2.15, 0.11, -0.06, 0.29], [2.4, 0.13, -0.38, 0.1]]),
    hips: [[0.6, 0, 0, 0], [0.95, 0, -0.13, -0.03], [1.25, 0, -0.23, -0.04], [1.55, 0, -0.14, -0.03], [1.9, 0, 0, 0]],
    back: [[0.6, 0, 0.24, -0.01], [1.25, 0, 0.19, 0.07], [1.9, 0, 0.24, -0.01]],
  }),
};

/** A round and a quarter before the chest, as drawn on a blackboard. @param turn  1 clockwise for the person, −1 the other way */
function circle(from: number, seconds: number, turn: 1 | -1): Key[] {
  const count = 10;
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = Math.PI / 2 + turn * (0.15 * Math.PI - (2.2 * Math.PI * i) / count);
    return [from + (seconds * i) / count, 0.06 + 0.15 * Math.cos(angle), -0.02 + 0.15 * Math.sin(angle), 0.25] as const;
  });
}
