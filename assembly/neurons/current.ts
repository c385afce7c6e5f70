// The synaptic current of CubaLIF and CubaLI: I' = clamp(decay(I) + x), kept as i32 in the stream's state.

import { Decay, MAX_NEURON_INPUT, NONE, NeuronField } from "../abi";
import { word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { decay, decay4 } from "./decay";
import { parameter, parameter4 } from "./drive";

/** Brings the current of element i up to date. @returns what the potential integrates: I', or I with CurrentOld */
export function current(op: usize, i: i32, j: i32, x: i32): i32 {
  const at = stateField(word(op, NeuronField.Current)) + (<usize>i << 2);
  const old = load<i32>(at);
  const exact = decay(old, form(op), parameter(word(op, NeuronField.CurrentDecayValues), j, 0), bits(op), rounding(op)) + x;
  const kept = max(-MAX_NEURON_INPUT, min(exact, MAX_NEURON_INPUT));
  countSaturations(u32(kept != exact));
  store<i32>(at, kept);
  return word(op, NeuronField.CurrentOld) ? old : kept;
}

/** Elements i..i+3. */
export function current4(op: usize, i: i32, j: i32, x: v128): v128 {
  const at = stateField(word(op, NeuronField.Current)) + (<usize>i << 2);
  const old = v128.load(at);
  const values = parameter4(word(op, NeuronField.CurrentDecayValues), j, 0);
  const exact = i32x4.add(decay4(old, form(op), values, bits(op), rounding(op)), x);
  const kept = i32x4.max_s(i32x4.min_s(exact, i32x4.splat(MAX_NEURON_INPUT)), i32x4.splat(-MAX_NEURON_INPUT));
  countSaturations(popcnt(i32x4.bitmask(i32x4.ne(kept, exact))));
  v128.store(at, kept);
  return word(op, NeuronField.CurrentOld) ? old : kept;
}

/** Without decay values the current is a plain sum. */
function form(op: usize): Decay {
  return word(op, NeuronField.CurrentDecayValues) == NONE ? Decay.None : Decay.Multiply;
}

function bits(op: usize): i32 {
  return word(op, NeuronField.CurrentDecayBits);
}

function rounding(op: usize): u32 {
  return word(op, NeuronField.CurrentDecayRounding);
}
