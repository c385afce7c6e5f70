import { DType } from "../../assembly/abi.js";
import { at, tensorFrom, type Tensor } from "./tensor.js";

/** Every pixel's channels times one matrix; weights i8 [c, outC], bias i32 [outC] or undefined; out i32[h, w, outC]. */
export function pointwise(input: Tensor, weights: readonly number[], bias: readonly number[] | undefined, outC: number): Tensor {
  return tensorFrom(DType.I32, input.h, input.w, outC, (y, x, o) => {
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < input.c; i++) sum += at(input, y, x, i)! * weights[i * outC + o]!;
    return sum;
  });
}
