// A ring of `Steps` slots in the stream's state: what is written comes out Steps timesteps later.

import { DelayField, OpField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { stateField, stepCount } from "../memory/state";
import { data } from "../memory/tensor";

/** Gives this timestep's slot, before delayWrite of the same timestep fills it anew. */
export function delayRead(op: usize): void {
  memory.copy(data(tensorRecord(word(op, OpField.Out))), slot(op), word(op, DelayField.Bytes));
}

export function delayWrite(op: usize): void {
  memory.copy(slot(op), data(tensorRecord(word(op, OpField.A))), word(op, DelayField.Bytes));
}

function slot(op: usize): usize {
  return stateField(word(op, DelayField.State)) + <usize>(stepCount() % word(op, DelayField.Steps)) * <usize>word(op, DelayField.Bytes);
}
