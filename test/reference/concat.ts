import type { Tensor } from "./tensor.js";

/** `out` with its channels from channelOffset on replaced by those of `input`. */
export function concat(out: Tensor, input: Tensor, channelOffset: number): Tensor {
  const data = [...out.data];
  for (let pixel = 0; pixel < input.h * input.w; pixel++)
    for (let c = 0; c < input.c; c++) data[pixel * out.c + channelOffset + c] = input.data[pixel * input.c + c]!;
  return { ...out, data };
}
