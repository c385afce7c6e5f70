import type { Micros, SensorSize } from "../types.js";

/** What a sensor looks at. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Writes the light on each pixel at a moment, f32[height, width], linear, > 0. */
  render(t: Micros, light: Float32Array): void;
}

/** Even light. */
export function blankScene({ width, height }: SensorSize): Scene {
  return { width, height, render: (_t, light) => void light.fill(1) };
}

/** The scene whose time begins at `start`. */
export function laterScene(scene: Scene, start: Micros): Scene {
  return { width: scene.width, height: scene.height, render: (t, light) => scene.render(t - start, light) };
}
