// Stateful neurons: the potential of a chunk, one timestep on (NUMERICS.md §4).

import { Decay, Fire, NeuronField, Order, Reset, Rounding } from "../abi";
import { word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { driveOf } from "./current";
import { commonShift, decay, decay4 } from "./decay";
import { parameters, storeCounts4, wrapped } from "./drive";
import { fire, fire4 } from "./fire";

/** IF, LIF, CubaLIF: counts u8[n] to `out` for the chunk of elements i.., parameters j... T is the potential's type. */
export function spiking<T>(op: usize, out: usize, i: i32, j: i32, n: i32, wrap: usize): void {
  const drive = driveOf(op, i, j, n, wrap);
  const potentials = stateField(word(op, NeuronField.State)) + <usize>i * sizeof<T>(), stretch = <usize>j << 2;
  const thetas = parameters(op, NeuronField.Thresholds) + stretch, factors = parameters(op, NeuronField.DecayValues) + stretch;
  const resets = parameters(op, NeuronField.ResetValues) + stretch;
  const form: Decay = word(op, NeuronField.Decay), bits = <i32>word(op, NeuronField.DecayBits);
  const rounding: Rounding = word(op, NeuronField.DecayRounding), inputFirst = word(op, NeuronField.Order) == Order.InputFirst;
  const rule: Fire = word(op, NeuronField.Fire), most = <i32>word(op, NeuronField.MaxCount);
  const reset: Reset = word(op, NeuronField.Reset), delayed = word(op, NeuronField.ResetDelayed) != 0;
  const low = <i32>word(op, NeuronField.VMin), high = <i32>word(op, NeuronField.VMax);
  let saturated = 0, k = 0, entry: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const low4 = i32x4.splat(low), high4 = i32x4.splat(high), shift = commonShift(form, factors, min(n, <i32>(wrap >> 2)));
    for (; k + 4 <= n; k += 4, entry = wrapped(entry + 16, wrap)) {
      const at = potentials + <usize>k * sizeof<T>();
      const theta = v128.load(thetas + entry), factor = form == Decay.None ? theta : v128.load(factors + entry);
      let v = sizeof<T>() == 2 ? v128.load16x4_s(at) : v128.load(at);
      const before = delayed ? fire4(v, theta, rule, most) : i32x4.splat(0);
      v = update4(v, v128.load(drive + (<usize>k << 2)), form, factor, shift, bits, rounding, inputFirst);
      if (delayed) v = afterSpikes4(v, before, theta, reset, resets + entry);
      const kept = i32x4.max_s(low4, i32x4.min_s(v, high4));
      saturated += popcnt(i32x4.bitmask(i32x4.ne(kept, v)));
      const count = fire4(kept, theta, rule, most);
      v = delayed ? kept : afterSpikes4(kept, count, theta, reset, resets + entry);
      store4<T>(at, v);
      storeCounts4(out + k, count);
    }
  }
  for (; k < n; k++, entry = wrapped(entry + 4, wrap)) {
    const at = potentials + <usize>k * sizeof<T>();
    const theta = load<i32>(thetas + entry), factor = form == Decay.None ? 0 : load<i32>(factors + entry);
    let v = <i32>load<T>(at);
    const before = delayed ? fire(v, theta, rule, most) : 0;
    v = update(v, load<i32>(drive + (<usize>k << 2)), form, factor, bits, rounding, inputFirst);
    if (delayed) v = afterSpikes(v, before, theta, reset, resets + entry);
    const kept = max(low, min(v, high));
    saturated += i32(kept != v);
    const count = fire(kept, theta, rule, most);
    v = delayed ? kept : afterSpikes(kept, count, theta, reset, resets + entry);
    store<T>(at, <T>v);
    store<u8>(out + k, <u8>count);
  }
  countSaturations(saturated);
}

/** I, LI, CubaLI and readouts: the potential itself, T[n], to `out`. */
export function silent<T>(op: usize, out: usize, i: i32, j: i32, n: i32, wrap: usize): void {
  const drive = driveOf(op, i, j, n, wrap);
  const potentials = stateField(word(op, NeuronField.State)) + <usize>i * sizeof<T>();
  const factors = parameters(op, NeuronField.DecayValues) + (<usize>j << 2);
  const form: Decay = word(op, NeuronField.Decay), bits = <i32>word(op, NeuronField.DecayBits);
  const rounding: Rounding = word(op, NeuronField.DecayRounding), inputFirst = word(op, NeuronField.Order) == Order.InputFirst;
  const low = <i32>word(op, NeuronField.VMin), high = <i32>word(op, NeuronField.VMax);
  let saturated = 0, k = 0, entry: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const low4 = i32x4.splat(low), high4 = i32x4.splat(high), shift = commonShift(form, factors, min(n, <i32>(wrap >> 2)));
    for (; k + 4 <= n; k += 4, entry = wrapped(entry + 16, wrap)) {
      const offset = <usize>k * sizeof<T>(), x = v128.load(drive + (<usize>k << 2));
      const v = sizeof<T>() == 2 ? v128.load16x4_s(potentials + offset) : v128.load(potentials + offset);
      const next = update4(v, x, form, form == Decay.None ? x : v128.load(factors + entry), shift, bits, rounding, inputFirst);
      const kept = i32x4.max_s(low4, i32x4.min_s(next, high4));
      saturated += popcnt(i32x4.bitmask(i32x4.ne(kept, next)));
      store4<T>(potentials + offset, kept);
      store4<T>(out + offset, kept);
    }
  }
  for (; k < n; k++, entry = wrapped(entry + 4, wrap)) {
    const offset = <usize>k * sizeof<T>(), x = load<i32>(drive + (<usize>k << 2));
    const next = update(load<T>(potentials + offset), x, form, form == Decay.None ? 0 : load<i32>(factors + entry), bits, rounding, inputFirst);
    const kept = max(low, min(next, high));
    saturated += i32(kept != next);
    store<T>(potentials + offset, <T>kept);
    store<T>(out + offset, <T>kept);
  }
  countSaturations(saturated);
}

function update(v: i32, drive: i32, form: Decay, factor: i32, bits: i32, rounding: Rounding, inputFirst: bool): i32 {
  return inputFirst ? decay(v + drive, form, factor, bits, rounding) : decay(v, form, factor, bits, rounding) + drive;
}

@inline
function update4(v: v128, drive: v128, form: Decay, factor: v128, shift: i32, bits: i32, rounding: Rounding, inputFirst: bool): v128 {
  if (inputFirst) return decay4(i32x4.add(v, drive), form, factor, shift, bits, rounding);
  return i32x4.add(decay4(v, form, factor, shift, bits, rounding), drive);
}

/** The potential after `count` spikes. */
function afterSpikes(v: i32, count: i32, theta: i32, reset: Reset, value: usize): i32 {
  if (count == 0 || reset == Reset.None) return v;
  if (reset == Reset.Subtract) return v - count * theta;
  return reset == Reset.Zero ? 0 : load<i32>(value);
}

@inline
function afterSpikes4(v: v128, count: v128, theta: v128, reset: Reset, value: usize): v128 {
  if (reset == Reset.None || !v128.any_true(count)) return v;
  if (reset == Reset.Subtract) return i32x4.sub(v, i32x4.mul(count, theta));
  const to = reset == Reset.Zero ? i32x4.splat(0) : v128.load(value);
  return v128.bitselect(to, v, i32x4.ne(count, i32x4.splat(0)));
}

@inline
function store4<T>(at: usize, v: v128): void {
  if (sizeof<T>() == 2) v128.store64_lane(at, i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(at, v);
}
