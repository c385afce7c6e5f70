import type { DType, Rounding } from "../../assembly/abi.js";
import { rescale } from "./rounding.js";
import { fit, type Fitted, type Tensor } from "./tensor.js";

/** Any dtype to any other: element i takes multiplier and offset i mod period. NUMERICS.md §2. */
export function requantise(
  input: Tensor, multipliers: readonly number[], shift: number, rule: Rounding, offsets: readonly number[] | undefined, dtype: DType,
): Fitted {
  const period = multipliers.length;
  return fit(input, input.data.map((x, i) => rescale(x, multipliers[i % period]!, shift, rule, offsets?.[i % period])), dtype);
}
