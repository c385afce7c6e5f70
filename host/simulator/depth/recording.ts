import { randomBackground } from "../background.js";
import { type Clothes, randomClothes } from "../clothes.js";
import { EventColumns } from "../columns.js";
import { DvsSensor } from "../dvs.js";
import { Random } from "../random.js";
import type { Scene } from "../scene.js";
import type { Events, Micros } from "../../types.js";
import { activeFrames } from "./active.js";
import { BINNING, bodyFrames } from "./body-frames.js";
import type { DepthClip } from "./clip.js";
import { findFlow, type Flow, stillFlow } from "./flow.js";
import { type Body, depthScene } from "./scene.js";
import { shadeFrames } from "./shade.js";
import { steadied } from "./steady.js";
import type { Variation } from "./variation.js";
import { FRAME_MICROS, viewOf } from "./view.js";

export interface DepthRecording {
  readonly events: Events;
  readonly micros: Micros;
  /** When the person acts, µs; the end exclusive. */
  readonly active: { readonly start: Micros; readonly end: Micros };
}

/** Between two looks of the sensor nothing moves further than this, sensor pixels; and it looks so often in a frame. */
const LOOK_PIXELS = 0.8;
const LEAST_LOOKS = 4;
const MOST_LOOKS = 12;

/** What an event camera sees of a clip. The same clip, variation and random numbers give the same events. */
export function depthRecording(clip: DepthClip, variation: Variation, random: Random): DepthRecording {
  const { scene, body, micros } = depthSceneOf(clip, variation, random);
  const sensor = new DvsSensor(scene, variation.sensor, random);
  const events = new EventColumns();
  body.flows.forEach((flow, frame) => {
    const looks = looksFor(flow, variation.framing.scale);
    for (let look = 1; look <= looks; look++) sensor.expose(Math.round((frame + look / looks) * body.frameMicros), events);
  });
  const { from, to } = activeFrames(body.flows);
  const at = (frame: number): Micros => Math.round(frame * body.frameMicros);
  return { events, micros, active: { start: at(from), end: at(to) } };
}

/** The clip as it can be looked at at any time of its `micros`, clothed and lit, in a room. */
export function depthSceneOf(clip: DepthClip, variation: Variation, random: Random): { scene: Scene; body: Body; micros: Micros } {
  // The depth camera's pictures are mirrored, as Kinect's software makes them: a right hand is at the right.
  const mirror = !variation.mirrored;
  const background = randomBackground(random);
  const body = bodyOf(clip, mirror, variation, randomClothes(random, background.wall), random);
  const scene = depthScene(body, background, viewOf(clip, mirror, variation.framing));
  return { scene, body, micros: Math.round(body.flows.length * body.frameMicros) };
}

function bodyOf(clip: DepthClip, mirror: boolean, variation: Variation, clothes: Clothes, random: Random): Body {
  const raw = bodyFrames(clip, mirror);
  const flows: Flow[] = [];
  for (let frame = 0; frame + 1 < raw.count; frame++) flows.push(findFlow(raw, frame, flows.at(-1) ?? stillFlow(raw), random));
  const frames = steadied(raw, flows);
  const light = shadeFrames(frames, flows, clothes, variation.lamp);
  return { frames, flows, light, frameMicros: FRAME_MICROS * variation.slowness };
}

function looksFor(flow: Flow, scale: number): number {
  let most = 0;
  for (const node of flow.moving) most = Math.max(most, Math.abs(flow.x[node]!), Math.abs(flow.y[node]!));
  return Math.min(MOST_LOOKS, Math.max(LEAST_LOOKS, Math.ceil((most * BINNING * scale) / LOOK_PIXELS)));
}
