import { EventColumns } from "../columns.js";
import { DVS128_LIKE, DvsSensor, type DvsOptions } from "../dvs.js";
import { Random } from "../random.js";
import type { Events, Micros, SensorSize } from "../../types.js";
import { ACTOR_SIZE, actorScene } from "./scene.js";
import { type Act, playOf } from "./sequence.js";

/** How often the sensor looks: in 4 ms a hand of 3 m/s moves by half a pixel. */
export const LOOK_MICROS: Micros = 4000;

export interface ActorRecording {
  readonly events: Events;
  readonly acts: readonly Act[];
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
  const events = new EventColumns();
  for (let t = LOOK_MICROS; t < play.micros + LOOK_MICROS; t += LOOK_MICROS) sensor.expose(Math.min(t, play.micros), events);
  return { events, acts: play.acts, micros: play.micros };
}
