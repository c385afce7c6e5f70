import { WeightedField } from "../../assembly/abi.js";

type Pair = readonly [y: number, x: number];

/** Of a convolution or a pool; what is left out is 1, and 0 for padding. */
export interface Geometry {
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly pad?: Pair;
  /** Rows below and columns right; as many as above and left when left out. */
  readonly padEnd?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

export const ONE_BY_ONE: Geometry = { kernel: [1, 1] };

export function outSize({ h, w }: { readonly h: number; readonly w: number }, geometry: Geometry): { h: number; w: number } {
  return { h: along(h, geometry, 0), w: along(w, geometry, 1) };
}

function along(size: number, { kernel, stride, pad, padEnd, dilation }: Geometry, axis: 0 | 1): number {
  const before = pad?.[axis] ?? 0;
  const padded = size + before + (padEnd?.[axis] ?? before);
  return Math.floor((padded - (dilation?.[axis] ?? 1) * (kernel[axis] - 1) - 1) / (stride?.[axis] ?? 1)) + 1;
}

export function windowWords({ kernel, stride, pad, dilation, groups }: Geometry): Record<number, number> {
  return {
    [WeightedField.KernelH]: kernel[0], [WeightedField.KernelW]: kernel[1],
    [WeightedField.StrideY]: stride?.[0] ?? 1, [WeightedField.StrideX]: stride?.[1] ?? 1,
    [WeightedField.PadTop]: pad?.[0] ?? 0, [WeightedField.PadLeft]: pad?.[1] ?? 0,
    [WeightedField.DilationY]: dilation?.[0] ?? 1, [WeightedField.DilationX]: dilation?.[1] ?? 1,
    [WeightedField.Groups]: groups ?? 1,
  };
}
