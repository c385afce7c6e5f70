import { SaccadeError } from "../../errors.js";
import { unpackXz } from "./xz.js";

/** A person cut out of a depth camera's pictures, frame after frame; the part of the picture that the person ever covers. */
export interface DepthClip {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Where this part begins in the camera's picture, pixels. */
  readonly left: number;
  readonly top: number;
  /** u16[frames, height, width], distance along the view, mm; 0 is not the person. */
  readonly millimetres: Uint16Array;
}

/** The camera that the clips are of. Source: UTD-MHAD; nominal figures of a Kinect v1 at 320 × 240. */
export const DEPTH_CAMERA = { width: 320, height: 240, focalPixels: 285.6, framesPerSecond: 30 } as const;

const MAGIC = "DPX1";
const HEADER_BYTES = 20;
const MAX_SIDE = 4096;
const MAX_FRAMES = 36_000;
const MAX_BYTES = 2 ** 30;

/**
 * Reads a packed clip (`.dpx.xz`): xz of "DPX1", u16 height, width, frames, top, left, part's height, part's width, palette's length,
 * the palette in mm, then a palette index u8[part's height, part's width, frames].
 * @param name what to call it in errors
 * @throws SaccadeError RECORDING_CORRUPT
 */
export async function readDepthClip(packed: Uint8Array, name: string): Promise<DepthClip> {
  const corrupt = (what: string, cause?: unknown): SaccadeError =>
    new SaccadeError("RECORDING_CORRUPT", `${name} ${what}`, "copy the clip again", { cause });
  const bytes = await unpackXz(packed, MAX_BYTES).catch((cause: unknown) => {
    throw corrupt("is no whole xz file", cause);
  });
  if (bytes.length < HEADER_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC) throw corrupt("holds no packed depth clip");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number): number => view.getUint16(4 + 2 * index, true);
  const [fullHeight, fullWidth, frames, top, left] = [word(0), word(1), word(2), word(3), word(4)];
  const [height, width, colours] = [word(5), word(6), word(7)];
  if (fullWidth > MAX_SIDE || fullHeight > MAX_SIDE || frames > MAX_FRAMES)
    throw corrupt(`claims ${frames} frames of ${fullWidth} × ${fullHeight}`);
  if (frames < 2 || width === 0 || height === 0) throw corrupt("shows nothing that moves");
  if (left + width > fullWidth || top + height > fullHeight) throw corrupt("has a part outside its picture");
  const indexAt = HEADER_BYTES + 2 * colours;
  const wanted = indexAt + height * width * frames;
  if (bytes.length !== wanted) throw corrupt(`has ${bytes.length} bytes, not ${wanted}`);
  const millimetres = new Uint16Array(frames * height * width);
  const pixels = height * width;
  for (let pixel = 0, at = indexAt; pixel < pixels; pixel++)
    for (let frame = 0; frame < frames; frame++, at++) {
      const index = bytes[at]!;
      if (index >= colours) throw corrupt(`names colour ${index} of ${colours}`);
      millimetres[frame * pixels + pixel] = view.getUint16(HEADER_BYTES + 2 * index, true);
    }
  return { frames, width, height, left, top, millimetres };
}
