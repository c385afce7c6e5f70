import { fit, type Fitted, type Tensor } from "./tensor.js";

/** Element by element; saturates to the dtype that both share. */
export function add(a: Tensor, b: Tensor): Fitted {
  return fit(a, a.data.map((value, i) => BigInt(value) + BigInt(b.data[i]!)), a.dtype);
}
