import { Rounding, type DType } from "../../assembly/abi.js";
import { rescale } from "./rounding.js";
import { at, fit, type Fitted, type Tensor } from "./tensor.js";

/** Per channel the sum over the image, times multiplier / 2^shift, half up, saturated to `dtype`; out [1, 1, c]. */
export function globalMean(input: Tensor, multiplier: number, shift: number, dtype: DType): Fitted {
  const means: bigint[] = [];
  for (let c = 0; c < input.c; c++) {
    let sum = 0;
    for (let y = 0; y < input.h; y++) for (let x = 0; x < input.w; x++) sum += at(input, y, x, c)!;
    means.push(rescale(sum, multiplier, shift, Rounding.HalfUp));
  }
  return fit({ h: 1, w: 1, c: input.c }, means, dtype);
}
