import { unsupported, type FloatNode } from "../graph/graph.js";
import type { Shape } from "../graph/shapes.js";

/** Vectors longer than this would make a matrix of more than a million zeros. */
const MAX_VECTOR = 1024;

/** Weights that multiply channel c by `rows[c]` and mix nothing: a depthwise 1 × 1 convolution, or a diagonal matrix. */
export function diagonal(name: string, rows: Float64Array, shape: Shape): FloatNode {
  const channels = rows.length;
  if (shape.length === 3) {
    return {
      type: "Conv2d",
      weight: { shape: [channels, 1, 1, 1], data: rows },
      stride: [1, 1],
      padding: [0, 0],
      dilation: [1, 1],
      groups: channels,
    };
  }
  if (channels > MAX_VECTOR)
    throw unsupported(name, `scales or sums a vector of ${channels} without weights`, "put an Affine in front of the sum");
  const data = new Float64Array(channels * channels);
  rows.forEach((value, c) => void (data[c * channels + c] = value));
  return { type: "Linear", weight: { shape: [channels, channels], data } };
}
