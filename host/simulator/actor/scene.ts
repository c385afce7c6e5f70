import { randomBackground } from "../background.js";
import { type Clothes, randomClothes } from "../clothes.js";
import { type Lamp, randomLamp } from "../lamp.js";
import type { Random } from "../random.js";
import type { Scene } from "../scene.js";
import type { Micros, SensorSize } from "../../types.js";
import { bodyIn, randomBuild } from "./body.js";
import { type Camera, paintBody } from "./painter.js";
import type { Pose } from "./pose.js";

/** The sensor that the actor is seen by, unless told otherwise. */
export const ACTOR_SIZE: SensorSize = { width: 128, height: 128 };

/** As UTD-MHAD's camera stood, seen with the depth scenes' plain framing: 2.85 m away, 1.05 m up, 286 · 0.56 pixels. */
const AWAY_METRES = 2.85;
const UP_METRES = 1.05;
const FOCAL_OF_SIDE = 160 / 128;
/** Backgrounds are made for a sensor of 128 pixels; others see as much of them. */
const BACKGROUND_SIDE = 128;

/** A room by chance, with who stands in it, before the camera. */
export interface Room {
  readonly camera: Camera;
  readonly clothes: Clothes;
  readonly lamp: Lamp;
  /** f32[height, width], the room without the person. */
  readonly empty: Float32Array;
}

export function randomRoom(random: Random, { width, height }: SensorSize = ACTOR_SIZE): Room {
  const background = randomBackground(random);
  const clothes = randomClothes(random, background.wall);
  const lamp = randomLamp(random);
  const side = Math.min(width, height);
  const camera: Camera = {
    width, height, focalPixels: FOCAL_OF_SIDE * side * random.between(0.93, 1.05), up: UP_METRES, away: AWAY_METRES * random.between(0.96, 1.08),
    shiftX: random.between(-0.05, 0.05) * side, shiftY: random.between(-0.02, 0.02) * side,
  };
  const empty = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      empty[y * width + x] = background.at(((x + 0.5 - width / 2) * BACKGROUND_SIDE) / side, ((y + 0.5 - height / 2) * BACKGROUND_SIDE) / side);
  return { camera, clothes, lamp, empty };
}

/** A person in a room, seen by a camera that stands still. @param poseAt  the person's pose at a time */
export function actorScene(poseAt: (t: Micros) => Pose, random: Random, size: SensorSize = ACTOR_SIZE): Scene {
  const { camera, clothes, lamp, empty } = randomRoom(random, size);
  const build = randomBuild(random);
  const depth = new Float32Array(empty.length);
  return {
    ...size,
    render(t, light) {
      light.set(empty);
      paintBody(bodyIn(poseAt(t), build), clothes, lamp, camera, light, depth);
    },
  };
}
