import { DType } from "../../assembly/abi.js";
import type { Conv2dShape } from "./conv2d.js";
import { at, tensorFrom, type Tensor } from "./tensor.js";

/**
 * Each channel convolved with a kernel of its own; out i32[outH, outW, c].
 * @param weights  i8 [kernelH, kernelW, c]
 * @param bias     i32 [c], or undefined
 */
export function depthwise(
  input: Tensor, weights: readonly number[], bias: readonly number[] | undefined, shape: Conv2dShape, outH: number, outW: number,
): Tensor {
  return tensorFrom(DType.I32, outH, outW, input.c, (y, x, c) => {
    let sum = bias?.[c] ?? 0;
    for (let ky = 0; ky < shape.kernelH; ky++)
      for (let kx = 0; kx < shape.kernelW; kx++) {
        const inY = y * shape.strideY - shape.padTop + ky * shape.dilationY;
        const inX = x * shape.strideX - shape.padLeft + kx * shape.dilationX;
        sum += (at(input, inY, inX, c) ?? 0) * weights[(ky * shape.kernelW + kx) * input.c + c]!;
      }
    return sum;
  });
}
