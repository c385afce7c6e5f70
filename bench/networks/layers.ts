/** One weighted layer with its neuron: 3×3 kernels pad by 1, depthwise ones have as many outputs as inputs. */
export interface Layer {
  readonly name: string;
  readonly kind: "conv" | "depthwise" | "pointwise" | "linear";
  readonly stride: 1 | 2;
  /** Input and output shape, NHWC without the N. */
  readonly h: number;
  readonly w: number;
  readonly ci: number;
  readonly oh: number;
  readonly ow: number;
  readonly co: number;
}

/** Greatest count of an input frame's pixel. */
export const INPUT_BOUND = 7;
/** D of the I-LIF neurons. */
export const MAX_COUNT = 4;
export const CLASSES = 10;

const STAGES = [
  ["conv", 2, 16], ["depthwise", 1, 16], ["pointwise", 1, 32], ["depthwise", 2, 32], ["pointwise", 1, 64], ["depthwise", 1, 64],
  ["pointwise", 1, 64], ["depthwise", 2, 64], ["pointwise", 1, 128],
] as const;

/**
 * The network of 13.287 million multiply-accumulates: conv3×3 stride 2 from 2 to 16 channels, then depthwise 3×3 and pointwise in turns
 * to 128 channels of 16×16, on 128×128 counts of two polarities.
 * @param side  of the input, a multiple of 32: 128 for figures, less for tests
 */
export function mobileLayers(side = 128): Layer[] {
  let at = { h: side, w: side, c: 2 };
  return STAGES.map(([kind, stride, co], i) => {
    const layer = layerOf(`${kind}${i + 1}`, kind, stride, at, co);
    at = { h: layer.oh, w: layer.ow, c: co };
    return layer;
  });
}

export function layerOf(
  name: string, kind: Layer["kind"], stride: 1 | 2, { h, w, c: ci }: { h: number; w: number; c: number }, co: number,
): Layer {
  return { name, kind, stride, h, w, ci, oh: Math.ceil(h / stride), ow: Math.ceil(w / stride), co };
}

/** Taps of the kernel. */
export function taps({ kind }: Layer): 1 | 9 {
  return kind === "conv" || kind === "depthwise" ? 9 : 1;
}

/** Weights that one output element sums over. */
export function fanIn(layer: Layer): number {
  return taps(layer) * (layer.kind === "depthwise" ? 1 : layer.ci);
}

export function macs(layer: Layer): number {
  return layer.oh * layer.ow * layer.co * fanIn(layer);
}
