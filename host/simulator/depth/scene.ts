import type { Background } from "../background.js";
import type { Micros } from "../../types.js";
import type { Scene } from "../scene.js";
import type { BodyFrames } from "./body-frames.js";
import { type Flow, flowAt, MOST_PIXELS, motionAt, NODE_PIXELS, stillFlow } from "./flow.js";
import { sampleField } from "./raster.js";
import type { Place, View } from "./view.js";

/** Half of the band in which the outline's pixel is partly the person's, pixels of the sensor. */
const SOFT = 0.75;

/** A person that has been prepared for showing: fields of the frames, and the flows between them. */
export interface Body {
  readonly frames: BodyFrames;
  readonly flows: readonly Flow[];
  /** f32[count, height, width] */
  readonly light: Float32Array;
  /** µs from one frame to the next. */
  readonly frameMicros: Micros;
}

/**
 * A person cut out of depth frames, before a background. Between two frames outline and light move along the flow, so that an edge passes
 * each pixel once and at its time.
 */
export function depthScene(body: Body, background: Background, view: View): Scene {
  const { frames, flows, light, frameMicros } = body;
  const { width, height } = view;
  const flow = stillFlow(frames);
  const soft = SOFT / view.scale;
  const still = view.moves ? undefined : backdrop(background, view, 0);
  return {
    width,
    height,
    render(t, out) {
      const along = Math.min(frames.count - 1, Math.max(0, t / frameMicros));
      const first = Math.min(frames.count - 2, Math.floor(along));
      const part = along - first;
      flowAt(frames, first, flows[first]!, part, flow);
      out.set(still ?? backdrop(background, view, t));
      const place = view.at(t);
      const box = boxOf(frames, first, place, width, height);
      const a = first * frames.pixels;
      const b = a + frames.pixels;
      const rest = flow.moving.length === 0;
      const lastX = flow.left + (flow.columns - 1) * NODE_PIXELS;
      const lastY = flow.top + (flow.rows - 1) * NODE_PIXELS;
      for (let y = box.top; y < box.bottom; y++)
        for (let x = box.left; x < box.right; x++) {
          const sourceX = place.x0 + place.xx * x + place.xy * y;
          const sourceY = place.y0 + place.yx * x + place.yy * y;
          if (sourceX < flow.left || sourceY < flow.top || sourceX > lastX || sourceY > lastY) continue;
          const near = (sourceY | 0) * frames.width + (sourceX | 0);
          const nearA = frames.outline[a + near]!;
          const nearB = frames.outline[b + near]!;
          if (nearA > EMPTY_PIXELS && nearB > EMPTY_PIXELS) continue;
          const dx = rest ? 0 : motionAt(flow, flow.x, sourceX, sourceY);
          const dy = rest ? 0 : motionAt(flow, flow.y, sourceX, sourceY);
          const unmoved = dx === 0 && dy === 0;
          if (unmoved && nearA > soft + CELL && nearB > soft + CELL) continue;
          const ax = sourceX - part * dx;
          const ay = sourceY - part * dy;
          let outside = -soft;
          if (!unmoved || nearA > -soft - CELL || nearB > -soft - CELL) {
            const outsideA = sampleField(frames.outline, a, frames.width, ax, ay);
            outside = outsideA + part * (sampleField(frames.outline, b, frames.width, ax + dx, ay + dy) - outsideA);
          }
          if (outside >= soft) continue;
          const lightA = sampleField(light, a, frames.width, ax, ay);
          const lightB = sampleField(light, b, frames.width, ax + dx, ay + dy);
          const shown = lightA < DARK ? lightB : lightB < DARK ? lightA : lightA + part * (lightB - lightA);
          if (shown < DARK) continue;
          const cover = outside <= -soft ? 1 : 0.5 - outside / (2 * soft);
          out[y * width + x] = out[y * width + x]! + cover * (shown - out[y * width + x]!);
        }
    },
  };
}

/** So far outside in both frames, nobody passes in between: half of what a flow can reach, and some. */
const EMPTY_PIXELS = MOST_PIXELS / 2 + 2;

/** Pixels of the frames between which a place lies are no further from it. */
const CELL = 1.5;

/** Less light than this is no surface: one that was not measured in this frame. */
const DARK = 0.004;

function backdrop(background: Background, view: View, t: Micros): Float32Array {
  const light = new Float32Array(view.width * view.height);
  const { shiftX, shiftY, cos, sin } = view.at(t);
  for (let y = 0; y < view.height; y++)
    for (let x = 0; x < view.width; x++) {
      const [u, v] = [x + 0.5 - view.width / 2 - shiftX, y + 0.5 - view.height / 2 - shiftY];
      light[y * view.width + x] = background.at(cos * u + sin * v, cos * v - sin * u);
    }
  return light;
}

/** The sensor's pixels that see the person in one of two frames, or in between. */
function boxOf({ boxes }: BodyFrames, first: number, place: Place, width: number, height: number) {
  const side = (of: number, outer: (a: number, b: number) => number): number => outer(boxes[first * 4 + of]!, boxes[first * 4 + 4 + of]!);
  const [left, top, right, bottom] = [side(0, Math.min) - 2, side(1, Math.min) - 2, side(2, Math.max) + 2, side(3, Math.max) + 2];
  const corners = [[left, top], [right, top], [left, bottom], [right, bottom]] as const;
  const size = place.xx * place.yy - place.xy * place.yx;
  const xs = corners.map(([x, y]) => (place.yy * (x - place.x0) - place.xy * (y - place.y0)) / size);
  const ys = corners.map(([x, y]) => (place.xx * (y - place.y0) - place.yx * (x - place.x0)) / size);
  return {
    left: Math.max(0, Math.floor(Math.min(...xs))),
    right: Math.min(width, Math.ceil(Math.max(...xs)) + 1),
    top: Math.max(0, Math.floor(Math.min(...ys))),
    bottom: Math.min(height, Math.ceil(Math.max(...ys)) + 1),
  };
}
