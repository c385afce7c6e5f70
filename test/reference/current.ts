import { MAX_NEURON_INPUT } from "../../assembly/abi.js";
import { clamped, decayed, type DecayRule } from "./potential.js";

/** One timestep of a synaptic current: decay, input, clamp to ±MAX_NEURON_INPUT. NUMERICS.md §4. */
export function currentStep(current: number, x: number, decay: DecayRule): { readonly current: number; readonly saturations: number } {
  const { value, saturations } = clamped(decayed(current, decay) + x, { min: -MAX_NEURON_INPUT, max: MAX_NEURON_INPUT });
  return { current: value, saturations };
}
