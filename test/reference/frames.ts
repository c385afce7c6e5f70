import { DType, FrameKind } from "../../assembly/abi.js";
import { zeros, type Tensor } from "./tensor.js";

export interface PixelEvent {
  readonly x: number;
  readonly y: number;
  /** 0 OFF, anything else ON. */
  readonly p: number;
}

/** The input tensor that events make, and how many of them lie outside the sensor. */
export function frame(
  events: readonly PixelEvent[], kind: FrameKind, cap: number, h: number, w: number,
): { readonly tensor: Tensor; readonly outside: number } {
  const tensor = kind === FrameKind.Counts ? zeros(DType.U8, h, w, 2) : zeros(DType.I8, h, w, 1);
  let outside = 0;
  for (const { x, y, p } of events) {
    const pixel = y * w + x;
    const on = p === 0 ? 0 : 1;
    if (x >= w || y >= h) outside++;
    else if (kind === FrameKind.Counts) tensor.data[pixel * 2 + on] = Math.min(tensor.data[pixel * 2 + on]! + 1, cap);
    else tensor.data[pixel] = on === 1 ? 1 : -1;
  }
  return { tensor, outside };
}
