import { at, tensorFrom, type Tensor } from "./tensor.js";

/** Nearest: every element becomes a block of factorY × factorX. */
export function upsample(input: Tensor, factorY: number, factorX: number): Tensor {
  return tensorFrom(input.dtype, input.h * factorY, input.w * factorX, input.c, (y, x, c) =>
    at(input, Math.floor(y / factorY), Math.floor(x / factorX), c)!);
}
