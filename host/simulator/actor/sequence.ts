import type { Random } from "../random.js";
import type { Interval, Micros } from "../../types.js";
import { type Motion, performed, sway } from "./motion.js";
import { PERFORMANCES } from "./performances.js";
import { type Pose, RESTING, SITTING } from "./pose.js";

/** Actions that the actor knows, in the order of their table. */
export const ACTOR_LABELS: readonly string[] = Object.keys(PERFORMANCES);

/** The first of these that the actor does not know. */
export function unknownAct(labels: readonly string[]): string | undefined {
  return labels.find((label) => !ACTOR_LABELS.includes(label));
}

/** A person who does one thing after the other, and rests in between. */
export interface Play {
  readonly acts: readonly Interval[];
  readonly micros: Micros;
  poseAt(t: Micros): Pose;
}

export interface PlayOptions {
  /** µs of rest before each act, and after the last. */
  readonly restMicros: { readonly least: Micros; readonly most: Micros };
  /** How the person is at the beginning. Default as the first act needs. */
  readonly from?: "standing" | "sitting";
}

/**
 * Plays acts in the order of their labels. Between an act that ends sitting and one that begins standing the actor stands up, and the
 * other way round: acts of their own.
 */
export function playOf(labels: readonly string[], random: Random, { restMicros, from }: PlayOptions): Play {
  const acts: (Interval & { readonly motion: Motion })[] = [];
  const swayed = sway(random);
  const first = labels.length === 0 ? "standing" : PERFORMANCES[labels[0]!]!.from;
  let posture = from ?? first;
  const start = posture;
  let at = 0;
  const add = (label: string): void => {
    const motion = performed(PERFORMANCES[label]!, random);
    const begin = Math.round(at + random.between(restMicros.least, restMicros.most));
    at = begin + Math.round(motion.seconds * 1e6);
    acts.push({ label, start: begin, end: at, motion });
    posture = PERFORMANCES[label]!.to;
  };
  for (const label of labels) {
    if (posture !== PERFORMANCES[label]!.from) add(posture === "sitting" ? "sit_to_stand" : "stand_to_sit");
    add(label);
  }
  const micros = Math.round(at + random.between(restMicros.least, restMicros.most));
  let current = 0;
  return {
    acts: acts.map(({ label, start: begin, end }) => ({ label, start: begin, end })),
    micros,
    poseAt(t) {
      if (current > 0 && t < acts[current]!.start) current = 0;
      while (current + 1 < acts.length && t >= acts[current + 1]!.start) current++;
      const act = acts[current];
      const pose = act === undefined || t < act.start ? (start === "sitting" ? SITTING : RESTING) : act.motion.poseAt((t - act.start) / 1e6);
      return swayed(pose, t / 1e6);
    },
  };
}
