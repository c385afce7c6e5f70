// Events to the input tensor: counts of each polarity, or the last polarity of each pixel.

import { FrameKind, PlanField } from "../abi";
import { planWord, tensorRecord } from "../memory/plan";
import { data, elements, height, width } from "../memory/tensor";

function inputTensor(): usize {
  return tensorRecord(planWord(PlanField.Input));
}

/** An empty frame. Only for u8 and i8 inputs; the gate ties those to every FrameKind. */
export function clearFrame(): void {
  const tensor = inputTensor();
  memory.fill(data(tensor), 0, elements(tensor));
}

/**
 * Adds events to the frame; those outside the sensor are left out.
 * @param x  u16[n]    @param y  u16[n]    @param p  u8[n], 0 OFF, else ON
 * @returns events left out
 * Counts saturate at FrameCap; such an event is in the frame's cap, not lost, and is counted by `frameSaturations`.
 */
export function addEvents(x: usize, y: usize, p: usize, n: i32): i32 {
  const tensor = inputTensor();
  const w = <u32>width(tensor), h = <u32>height(tensor), frame = data(tensor);
  const counting = planWord(PlanField.Frame) == FrameKind.Counts;
  const cap = planWord(PlanField.FrameCap);
  let outside = 0;
  for (let i = 0; i < n; i++) {
    const px = <u32>load<u16>(x + (<usize>i << 1)), py = <u32>load<u16>(y + (<usize>i << 1));
    if (px >= w || py >= h) {
      outside++;
      continue;
    }
    const on = u32(load<u8>(p + i) != 0);
    const pixel = frame + <usize>(py * w + px) * (counting ? 2 : 1);
    if (counting) {
      const count = <u32>load<u8>(pixel + on);
      if (count < cap) store<u8>(pixel + on, <u8>(count + 1));
      else capped++;
    } else {
      store<i8>(pixel, <i8>(on ? 1 : -1));
    }
  }
  return outside;
}

let capped: u32 = 0;

/** Events that met a full pixel since the engine was made, wraps at 2^32. */
export function frameSaturations(): u32 {
  return capped;
}
