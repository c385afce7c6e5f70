// The loaded plan: where its parts lie in linear memory. Set once by executor/load.ts.

import { OP_WORDS, PLAN_HEADER_WORDS, PlanField, TENSOR_WORDS } from "../abi";

let planAt: usize = 0;
let constantsAt: usize = 0;
let arenaAt: usize = 0;

export function place(plan: usize, constants: usize, arena: usize): void {
  planAt = plan;
  constantsAt = constants;
  arenaAt = arena;
}

/** 0 until a plan has been loaded. */
export function plan(): usize {
  return planAt;
}

export function constant(offset: u32): usize {
  return constantsAt + <usize>offset;
}

export function arena(offset: u32): usize {
  return arenaAt + <usize>offset;
}

/** Word `index` of the record at `record`. */
export function word(record: usize, index: i32): u32 {
  return load<u32>(record + (<usize>index << 2));
}

export function planWord(field: PlanField): u32 {
  return word(planAt, field);
}

export function tensorRecord(index: u32): usize {
  return planAt + <usize>((PLAN_HEADER_WORDS + index * TENSOR_WORDS) << 2);
}

export function opRecord(index: u32): usize {
  return planAt + <usize>((PLAN_HEADER_WORDS + planWord(PlanField.Tensors) * TENSOR_WORDS + index * OP_WORDS) << 2);
}
