import { DType, FrameKind } from "../../assembly/abi.js";
import { zeros, type Tensor } from "./tensor.js";

/** An event with its place in the frame's time: 0 the beginning, 65535 the end. */
export interface TimedEvent extends PixelEvent {
  readonly t: number;
}

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

/**
 * The cloud i8[1, n, 4] that events make: of those on the sensor every s-th, s the least power of two that leaves no more than n, each as
 * often as it takes to have n. No event, no coordinate but 0.
 */
export function points(
  events: readonly TimedEvent[], n: number, { width, height }: { readonly width: number; readonly height: number },
): { readonly tensor: Tensor; readonly outside: number } {
  const seen = events.filter(({ x, y }) => x < width && y < height);
  let every = 1;
  while (Math.ceil(seen.length / every) > n) every *= 2;
  const kept = seen.filter((_, i) => i % every === 0);
  const tensor = zeros(DType.I8, 1, n, 4);
  for (let i = 0; i < n && kept.length > 0; i++) {
    const { x, y, t, p } = kept[Math.floor((i * kept.length) / n)]!;
    const middle = (at: number, size: number): number => Math.floor((127 * (2 * at + 1)) / size) - 127;
    [middle(x, width), middle(y, height), Math.floor((t * 255) / 65536) - 127, p === 0 ? -127 : 127].forEach((value, c) => (tensor.data[i * 4 + c] = value));
  }
  return { tensor, outside: events.length - seen.length };
}
