// A stream's state block: a head (StateField) and, behind it, everything that outlives a timestep.

import { PlanField, STATE_MAGIC, StateField, Status } from "../abi";
import { plan, planWord, word } from "./plan";

let stateAt: usize = 0;

/** Makes the block at `state` the one that kernels see. */
export function bind(state: usize): void {
  stateAt = state;
}

/** Address of the state field at `offset` of the bound block. */
export function stateField(offset: u32): usize {
  return stateAt + <usize>offset;
}

/** Timesteps since reset. */
export function stepCount(): u32 {
  return word(stateAt, StateField.Step);
}

/** Counts potentials that had to be clamped; the counter stops at its end. */
export function countSaturations(n: u32): void {
  const at = stateAt + (StateField.Saturations << 2);
  const sum = load<u32>(at) + n;
  store<u32>(at, sum < n ? u32.MAX_VALUE : sum);
}

export function saturations(): u32 {
  return word(stateAt, StateField.Saturations);
}

/** Timesteps since the window began. */
export function windowStep(): u32 {
  return word(stateAt, StateField.WindowStep);
}

/** After the last op of a timestep. */
export function advance(): void {
  store<u32>(stateAt + (StateField.Step << 2), word(stateAt, StateField.Step) + 1);
  store<u32>(stateAt + (StateField.WindowStep << 2), word(stateAt, StateField.WindowStep) + 1);
}

/** Whether the block at `state` was made by `reset` for the loaded plan. */
export function check(state: usize): Status {
  if (plan() == 0) return Status.NotLoaded;
  const known = word(state, StateField.Magic) == STATE_MAGIC
    && word(state, StateField.Identity) == planWord(PlanField.Identity)
    && word(state, StateField.Bytes) == planWord(PlanField.StateBytes);
  return known ? Status.Ok : Status.BadState;
}

/** Zeroes the block at `state` and writes its head. */
export function reset(state: usize): Status {
  if (plan() == 0) return Status.NotLoaded;
  const bytes = planWord(PlanField.StateBytes);
  memory.fill(state, 0, bytes);
  store<u32>(state + (StateField.Magic << 2), STATE_MAGIC);
  store<u32>(state + (StateField.Identity << 2), planWord(PlanField.Identity));
  store<u32>(state + (StateField.Bytes << 2), bytes);
  return Status.Ok;
}
