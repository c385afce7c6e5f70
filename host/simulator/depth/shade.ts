import type { Clothes } from "../clothes.js";
import type { Lamp } from "../lamp.js";
import { BINNING, type BodyFrames, growOutward } from "./body-frames.js";
import { DEPTH_CAMERA } from "./clip.js";
import { type Flow, flowAt, motionAt, NODE_PIXELS, stillFlow } from "./flow.js";

/** Steeper than this nothing is measured rightly: slope of depth. */
const STEEPEST = 3;
/** Depth further apart than this in neighbouring pixels is of another limb, mm. */
const LIMB_GAP = 80;

/**
 * Light from each pixel of the person in each frame, f32[count, height, width], > 0 on the person and a little beyond, else 0.
 * Clothes are laid on the first frame, as if the person stood there with hanging arms, and carried along by the flows.
 * @param flows  half-way flows, one for each pair of frames
 */
export function shadeFrames(frames: BodyFrames, flows: readonly Flow[], clothes: Clothes, lamp: Lamp): Float32Array {
  const { width, pixels, count, outline, depth, boxes } = frames;
  const light = new Float32Array(count * pixels);
  const room = new Float32Array(pixels);
  const body = firstBox(frames);
  const carried = stillFlow(frames);
  const arriving = stillFlow(frames);
  for (let frame = 0; frame < count; frame++) {
    if (frame > 0) carry(frames, frame, flows[frame - 1]!, carried, arriving);
    const shown = light.subarray(frame * pixels, (frame + 1) * pixels);
    const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => boxes[frame * 4 + side]!) as [number, number, number, number];
    for (let y = top; y < bottom; y++)
      for (let x = left, at = frame * pixels + y * width + x; x < right; x++, at++) {
        if (outline[at]! > 0.5 || depth[at] === 0) continue;
        const mmPerPixel = (BINNING * depth[at]!) / DEPTH_CAMERA.focalPixels;
        const acrossX = slope(depth[at - 1]!, depth[at]!, depth[at + 1]!) / mmPerPixel;
        const acrossY = slope(depth[at - width]!, depth[at]!, depth[at + width]!) / mmPerPixel;
        const facing = (acrossX * lamp.x + acrossY * lamp.y - lamp.z) / Math.sqrt(1 + acrossX * acrossX + acrossY * acrossY);
        const bodyX = x + motionAt(carried, carried.x, x, y);
        const bodyY = y + motionAt(carried, carried.y, x, y);
        const albedo = clothes.albedo((body.bottom - bodyY) / body.tall, (bodyX - body.middle) / body.tall);
        shown[y * width + x] = albedo * (lamp.ambient + (1 - lamp.ambient) * Math.max(0, facing));
      }
    const distance = outline.subarray(frame * pixels, (frame + 1) * pixels);
    for (let i = 0; i < 2; i++) growOutward(shown, distance, frames, room);
  }
  return light;
}

/** Change of depth a pixel, from the sides that belong to the same limb. */
function slope(before: number, here: number, after: number): number {
  const back = before === 0 ? 0 : here - before;
  const on = after === 0 ? 0 : after - here;
  const steep = STEEPEST * BINNING * 10;
  if (Math.abs(back) > LIMB_GAP) return Math.max(-steep, Math.min(steep, Math.abs(on) > LIMB_GAP ? 0 : on));
  if (Math.abs(on) > LIMB_GAP) return Math.max(-steep, Math.min(steep, back));
  return Math.max(-steep, Math.min(steep, (back + on) / 2));
}

/** Takes the place on the first frame along: carried(p) becomes what it was where p comes from, and the way from there. */
function carry(frames: BodyFrames, frame: number, half: Flow, carried: Flow, arriving: Flow): void {
  if (half.moving.length === 0) return;
  flowAt(frames, frame - 1, half, 1, arriving);
  const { columns, left, top } = carried;
  const oldX = Float32Array.from(carried.x);
  const oldY = Float32Array.from(carried.y);
  const near = { ...carried };
  for (let node = 0; node < oldX.length; node++) {
    const [dx, dy] = [arriving.x[node]!, arriving.y[node]!];
    const x = left + (node % columns) * NODE_PIXELS - dx;
    const y = top + Math.floor(node / columns) * NODE_PIXELS - dy;
    carried.x[node] = motionAt(near, oldX, x, y) - dx;
    carried.y[node] = motionAt(near, oldY, x, y) - dy;
  }
}

interface Box {
  readonly bottom: number;
  readonly tall: number;
  readonly middle: number;
}

/** Feet, height and middle of the person in the first frame. */
function firstBox({ width, outline, boxes }: BodyFrames): Box {
  const [left, top, right, bottom] = boxes as unknown as readonly [number, number, number, number];
  let sum = 0;
  let count = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++)
      if (outline[y * width + x]! < 0) {
        sum += x;
        count++;
      }
  return { bottom, tall: Math.max(1, bottom - top), middle: sum / Math.max(1, count) };
}
