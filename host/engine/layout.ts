import { ALIGN, OP_WORDS, PLAN_HEADER_WORDS, PlanField, PROFILE_BYTES } from "../../assembly/abi.js";

/** Events, and slices of them, that one call of the engine takes. */
export const STAGED_EVENTS = 4096;
export const STAGED_SLICES = 256;

/** Addresses of everything that an engine keeps in its memory, one behind the other. */
export interface Layout {
  readonly plan: number;
  readonly constants: number;
  readonly arena: number;
  readonly profile: number;
  readonly x: number;
  readonly y: number;
  readonly t: number;
  readonly p: number;
  readonly ends: number;
  /** State block of stream i: states + i · stateStride. */
  readonly states: number;
  readonly stateStride: number;
  /** From `base` on. */
  readonly bytes: number;
}

/** The words of a plan that say how much memory it needs; not trusted: the caller bounds them, the gate checks them. */
export interface PlanSizes {
  readonly arenaBytes: number;
  readonly stateBytes: number;
  readonly ops: number;
}

export function planSizes(plan: Uint8Array): PlanSizes | undefined {
  if (plan.byteLength < PLAN_HEADER_WORDS * 4) return undefined;
  const view = new DataView(plan.buffer, plan.byteOffset, plan.byteLength);
  const word = (field: PlanField) => view.getUint32(field * 4, true);
  const sizes = { arenaBytes: word(PlanField.ArenaBytes), stateBytes: word(PlanField.StateBytes), ops: word(PlanField.Ops) };
  return sizes.ops * OP_WORDS * 4 <= plan.byteLength ? sizes : undefined;
}

export function layOut(base: number, plan: Uint8Array, constants: Uint8Array, sizes: PlanSizes, streams: number): Layout {
  let at = base;
  const take = (bytes: number) => {
    const here = at;
    at += Math.ceil(bytes / ALIGN) * ALIGN;
    return here;
  };
  const stateStride = Math.ceil(sizes.stateBytes / ALIGN) * ALIGN;
  return {
    plan: take(plan.byteLength),
    constants: take(constants.byteLength),
    arena: take(sizes.arenaBytes + ALIGN),
    profile: take(sizes.ops * PROFILE_BYTES),
    x: take(STAGED_EVENTS * 2),
    y: take(STAGED_EVENTS * 2),
    t: take(STAGED_EVENTS * 2),
    p: take(STAGED_EVENTS),
    ends: take(STAGED_SLICES * 4),
    states: take(stateStride * streams),
    stateStride,
    bytes: at - base,
  };
}
