// Events to the input tensor: counts of each polarity, or the last polarity of each pixel.

import { FrameKind, PlanField } from "../abi";
import { planWord, tensorRecord } from "../memory/plan";
import { data, dtype, elements, elementShift, height, width } from "../memory/tensor";

function inputTensor(): usize {
  return tensorRecord(planWord(PlanField.Input));
}

/** An empty frame, all zeros. */
export function clearFrame(): void {
  const tensor = inputTensor();
  memory.fill(data(tensor), 0, <usize>elements(tensor) << elementShift(dtype(tensor)));
}

/**
 * Adds events to the frame; those outside the sensor are left out and counted by `eventsOutside`.
 * @param x  u16[n]    @param y  u16[n]    @param p  u8[n], 0 OFF, else ON
 * Counts saturate at FrameCap; such an event is in the frame's cap, not lost, and is counted by `frameSaturations`.
 */
export function addEvents(x: usize, y: usize, p: usize, n: u32): void {
  if (planWord(PlanField.Frame) == FrameKind.Counts) countEvents(x, y, p, n);
  else markEvents(x, y, p, n);
}

function countEvents(x: usize, y: usize, p: usize, n: u32): void {
  const tensor = inputTensor(), w = <u32>width(tensor), h = <u32>height(tensor), frame = data(tensor), cap = planWord(PlanField.FrameCap);
  let full: u32 = 0;
  for (const past = p + <usize>n; p < past; x += 2, y += 2, p++) {
    const px = <u32>load<u16>(x), py = <u32>load<u16>(y);
    if (px >= w || py >= h) {
      outside++;
      continue;
    }
    const at = frame + (<usize>(py * w + px) << 1) + <usize>(load<u8>(p) != 0), count = <u32>load<u8>(at), room = u32(count < cap);
    store<u8>(at, <u8>(count + room));
    full += 1 - room;
  }
  capped += full;
}

function markEvents(x: usize, y: usize, p: usize, n: u32): void {
  const tensor = inputTensor(), w = <u32>width(tensor), h = <u32>height(tensor), frame = data(tensor);
  for (const past = p + <usize>n; p < past; x += 2, y += 2, p++) {
    const px = <u32>load<u16>(x), py = <u32>load<u16>(y);
    if (px < w && py < h) store<i8>(frame + <usize>(py * w + px), load<u8>(p) != 0 ? 1 : -1);
    else outside++;
  }
}

/** One event, as `addEvents` takes them. */
export function addEvent(x: u32, y: u32, p: u32): void {
  const tensor = inputTensor(), w = <u32>width(tensor), pixel = y * w + x;
  if (x >= w || y >= <u32>height(tensor)) {
    outside++;
  } else if (planWord(PlanField.Frame) == FrameKind.Counts) {
    const at = data(tensor) + (<usize>pixel << 1) + <usize>(p != 0), count = <u32>load<u8>(at), room = u32(count < planWord(PlanField.FrameCap));
    store<u8>(at, <u8>(count + room));
    capped += 1 - room;
  } else {
    store<i8>(data(tensor) + <usize>pixel, p != 0 ? 1 : -1);
  }
}

let capped: u32 = 0, outside: u32 = 0;

/** Events that met a full pixel since the engine was made, wraps at 2^32. */
export function frameSaturations(): u32 {
  return capped;
}

/** Events on pixels that the sensor does not have since the engine was made, wraps at 2^32. */
export function eventsOutside(): u32 {
  return outside;
}
