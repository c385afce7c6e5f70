// Stateful neurons: IF, LIF, CubaLIF, and without spikes I, LI, CubaLI and the readout (NUMERICS.md §4).

import { DType, Fire, NONE, Neuron, NeuronField, OpField, Order, Reset } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { data, elements, loadElement, storeElement } from "../memory/tensor";
import { current, current4 } from "./current";
import { decay, decay4 } from "./decay";
import { input, input4, leak, leak4, load4, parameter, parameter4, store4, storeCounts4 } from "./drive";
import { fire, fire4 } from "./fire";

/** One timestep of every element of the op. */
export function integrate(op: usize): void {
  const n = elements(tensorRecord(word(op, OpField.A))), period = <i32>word(op, NeuronField.Period);
  for (let i = 0; i < n; i += period) {
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j + 4 <= period; j += 4) integrateFour(op, i + j, j);
    }
    for (; j < period; j++) integrateOne(op, i + j, j);
  }
}

function spikes(op: usize): bool {
  const kind = word(op, NeuronField.Kind);
  return kind == Neuron.LIF || kind == Neuron.CubaLIF;
}

function hasCurrent(op: usize): bool {
  const kind = word(op, NeuronField.Kind);
  return kind == Neuron.CubaLIF || kind == Neuron.CubaLI;
}

function integrateOne(op: usize, i: i32, j: i32): void {
  const out = data(tensorRecord(word(op, OpField.Out)));
  const potentials = stateField(word(op, NeuronField.State)), type: DType = word(op, NeuronField.StateDType);
  const rule: Fire = word(op, NeuronField.Fire), most = <i32>word(op, NeuronField.MaxCount);
  const reset: Reset = word(op, NeuronField.Reset), delayed = word(op, NeuronField.ResetDelayed) != 0;
  const spiking = spikes(op);
  const theta = spiking ? parameter(word(op, NeuronField.Thresholds), j, 0) : 0;
  let v = loadElement(potentials, type, i);
  const before = spiking && delayed ? fire(v, theta, rule, most) : 0;

  let drive = input(op, i, j);
  if (hasCurrent(op)) drive = current(op, i, j, drive);
  drive += leak(op, j);
  const factor = parameter(word(op, NeuronField.DecayValues), j, 0);
  const bits = <i32>word(op, NeuronField.DecayBits);
  if (word(op, NeuronField.Order) == Order.DecayFirst) {
    v = decay(v, word(op, NeuronField.Decay), factor, bits, word(op, NeuronField.DecayRounding)) + drive;
  } else {
    v = decay(v + drive, word(op, NeuronField.Decay), factor, bits, word(op, NeuronField.DecayRounding));
  }
  if (before != 0) v = afterSpikes(op, v, before, theta, reset, j);

  const kept = max<i32>(<i32>word(op, NeuronField.VMin), min<i32>(v, <i32>word(op, NeuronField.VMax)));
  countSaturations(u32(kept != v));
  v = kept;
  if (spiking) {
    const count = fire(v, theta, rule, most);
    if (count != 0 && !delayed) v = afterSpikes(op, v, count, theta, reset, j);
    store<u8>(out + i, <u8>count);
  } else {
    storeElement(out, type, i, v);
  }
  storeElement(potentials, type, i, v);
}

/** The potential after `count` > 0 spikes. */
function afterSpikes(op: usize, v: i32, count: i32, theta: i32, reset: Reset, j: i32): i32 {
  if (reset == Reset.None) return v;
  if (reset == Reset.Subtract) return v - count * theta;
  return reset == Reset.Zero ? 0 : parameter(word(op, NeuronField.ResetValues), j, 0);
}

function integrateFour(op: usize, i: i32, j: i32): void {
  const out = data(tensorRecord(word(op, OpField.Out)));
  const potentials = stateField(word(op, NeuronField.State)), type: DType = word(op, NeuronField.StateDType);
  const rule: Fire = word(op, NeuronField.Fire), most = <i32>word(op, NeuronField.MaxCount);
  const delayed = word(op, NeuronField.ResetDelayed) != 0, spiking = spikes(op);
  const theta = spiking ? parameter4(word(op, NeuronField.Thresholds), j, 0) : i32x4.splat(0);
  let v = load4(potentials, type, i);
  const before = spiking && delayed ? fire4(v, theta, rule, most) : i32x4.splat(0);

  let drive = input4(op, i, j);
  if (hasCurrent(op)) drive = current4(op, i, j, drive);
  drive = i32x4.add(drive, leak4(op, j));
  const factors = parameter4(word(op, NeuronField.DecayValues), j, 0);
  const bits = <i32>word(op, NeuronField.DecayBits);
  if (word(op, NeuronField.Order) == Order.DecayFirst) {
    v = i32x4.add(decay4(v, word(op, NeuronField.Decay), factors, bits, word(op, NeuronField.DecayRounding)), drive);
  } else {
    v = decay4(i32x4.add(v, drive), word(op, NeuronField.Decay), factors, bits, word(op, NeuronField.DecayRounding));
  }
  v = afterSpikes4(op, v, before, theta, j);

  const low = i32x4.splat(word(op, NeuronField.VMin)), high = i32x4.splat(word(op, NeuronField.VMax));
  const kept = i32x4.max_s(low, i32x4.min_s(v, high));
  countSaturations(popcnt(i32x4.bitmask(i32x4.ne(kept, v))));
  v = kept;
  if (spiking) {
    const count = fire4(v, theta, rule, most);
    if (!delayed) v = afterSpikes4(op, v, count, theta, j);
    storeCounts4(out, i, count);
  } else {
    store4(out, type, i, v);
  }
  store4(potentials, type, i, v);
}

function afterSpikes4(op: usize, v: v128, count: v128, theta: v128, j: i32): v128 {
  if (!v128.any_true(count)) return v;
  const reset: Reset = word(op, NeuronField.Reset);
  if (reset == Reset.None) return v;
  if (reset == Reset.Subtract) return i32x4.sub(v, i32x4.mul(count, theta));
  const value = reset == Reset.Zero ? i32x4.splat(0) : parameter4(word(op, NeuronField.ResetValues), j, 0);
  return v128.bitselect(value, v, i32x4.ne(count, i32x4.splat(0)));
}

/** Zeroes potentials and currents of an op with WindowReset. */
export function beginWindow(op: usize): void {
  if (word(op, NeuronField.WindowReset) == 0) return;
  const n = <usize>elements(tensorRecord(word(op, OpField.A)));
  const state = word(op, NeuronField.State);
  if (state != NONE) memory.fill(stateField(state), 0, n << (word(op, NeuronField.StateDType) == DType.I16 ? 1 : 2));
  if (hasCurrent(op)) memory.fill(stateField(word(op, NeuronField.Current)), 0, n << 2);
}
