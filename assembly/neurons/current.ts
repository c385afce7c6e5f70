// What a potential integrates. For CubaLIF and CubaLI that is a synaptic current, I' = clamp(decay(I) + x), kept as i32 in the
// stream's state; for all others the input itself.

import { Decay, MAX_NEURON_INPUT, Neuron, NeuronField } from "../abi";
import { word } from "../memory/plan";
import { currentScratch } from "../memory/scratch";
import { countSaturations, stateField } from "../memory/state";
import { decay, decay4, NO_SHIFT } from "./decay";
import { inputs, parameters, withLeak, wrapped } from "./drive";

/** The whole drive of elements i..i+n−1: x, through the synaptic current where there is one, plus leak. @returns address of i32[n] */
export function driveOf(op: usize, i: i32, j: i32, n: i32, wrap: usize): usize {
  const kind: Neuron = word(op, NeuronField.Kind);
  let x = inputs(op, i, j, n, wrap);
  if (kind == Neuron.CubaLIF || kind == Neuron.CubaLI) x = currents(op, x, i, j, n, wrap);
  return withLeak(op, x, j, n, wrap);
}

/**
 * Brings the currents of the chunk (elements i.., parameters j..) up to date by x = i32[n].
 * @returns address of what the potentials integrate: I', or the old I with CurrentOld
 */
function currents(op: usize, x: usize, i: i32, j: i32, n: i32, wrap: usize): usize {
  const state = stateField(word(op, NeuronField.Current)) + (<usize>i << 2), out = currentScratch();
  const values = parameters(op, NeuronField.CurrentDecayValues), factors = values + (<usize>j << 2);
  const form = values == 0 ? Decay.None : Decay.Multiply, bits = <i32>word(op, NeuronField.CurrentDecayBits);
  const rule = word(op, NeuronField.CurrentDecayRounding), old = word(op, NeuronField.CurrentOld) != 0;
  let saturated = 0;
  let k: usize = 0, entry: usize = 0;
  const past = <usize>n << 2;
  if (ASC_FEATURE_SIMD) {
    const high = i32x4.splat(MAX_NEURON_INPUT), low = i32x4.splat(-MAX_NEURON_INPUT);
    for (; k + 16 <= past; k += 16, entry = wrapped(entry + 16, wrap)) {
      const before = v128.load(state + k), factor = values == 0 ? before : v128.load(factors + entry);
      const exact = i32x4.add(decay4(before, form, factor, NO_SHIFT, bits, rule), v128.load(x + k));
      const kept = i32x4.max_s(low, i32x4.min_s(exact, high));
      saturated += popcnt(i32x4.bitmask(i32x4.ne(kept, exact)));
      v128.store(state + k, kept);
      v128.store(out + k, old ? before : kept);
    }
  }
  for (; k < past; k += 4, entry = wrapped(entry + 4, wrap)) {
    const before = load<i32>(state + k), factor = values == 0 ? 0 : load<i32>(factors + entry);
    const exact = decay(before, form, factor, bits, rule) + load<i32>(x + k);
    const kept = max(-MAX_NEURON_INPUT, min(exact, MAX_NEURON_INPUT));
    saturated += i32(kept != exact);
    store<i32>(state + k, kept);
    store<i32>(out + k, old ? before : kept);
  }
  countSaturations(saturated);
  return out;
}
