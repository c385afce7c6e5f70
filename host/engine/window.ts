import type { Engine } from "./engine.js";
import type { Pixels, Stream } from "./stream.js";

/** What the frames of a window left out. */
export interface Left {
  /** Events on a pixel that the sensor does not have. */
  readonly outside: number;
  /** Events that met a pixel at its cap. */
  readonly saturated: number;
}

/**
 * One window, or a part of one, through a stream: slice by slice a frame and a timestep. Its logits are the engine's afterwards.
 * @param begins whether the window begins here
 */
export function runWindow(engine: Engine, stream: Stream, events: Pixels, sliceEnds: Uint32Array, begins = true): Left {
  const saturated = engine.frameSaturations;
  if (begins) stream.beginWindow();
  const outside = stream.run(events, sliceEnds);
  return { outside, saturated: (engine.frameSaturations - saturated) >>> 0 };
}

/** The frames of a window or a part of one, one behind the other. @param frames out: u8[slices · frame bytes] */
export function frameWindow(engine: Engine, stream: Stream, events: Pixels, sliceEnds: Uint32Array, frames: Uint8Array): Left {
  const saturated = engine.frameSaturations;
  let outside = 0;
  let from = 0;
  sliceEnds.forEach((to, slice) => {
    outside += stream.frame(events, from, to);
    frames.set(engine.input, slice * engine.input.length);
    from = to;
  });
  return { outside, saturated: (engine.frameSaturations - saturated) >>> 0 };
}

/** The same as runWindow from frames that are made. @param frames u8[slices · frame bytes] */
export function runFrames(engine: Engine, stream: Stream, frames: Uint8Array, begins = true): void {
  const { length } = engine.input;
  if (begins) stream.beginWindow();
  for (let at = 0; at < frames.length; at += length) {
    engine.input.set(frames.subarray(at, at + length));
    stream.step();
  }
}
