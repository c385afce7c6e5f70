import { DelayField } from "../../assembly/abi.js";
import type { ProgramOp } from "../../models/package/program.js";
import { word } from "./constants.js";
import { fromBytes, toBytes, type Tensor } from "./tensor.js";

/** What the slot of this timestep holds: written Steps timesteps ago, zeros before that. */
export function delayRead(op: ProgramOp, state: Uint8Array, step: number, out: Tensor): Tensor {
  const slot = slotAt(op, step);
  return fromBytes(state.subarray(slot, slot + word(op, DelayField.Bytes)), out.dtype, out.h, out.w, out.c);
}

/** Keeps `input` in the slot of this timestep. */
export function delayWrite(op: ProgramOp, state: Uint8Array, step: number, input: Tensor): void {
  state.set(toBytes(input), slotAt(op, step));
}

function slotAt(op: ProgramOp, step: number): number {
  return word(op, DelayField.State) + (step % word(op, DelayField.Steps)) * word(op, DelayField.Bytes);
}
