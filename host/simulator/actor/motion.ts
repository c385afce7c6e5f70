import type { Random } from "../random.js";
import type { Performance } from "./performances.js";
import { LIMBS, type Limb, type Pose, RESTING, SITTING } from "./pose.js";
import { along, type Key } from "./track.js";
import { plus, type Vector } from "./vector.js";

/** One person's way of doing an action once. */
export interface Motion {
  readonly seconds: number;
  /** @param seconds  0..seconds; before and after it as at the ends */
  poseAt(seconds: number): Pose;
}

const POSTURES = { standing: RESTING, sitting: SITTING } as const;

/** How people differ: in speed, in how far they reach, and in each place that they pass, body heights. */
const TEMPO = 0.15;
const REACH = 0.12;
const JITTER = 0.012;

/** The action as somebody does it this time. */
export function performed({ from, to, seconds: usual, limbs }: Performance, random: Random): Motion {
  const slowness = Math.exp(random.between(-TEMPO, TEMPO));
  const reach = 1 + random.between(-REACH, REACH);
  const seconds = usual * slowness;
  const tracks = new Map<Limb, Key[]>(
    LIMBS.map((limb) => {
      const [start, end] = [POSTURES[from][limb], POSTURES[to][limb]];
      const still = limb.endsWith("Foot") || limb === "hips";
      const near = (base: number, place: number): number => base + reach * (place - base) + (still ? 0 : JITTER * random.normal());
      const keys = (limbs[limb] ?? []).map(([t, x, y, z]): Key => {
        const base = t < usual / 2 ? start : end;
        return [t * slowness, near(base[0], x), near(base[1], y), near(base[2], z)];
      });
      return [limb, [[0, ...start], ...keys, [seconds, ...end]]];
    }),
  );
  return { seconds, poseAt: (at) => Object.fromEntries(LIMBS.map((limb) => [limb, along(tracks.get(limb)!, at)])) as unknown as Pose };
}

/** Nobody stands quite still: a slow swaying of trunk and hands, on top of a pose. */
export function sway(random: Random): (pose: Pose, seconds: number) => Pose {
  const waves = LIMBS.map((limb) => ({
    limb,
    size: limb.endsWith("Foot") ? 0 : limb.endsWith("Hand") ? 0.004 : 0.003,
    hertz: [random.between(0.15, 0.5), random.between(0.2, 0.4), random.between(0.15, 0.5)] as const,
    phase: [random.between(0, 6), random.between(0, 6), random.between(0, 6)] as const,
  }));
  return (pose, seconds) =>
    Object.fromEntries(
      waves.map(({ limb, size, hertz, phase }) => {
        const off = (axis: 0 | 1 | 2): number => size * Math.sin(2 * Math.PI * hertz[axis] * seconds + phase[axis]);
        const swayed: Vector = size === 0 ? pose[limb] : plus(pose[limb], [off(0), 0.3 * off(1), off(2)]);
        return [limb, swayed];
      }),
    ) as unknown as Pose;
}
