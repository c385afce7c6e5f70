import { saturate, type Tensor } from "./tensor.js";

/** Element by element; saturates to the dtype that both share. */
export function add(a: Tensor, b: Tensor): Tensor {
  return { ...a, data: a.data.map((value, i) => saturate(BigInt(value) + BigInt(b.data[i]!), a.dtype)) };
}
