import type { Micros, SensorSize } from "../../types.js";
import { DEPTH_CAMERA, type DepthClip } from "./clip.js";
import { BINNING, MARGIN_PIXELS } from "./body-frames.js";

/** How the event camera looks at what the depth camera saw. */
export interface Framing extends SensorSize {
  /** Sensor pixels for a pixel of the depth camera. */
  readonly scale: number;
  /** Sensor pixels that everything is to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Turn of the camera about its axis, radians. */
  readonly roll: number;
  /** Slow swaying of the camera: sensor pixels, and cycles a second in x and y. */
  readonly sway: { readonly pixels: number; readonly hertzX: number; readonly hertzY: number; readonly phase: number };
}

/** Where a sensor pixel (x, y) looks: raster pixel (x0 + xx·x + xy·y, y0 + yx·x + yy·y); and the camera's shift and turn of that moment. */
export interface Place {
  readonly x0: number;
  readonly xx: number;
  readonly xy: number;
  readonly y0: number;
  readonly yx: number;
  readonly yy: number;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly cos: number;
  readonly sin: number;
}

export interface View extends SensorSize {
  /** Sensor pixels for a pixel of the frames. */
  readonly scale: number;
  /** Whether the camera moves. */
  readonly moves: boolean;
  at(t: Micros): Place;
}

/** What the sensor's middle looks at, pixels of the depth camera's picture: where people stand in UTD-MHAD, arms up and feet in view. */
const AIM = { x: 152, y: 122 } as const;

/** @param mirror whether the clip's frames were mirrored */
export function viewOf(clip: DepthClip, mirror: boolean, framing: Framing): View {
  const { width, height, roll, sway } = framing;
  const scale = framing.scale * BINNING;
  // Centres of pixels have whole coordinates, before binning and after.
  const binned = (pixel: number): number => MARGIN_PIXELS + (pixel + 0.5) / BINNING - 0.5;
  const aimX = binned(mirror ? clip.width - 1 - (AIM.x - clip.left) : AIM.x - clip.left);
  const aimY = binned(AIM.y - clip.top);
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const middleX = width / 2 - 0.5;
  const middleY = height / 2 - 0.5;
  return {
    width,
    height,
    scale,
    moves: sway.pixels > 0,
    at(t) {
      const angle = (2 * Math.PI * t) / 1e6;
      const shiftX = framing.shiftX + sway.pixels * Math.sin(angle * sway.hertzX + sway.phase);
      const shiftY = framing.shiftY + sway.pixels * Math.sin(angle * sway.hertzY + 2 * sway.phase);
      const [fromX, fromY] = [middleX + shiftX, middleY + shiftY];
      return {
        xx: cos / scale, xy: sin / scale, x0: aimX - (cos * fromX + sin * fromY) / scale,
        yx: -sin / scale, yy: cos / scale, y0: aimY - (cos * fromY - sin * fromX) / scale,
        shiftX, shiftY, cos, sin,
      };
    },
  };
}

/** Frames a second of the depth camera, as µs from one to the next. */
export const FRAME_MICROS: Micros = 1e6 / DEPTH_CAMERA.framesPerSecond;
