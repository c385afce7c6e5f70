// What a stateless network says of a window without events is always the same: it is found once and then looked up.

import { NeuronField, Neuron, Op, OpField, PlanField, STATE_HEADER_BYTES, StateField, WeightedField } from "../abi";
import { isWeighted } from "../kernels/weighted";
import { opRecord, planWord, tensorRecord, word } from "../memory/plan";
import { bind, countSaturations } from "../memory/state";
import { data } from "../memory/tensor";
import { isWriting, take } from "../memory/workspace";
import { bytesOf } from "./gate";

/** Copies of the outputs, one behind the other, or 0. */
let kept: usize = 0;
/** A state block's head, for saturations. */
let head: usize = 0;
let saturations: u32 = 0;

/** Takes room for the outputs where the plan is stateless. */
export function placeResting(): void {
  kept = 0;
  if (!isStateless()) return;
  const room = take(outputBytes()), state = take(STATE_HEADER_BYTES);
  if (!isWriting()) return;
  kept = room;
  head = state;
}

/** @returns whether all ops shall now be run, on an input of zeros, and `endResting` be called */
export function beginResting(): bool {
  if (kept == 0) return false;
  memory.fill(input(), 0, inputBytes());
  memory.fill(head, 0, STATE_HEADER_BYTES);
  bind(head);
  return true;
}

/** Keeps the outputs as they stand. */
export function endResting(): void {
  saturations = word(head, StateField.Saturations);
  let to = kept;
  for (let i: u32 = 0; i < planWord(PlanField.Outputs); i++) {
    const tensor = output(i), bytes = <usize>bytesOf(tensor);
    memory.copy(to, data(tensor), bytes);
    to += bytes;
  }
}

/** Gives the outputs of silence where the input is silent. @returns whether that was it */
export function rested(): bool {
  if (kept == 0 || !isSilent()) return false;
  let from = kept;
  for (let i: u32 = 0; i < planWord(PlanField.Outputs); i++) {
    const tensor = output(i), bytes = <usize>bytesOf(tensor);
    memory.copy(data(tensor), from, bytes);
    from += bytes;
  }
  countSaturations(saturations);
  return true;
}

export function forgetResting(): void {
  kept = 0;
}

function isSilent(): bool {
  const at = input(), bytes = inputBytes();
  let i: usize = 0;
  for (; i + 8 <= bytes; i += 8) {
    if (load<u64>(at + i) != 0) return false;
  }
  for (; i < bytes; i++) {
    if (load<u8>(at + i) != 0) return false;
  }
  return true;
}

/** No op remembers anything, and none differs from timestep to timestep. */
function isStateless(): bool {
  for (let i: u32 = 0; i < planWord(PlanField.Ops); i++) {
    const op = opRecord(i), code: Op = word(op, OpField.Op);
    if (code == Op.DelayRead || code == Op.DelayWrite) return false;
    if (isWeighted(op) && word(op, WeightedField.TimestepStride) != 0) return false;
    if (code != Op.Neuron) continue;
    const kind: Neuron = word(op, NeuronField.Kind);
    if (kind != Neuron.Counts && kind != Neuron.Thresholds) return false;
  }
  return true;
}

function input(): usize {
  return data(tensorRecord(planWord(PlanField.Input)));
}

function inputBytes(): usize {
  return <usize>bytesOf(tensorRecord(planWord(PlanField.Input)));
}

function output(i: u32): usize {
  return tensorRecord(word(opRecord(planWord(PlanField.Ops)), i));
}

function outputBytes(): u32 {
  let bytes: u32 = 0;
  for (let i: u32 = 0; i < planWord(PlanField.Outputs); i++) bytes += <u32>bytesOf(output(i));
  return bytes;
}
