import { DType } from "../../assembly/abi.js";
import { tensorFrom, type Tensor } from "./tensor.js";

export interface Window2d {
  readonly kernelH: number;
  readonly kernelW: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

export interface Conv2dShape extends Window2d {
  readonly dilationY: number;
  readonly dilationX: number;
  readonly groups: number;
}

/**
 * torch's cross-correlation, padding reads as zero; out i32[outH, outW, outC].
 * Output channel o belongs to group floor(o / (outC / groups)) and reads that group's inC / groups input channels.
 * @param weights  i8 [kernelH, kernelW, inC / groups, outC]
 * @param bias     i32 [outC], or undefined
 */
export function conv2d(
  input: Tensor, weights: readonly number[], bias: readonly number[] | undefined, shape: Conv2dShape,
  outH: number, outW: number, outC: number,
): Tensor {
  const inPerGroup = input.c / shape.groups;
  const outPerGroup = outC / shape.groups;
  return tensorFrom(DType.I32, outH, outW, outC, (y, x, o) => {
    const group = Math.floor(o / outPerGroup);
    let sum = bias?.[o] ?? 0;
    for (let ky = 0; ky < shape.kernelH; ky++)
      for (let kx = 0; kx < shape.kernelW; kx++) {
        const inY = y * shape.strideY - shape.padTop + ky * shape.dilationY;
        const inX = x * shape.strideX - shape.padLeft + kx * shape.dilationX;
        if (inY < 0 || inY >= input.h || inX < 0 || inX >= input.w) continue;
        const pixel = (inY * input.w + inX) * input.c + group * inPerGroup;
        const row = (ky * shape.kernelW + kx) * inPerGroup;
        for (let i = 0; i < inPerGroup; i++) sum += input.data[pixel + i]! * weights[(row + i) * outC + o]!;
      }
    return sum;
  });
}
