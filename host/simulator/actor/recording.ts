import { DVS128_LIKE, DvsSensor, type DvsOptions } from "../dvs.js";
import { watched } from "../look.js";
import { Random } from "../random.js";
import type { Events, Interval, Micros, SensorSize } from "../../types.js";
import { ACTOR_SIZE, actorScene } from "./scene.js";
import { playOf } from "./sequence.js";

export interface ActorRecording {
  readonly events: Events;
  readonly acts: readonly Interval[];
  readonly micros: Micros;
}

/** A new person, in a new room, does these actions, resting in between. The same seed and labels give the same events. */
export function actorRecording(
  seed: number,
  labels: readonly string[],
  restMicros: { readonly least: Micros; readonly most: Micros },
  options: DvsOptions = DVS128_LIKE,
  size: SensorSize = ACTOR_SIZE,
): ActorRecording {
  const random = new Random(seed);
  const play = playOf(labels, random, { restMicros });
  const sensor = new DvsSensor(actorScene((t) => play.poseAt(t), random, size), options, random);
  return { events: watched(sensor, play.micros), acts: play.acts, micros: play.micros };
}
