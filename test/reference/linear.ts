import { DType } from "../../assembly/abi.js";
import { tensorFrom, type Tensor } from "./tensor.js";

/** All input elements in memory order times one matrix; weights i8 [h·w·c, outC], bias i32 [outC] or undefined; out i32[1, 1, outC]. */
export function linear(input: Tensor, weights: readonly number[], bias: readonly number[] | undefined, outC: number): Tensor {
  return tensorFrom(DType.I32, 1, 1, outC, (_y, _x, o) =>
    input.data.reduce((sum, value, i) => sum + value * weights[i * outC + o]!, bias?.[o] ?? 0));
}
