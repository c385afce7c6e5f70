import type { Clothes } from "../clothes.js";
import type { Lamp } from "../lamp.js";
import type { Capsule } from "./body.js";

/** How the camera stands before the person. */
export interface Camera {
  readonly width: number;
  readonly height: number;
  readonly focalPixels: number;
  /** Metres above the floor, and from the person. */
  readonly up: number;
  readonly away: number;
  /** Sensor pixels that everything is to the right and down. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** A capsule as the camera sees it: pixels, with depths in metres. */
interface Seen {
  readonly capsule: Capsule;
  readonly ax: number;
  readonly ay: number;
  readonly az: number;
  readonly ar: number;
  readonly bx: number;
  readonly by: number;
  readonly bz: number;
  readonly br: number;
}

/** Half of the band in which an edge's pixel is partly the piece's, pixels. */
const SOFT = 0.75;
/** Pieces that are no further behind than this still show through the soft edge of one in front, metres. */
const SLACK = 0.02;

/**
 * Draws a body over a picture, the furthest piece first, each lit as a rounded thing.
 * @param light  f32[height, width], what is behind, and then the picture
 * @param depth  f32[height, width], room to work
 */
export function paintBody(
  capsules: readonly Capsule[], clothes: Clothes, lamp: Lamp, camera: Camera, light: Float32Array, depth: Float32Array,
): void {
  depth.fill(Number.POSITIVE_INFINITY);
  const seen = capsules.map((capsule) => project(capsule, camera)).sort((a, b) => b.az + b.bz - a.az - a.bz);
  for (const piece of seen) paint(piece, clothes, lamp, camera, light, depth);
}

function project(capsule: Capsule, { width, height, focalPixels, up, away, shiftX, shiftY }: Camera): Seen {
  const { from, to, fromRadius, toRadius } = capsule;
  const az = Math.max(0.3, from[2] + away);
  const bz = Math.max(0.3, to[2] + away);
  const middleX = width / 2 - 0.5 + shiftX;
  const middleY = height / 2 - 0.5 + shiftY;
  return {
    capsule,
    ax: middleX + (focalPixels * from[0]) / az, ay: middleY - (focalPixels * (from[1] - up)) / az, az, ar: (focalPixels * fromRadius) / az,
    bx: middleX + (focalPixels * to[0]) / bz, by: middleY - (focalPixels * (to[1] - up)) / bz, bz, br: (focalPixels * toRadius) / bz,
  };
}

function paint(
  { capsule, ax, ay, az, ar, bx, by, bz, br }: Seen, clothes: Clothes, lamp: Lamp, camera: Camera, light: Float32Array, depth: Float32Array,
): void {
  const { width, height, focalPixels } = camera;
  const { rest } = capsule;
  const [wayX, wayY] = [bx - ax, by - ay];
  const way2 = Math.max(1e-6, wayX * wayX + wayY * wayY);
  const left = Math.max(0, Math.floor(Math.min(ax - ar, bx - br) - SOFT));
  const right = Math.min(width - 1, Math.ceil(Math.max(ax + ar, bx + br) + SOFT));
  const top = Math.max(0, Math.floor(Math.min(ay - ar, by - br) - SOFT));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(ay + ar, by + br) + SOFT));
  const wayLength = Math.sqrt(way2);
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const along = Math.min(1, Math.max(0, ((x - ax) * wayX + (y - ay) * wayY) / way2));
      const radius = ar + along * (br - ar);
      const offX = x - ax - along * wayX;
      const offY = y - ay - along * wayY;
      const off = Math.sqrt(offX * offX + offY * offY);
      const outside = off - radius;
      if (outside >= SOFT) continue;
      const bulge = Math.sqrt(Math.max(0, radius * radius - off * off));
      const axis = az + along * (bz - az);
      const z = axis - (bulge * axis) / focalPixels;
      const at = y * width + x;
      if (z > depth[at]! + SLACK) continue;
      const facing = (offX * lamp.x + offY * lamp.y - bulge * lamp.z) / Math.max(radius, off);
      const across = (wayX * offY - wayY * offX) / wayLength;
      const side = rest[1] + along * (rest[3] - rest[1]) + across / focalPixels;
      const albedo = clothes.albedo(rest[0] + along * (rest[2] - rest[0]), side);
      const shown = albedo * (lamp.ambient + (1 - lamp.ambient) * Math.max(0, facing));
      const cover = outside <= -SOFT ? 1 : 0.5 - outside / (2 * SOFT);
      light[at] = light[at]! + cover * (shown - light[at]!);
      if (cover > 0.5) depth[at] = z;
    }
}
