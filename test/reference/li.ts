import type { Order } from "../../assembly/abi.js";
import { clamped, updated, type DecayRule, type Limits } from "./potential.js";

export interface LiRule {
  readonly decay: DecayRule;
  readonly order: Order;
  readonly limits: Limits;
}

/** One timestep of one leaky integrator: update and clamp, no spikes. NUMERICS.md §4. */
export function li(v: number, drive: number, rule: LiRule): { readonly v: number; readonly saturations: number } {
  const { value, saturations } = clamped(updated(v, drive, rule.order, rule.decay), rule.limits);
  return { v: value, saturations };
}
