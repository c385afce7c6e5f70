import { Fire, Order, Reset } from "../../assembly/abi.js";
import { clamped, spikesOf, updated, type DecayRule, type Limits } from "./potential.js";

export interface LifRule {
  readonly decay: DecayRule;
  readonly order: Order;
  readonly limits: Limits;
  readonly threshold: number;
  readonly fire: Fire;
  readonly maxCount: number;
  readonly reset: Reset;
  /** For Reset.Value. */
  readonly resetValue: number;
  readonly resetDelayed: boolean;
}

export interface LifStep {
  readonly v: number;
  readonly spikes: number;
  readonly saturations: number;
}

/** One timestep of one leaky integrate-and-fire neuron. NUMERICS.md §4. */
export function lif(v: number, drive: number, rule: LifRule): LifStep {
  let next = updated(v, drive, rule.order, rule.decay);
  if (rule.resetDelayed) next = afterReset(next, spikesOf(v, rule.threshold, rule.maxCount, rule.fire), rule);
  const { value, saturations } = clamped(next, rule.limits);
  const spikes = spikesOf(value, rule.threshold, rule.maxCount, rule.fire);
  return { v: rule.resetDelayed ? value : afterReset(value, spikes, rule), spikes, saturations };
}

function afterReset(v: number, spikes: number, rule: LifRule): number {
  if (spikes === 0) return v;
  switch (rule.reset) {
    case Reset.None: return v;
    case Reset.Subtract: return v - spikes * rule.threshold;
    case Reset.Zero: return 0;
    case Reset.Value: return rule.resetValue;
  }
}
