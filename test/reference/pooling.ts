import { DType, Rounding } from "../../assembly/abi.js";
import type { Window2d } from "./conv2d.js";
import { rescale } from "./rounding.js";
import { at, fit, tensorFrom, type Fitted, type Tensor } from "./tensor.js";

/** The greatest element of each window; padding is not looked at, as in torch. */
export function maxPool(input: Tensor, window: Window2d, outH: number, outW: number): Tensor {
  return tensorFrom(input.dtype, outH, outW, input.c, (y, x, c) => Math.max(...windowOf(input, window, y, x, c)));
}

/** The sum of each window, in `dtype`; padding counts as zero. */
export function sumPool(input: Tensor, window: Window2d, outH: number, outW: number, dtype: DType): Tensor {
  return tensorFrom(dtype, outH, outW, input.c, (y, x, c) => total(windowOf(input, window, y, x, c)));
}

/** round(sum · multiplier / 2^shift), half up, saturated to `dtype`; padding counts as zero, and in the divisor. */
export function avgPool(
  input: Tensor, window: Window2d, multiplier: number, shift: number, outH: number, outW: number, dtype: DType,
): Fitted {
  const sums = tensorFrom(DType.I32, outH, outW, input.c, (y, x, c) => total(windowOf(input, window, y, x, c)));
  return fit(sums, sums.data.map((sum) => rescale(sum, multiplier, shift, Rounding.HalfUp)), dtype);
}

/** The elements of channel c under the window of output (y, x), without padding. */
function windowOf(input: Tensor, window: Window2d, y: number, x: number, c: number): number[] {
  const elements: number[] = [];
  for (let ky = 0; ky < window.kernelH; ky++)
    for (let kx = 0; kx < window.kernelW; kx++) {
      const element = at(input, y * window.strideY - window.padTop + ky, x * window.strideX - window.padLeft + kx, c);
      if (element !== undefined) elements.push(element);
    }
  return elements;
}

function total(elements: readonly number[]): number {
  return elements.reduce((sum, element) => sum + element, 0);
}
