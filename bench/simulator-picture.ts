import { readFileSync, writeFileSync } from "node:fs";
import { actorScene } from "../host/simulator/actor/scene.js";
import { playOf } from "../host/simulator/actor/sequence.js";
import { EventColumns } from "../host/simulator/columns.js";
import { readDepthClip } from "../host/simulator/depth/clip.js";
import { depthSceneOf } from "../host/simulator/depth/recording.js";
import { plainVariation } from "../host/simulator/depth/variation.js";
import { DVS128_LIKE, DvsSensor } from "../host/simulator/dvs.js";
import { readGlb } from "../host/simulator/mesh/glb.js";
import { meshScene } from "../host/simulator/mesh/recording.js";
import { readRig } from "../host/simulator/mesh/rig.js";
import { packageRoot } from "../host/root.js";
import { Random } from "../host/simulator/random.js";
import type { Scene } from "../host/simulator/scene.js";
import type { Micros } from "../host/types.js";
import { sharedData } from "../test/data.js";
import { png } from "./png.js";

/** Draws docs/simulator.png: of each kind of scene, light in one row and below it the events of 50 ms about that moment. */

const COLUMNS = 8;
const SIDE = 128;
const SHOWN_MICROS: Micros = 50_000;
const GREY = 60;

interface Shown {
  readonly scene: Scene;
  readonly micros: Micros;
}

async function scenes(): Promise<Shown[]> {
  const data = (path: string): Buffer => {
    const found = sharedData(path);
    if (found === undefined) throw new Error(`the picture needs ../shared/data/${path}`);
    return readFileSync(found);
  };
  const clip = await readDepthClip(data("motion/utd-mhad/depth/a3_s1_t1.dpx.xz"), "a3_s1_t1");
  const random = new Random(1, ...Buffer.from("a3_s1_t1"));
  const play = playOf(["bowling"], new Random(3), { restMicros: { least: 1, most: 2 } });
  const rig = readRig(readGlb(data("motion/cc0-human-mesh/human-base-animations.glb"), "body"));
  return [
    depthSceneOf(clip, plainVariation(random), random),
    { scene: actorScene((t) => play.poseAt(t), new Random(12)), micros: play.micros },
    meshScene(rig, "Sitting_Enter", new Random(9)),
  ];
}

function paint(rgb: Uint8Array, row: number, { scene, micros }: Shown): void {
  const sensor = new DvsSensor(scene, DVS128_LIKE, new Random(1));
  const events = new EventColumns();
  for (let t = 4000; t <= micros; t += 4000) sensor.expose(t, events);
  const light = new Float32Array(SIDE * SIDE);
  for (let column = 0; column < COLUMNS; column++) {
    const from = ((column + 1) / (COLUMNS + 1)) * (micros - SHOWN_MICROS);
    scene.render(from + SHOWN_MICROS / 2, light);
    const at = (x: number, y: number): number => 3 * ((row * SIDE + y) * COLUMNS * SIDE + column * SIDE + x);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        rgb.fill(Math.min(255, 255 * light[y * SIDE + x]! ** 0.45), at(x, y), at(x, y) + 3);
        rgb.fill(GREY, at(x, y + SIDE), at(x, y + SIDE) + 3);
      }
    for (let i = 0; i < events.count; i++) {
      if (events.t[i]! < from || events.t[i]! >= from + SHOWN_MICROS) continue;
      rgb.set(events.p[i] === 1 ? [90, 240, 60] : [255, 80, 40], at(events.x[i]!, events.y[i]! + SIDE));
    }
  }
}

const all = await scenes();
const rgb = new Uint8Array(3 * COLUMNS * SIDE * 2 * SIDE * all.length);
all.forEach((shown, i) => paint(rgb, 2 * i, shown));
writeFileSync(new URL("docs/simulator.png", packageRoot), png(rgb, COLUMNS * SIDE, 2 * SIDE * all.length));
