import { xzOf } from "./xz-file.js";
import type { DepthClip } from "../../host/simulator/depth/clip.js";

/** A person as simple as can be: what of each frame is covered, at one depth in mm. */
export function clipOf(frames: number, width: number, height: number, depthAt: (frame: number, x: number, y: number) => number): DepthClip {
  const millimetres = new Uint16Array(frames * width * height);
  for (let frame = 0, at = 0; frame < frames; frame++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) millimetres[at++] = depthAt(frame, x, y);
  return { frames, width, height, left: Math.round(152 - width / 2), top: Math.round(122 - height / 2), millimetres };
}

/** A ball that moves evenly, its middle in the clip's middle half way. */
export function movingBall(frames: number, radius: number, pixelsX: number, pixelsY: number, width = 120, height = 120): DepthClip {
  return clipOf(frames, width, height, (frame, x, y) => {
    const along = frame - (frames - 1) / 2;
    const off = Math.hypot(x - width / 2 - along * pixelsX, y - height / 2 - along * pixelsY);
    return off > radius ? 0 : Math.round(2800 - 6 * Math.sqrt(radius * radius - off * off));
  });
}

/** The packed file of a clip. */
export function packedClip({ frames, width, height, left, top, millimetres }: DepthClip): Buffer {
  const palette = [...new Set(millimetres)].sort((a, b) => a - b);
  const indexOf = new Map(palette.map((z, i) => [z, i]));
  const head = Buffer.alloc(20 + 2 * palette.length);
  head.write("DPX1");
  [240, 320, frames, top, left, height, width, palette.length, ...palette].forEach((value, i) => head.writeUInt16LE(value, 4 + 2 * i));
  const indices = Buffer.alloc(frames * width * height);
  const pixels = width * height;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let frame = 0; frame < frames; frame++) indices[pixel * frames + frame] = indexOf.get(millimetres[frame * pixels + pixel]!)!;
  return xzOf(Buffer.concat([head, indices]));
}
