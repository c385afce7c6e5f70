// Counts of an i16 tensor, eight at a time in its own lanes: clamp((x + leak + half) >> f, 0, D). A sum that saturates is beyond D · 2^f, or
// below zero, all the same.

import { DType, Fire, Neuron, NeuronField, NONE, OpField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { data, dtype, elements } from "../memory/tensor";
import { parameters } from "./drive";

const LIMIT: i32 = i16.MAX_VALUE;
/** Leak and half together stay inside an i16. */
const MOST_LEAK: i32 = LIMIT >> 1;
const MOST_FRACTION: i32 = 14;

/** Whether `countLanes` gives exactly what `counts` gives, for this op. */
export function fitsLanes(op: usize): bool {
  const fire: Fire = word(op, NeuronField.Fire), period = <i32>word(op, NeuronField.Period), f = <i32>word(op, NeuronField.FractionBits);
  if (word(op, NeuronField.Kind) != Neuron.Counts || dtype(tensorRecord(word(op, OpField.A))) != DType.I16) return false;
  if (word(op, NeuronField.Multipliers) != NONE || (period & 7) != 0 || (fire != Fire.HalfUp && fire != Fire.AtLeast)) return false;
  if (f > MOST_FRACTION || <i32>word(op, NeuronField.MaxCount) << f > LIMIT) return false;
  const leaks = parameters(op, NeuronField.Leak);
  for (let i = 0; leaks != 0 && i < period; i++) {
    if (abs(load<i32>(leaks + (<usize>i << 2))) > MOST_LEAK) return false;
  }
  return true;
}

/** One timestep of every element of an op that fits. */
export function countLanes(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), period = <usize>word(op, NeuronField.Period), f = <i32>word(op, NeuronField.FractionBits);
  const rounded = word(op, NeuronField.Fire) == Fire.HalfUp && f > 0, half = i16x8.splat(rounded ? <i16>1 << <i16>(f - 1) : <i16>0);
  const limit = i8x16.splat(<i8>word(op, NeuronField.MaxCount)), leaks = parameters(op, NeuronField.Leak), step = period << 1;
  const inputs = data(from), past = inputs + (<usize>elements(from) << 1), counts = data(tensorRecord(word(op, OpField.Out)));
  for (let c: usize = 0; c < period; c += 8) {
    const leak = leaks + (c << 2);
    const term = leaks == 0 ? half : i16x8.add(half, i16x8.narrow_i32x4_s(v128.load(leak), v128.load(leak, 16)));
    for (let at = inputs + (c << 1), to = counts + c; at < past; at += step, to += period) {
      const whole = i16x8.shr_s(i16x8.add_sat_s(v128.load(at), term), f);
      v128.store64_lane(to, i8x16.min_u(i8x16.narrow_i16x8_u(whole, whole), limit), 0);
    }
  }
}
