// A window, or a part of one, in one call: a frame and a timestep for each slice of its events.

import { Status } from "../abi";
import { addEvents, clearFrame } from "../frames/events";
import { check } from "../memory/state";
import { step } from "./step";

/**
 * One timestep a slice on frames of its events; slice k are events ends[k−1]..ends[k]−1, the first from 0.
 * @param x  u16[n]   @param y  u16[n]   @param p  u8[n]   @param ends  u32[slices], not falling, the last n
 */
export function runSlices(state: usize, x: usize, y: usize, p: usize, ends: usize, slices: u32): Status {
  const status = check(state);
  if (status != Status.Ok) return status;
  let from: u32 = 0;
  for (let k: usize = 0; k < <usize>slices << 2; k += 4) {
    const to = load<u32>(ends + k), at = <usize>from;
    clearFrame();
    addEvents(x + (at << 1), y + (at << 1), p + at, to - from);
    step(state);
    from = to;
  }
  return Status.Ok;
}
