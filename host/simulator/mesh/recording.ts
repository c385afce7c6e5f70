import { randomRoom } from "../actor/scene.js";
import type { Clothes } from "../clothes.js";
import { DVS128_LIKE, DvsSensor } from "../dvs.js";
import { watched } from "../look.js";
import { Random } from "../random.js";
import type { Scene } from "../scene.js";
import type { Events, Micros } from "../../types.js";
import { MeshPainter } from "./painter.js";
import type { Rig } from "./rig.js";

export interface MeshRecording {
  readonly events: Events;
  readonly micros: Micros;
}

/** A clip of a rigged body, once, before an event camera in a new room. The same seed gives the same events. */
export function meshRecording(rig: Rig, clip: string, seed: number): MeshRecording {
  const random = new Random(seed);
  const { scene, micros } = meshScene(rig, clip, random);
  const sensor = new DvsSensor(scene, DVS128_LIKE, random);
  return { events: watched(sensor, micros), micros };
}

/** A clip of a rigged body in a new room. */
export function meshScene(rig: Rig, clip: string, random: Random): { scene: Scene; micros: Micros } {
  const { camera, clothes, lamp, empty } = randomRoom(random);
  const painter = new MeshPainter(camera, rig.faces, albedoOf(rig, clothes), lamp);
  const places = new Float32Array(rig.vertices * 3);
  const slowness = Math.exp(random.between(-0.1, 0.1));
  return {
    micros: Math.max(1, Math.round(rig.clips.get(clip)! * slowness * 1e6)),
    scene: {
      width: camera.width,
      height: camera.height,
      render(t, light) {
        rig.pose(clip, t / 1e6 / slowness, places);
        light.set(empty);
        painter.paint(places, light);
      },
    },
  };
}

/** Where the arm begins, and where a hanging arm does: in body heights from the middle, and from the feet. */
const SHOULDER = { side: 0.125, height: 0.78, hangs: 0.15 } as const;

/** The clothes of a body at rest with arms stretched out, put on as if they hung. */
function albedoOf({ rest, vertices }: Rig, clothes: Clothes): Float32Array {
  let tall = 0;
  for (let v = 0; v < vertices; v++) tall = Math.max(tall, rest[3 * v + 1]!);
  return Float32Array.from({ length: vertices }, (_, v) => {
    const side = rest[3 * v]! / tall;
    const height = rest[3 * v + 1]! / tall;
    const beyond = Math.abs(side) - SHOULDER.side;
    return beyond > 0 && height > 0.65
      ? clothes.albedo(SHOULDER.height - beyond, Math.sign(side) * SHOULDER.hangs + 0.5 * (height - SHOULDER.height))
      : clothes.albedo(height, side);
  });
}
