import { Rounding, type DType } from "../../assembly/abi.js";
import { rescale } from "./rounding.js";
import { at, tensorFrom, type Tensor } from "./tensor.js";

/** Per channel the sum over the image, times multiplier / 2^shift, half up, saturated to `dtype`; out [1, 1, c]. */
export function globalMean(input: Tensor, multiplier: number, shift: number, dtype: DType): Tensor {
  return tensorFrom(dtype, 1, 1, input.c, (_y, _x, c) => {
    let sum = 0;
    for (let y = 0; y < input.h; y++) for (let x = 0; x < input.w; x++) sum += at(input, y, x, c)!;
    return rescale(sum, multiplier, shift, Rounding.HalfUp, 0, dtype);
  });
}
