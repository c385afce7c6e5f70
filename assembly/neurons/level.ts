// Level states, c = round(c · a / 2^15) + round(x · M / 2^s), eight at a time in i16 lanes: an LI whose decay, and whose scale where it has
// one, is a Q15 product. Eight channels at a time are followed through the pixels, their parameters in registers.

import { Decay, DType, Neuron, NeuronField, NONE, OpField, Order, Rounding } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { data, dtype, elements } from "../memory/tensor";
import { parameters } from "./drive";

const Q: i32 = 15;
const LIMIT: i32 = i16.MAX_VALUE;

/** Whether `level` gives exactly what `silent` gives, for this op. */
export function fitsLevel(op: usize): bool {
  const from = tensorRecord(word(op, OpField.A)), period = <i32>word(op, NeuronField.Period);
  if (word(op, NeuronField.Kind) != Neuron.LI || word(op, NeuronField.StateDType) != DType.I16 || dtype(from) != DType.I16) return false;
  if (word(op, NeuronField.Decay) != Decay.Multiply || word(op, NeuronField.DecayBits) != Q) return false;
  if (word(op, NeuronField.DecayRounding) != Rounding.HalfUp || word(op, NeuronField.Order) != Order.DecayFirst) return false;
  // A lane counts its saturations, one a pixel at most.
  if (word(op, NeuronField.Leak) != NONE || (period & 7) != 0 || elements(from) / period > LIMIT) return false;
  if (!allBelow(parameters(op, NeuronField.DecayValues), period, 0)) return false;
  const multipliers = parameters(op, NeuronField.Multipliers), shift = <i32>word(op, NeuronField.Shift);
  return multipliers == 0 || (shift <= Q && allBelow(multipliers, period, Q - shift));
}

/** Whether each of i32[n] at `values`, ≥ 0, is below 2^15 once it is shifted left. */
function allBelow(values: usize, n: i32, left: i32): bool {
  for (let i = 0; i < n; i++) {
    if (load<i32>(values + (<usize>i << 2)) > LIMIT >> left) return false;
  }
  return true;
}

/** One timestep of every element of an op that fits. */
export function level(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), period = <usize>word(op, NeuronField.Period);
  const decays = parameters(op, NeuronField.DecayValues), multipliers = parameters(op, NeuronField.Multipliers);
  const left = Q - <i32>word(op, NeuronField.Shift), step = period << 1, bytes = <usize>elements(from) << 1;
  const low = i16x8.splat(<i16>word(op, NeuronField.VMin)), high = i16x8.splat(<i16>word(op, NeuronField.VMax));
  const states = stateField(word(op, NeuronField.State)), inputs = data(from), outputs = data(tensorRecord(word(op, OpField.Out)));
  let saturated = 0;
  for (let c: usize = 0; c < period; c += 8) {
    const a = narrowed(decays + (c << 2), 0), m = multipliers == 0 ? a : narrowed(multipliers + (c << 2), left);
    let clamps = i16x8.splat(0);
    for (let at = c << 1; at < bytes; at += step) {
      const given = v128.load(inputs + at), x = multipliers == 0 ? given : i16x8.q15mulr_sat_s(given, m);
      const kept = i16x8.q15mulr_sat_s(v128.load(states + at), a);
      const v = i16x8.min_s(high, i16x8.max_s(low, i16x8.add_sat_s(kept, x)));
      // Unequal to the wrapped sum: the true sum lay outside.
      clamps = i16x8.sub(clamps, i16x8.ne(v, i16x8.add(kept, x)));
      v128.store(states + at, v);
      v128.store(outputs + at, v);
    }
    const sums = i32x4.extadd_pairwise_i16x8_u(clamps);
    saturated += i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  }
  countSaturations(saturated);
}

/** Eight of i32 as i16, shifted left. */
@inline
function narrowed(at: usize, left: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shl(v128.load(at), left), i32x4.shl(v128.load(at, 16), left));
}
