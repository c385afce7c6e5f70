// Stateless neurons: I-LIF and NI-LIF at T = 1, binary spikes at D = 1, and thresholds on accumulators.

import { Fire, Neuron, NeuronField, Rounding } from "../abi";
import { constant, word } from "../memory/plan";
import { round, scale } from "../numeric/rounding";
import { inputs, parameters, storeCounts4, withLeak, wrapped } from "./drive";

/**
 * out[0..n−1] = clamp(round(drive / 2^f), 0, D) for the chunk of elements i.., parameters j...
 * Source: SVL Multispike, SpikeYOLO MultiSpike.
 */
export function counts(op: usize, out: usize, i: i32, j: i32, n: i32, wrap: usize): void {
  const drive = withLeak(op, inputs(op, i, j, n, wrap), j, n, wrap);
  const f = <i32>word(op, NeuronField.FractionBits), most = <i32>word(op, NeuronField.MaxCount);
  const rule = rounding(word(op, NeuronField.Fire));
  let k = 0;
  if (ASC_FEATURE_SIMD) {
    for (; k + 4 <= n; k += 4) {
      const v = v128.load(drive + (<usize>k << 2));
      const whole = i32x4.shr_s(i32x4.add(v, roundingTerm4(v, f, rule)), f);
      storeCounts4(out + k, i32x4.max_s(i32x4.min_s(whole, i32x4.splat(most)), i32x4.splat(0)));
    }
  }
  for (; k < n; k++) {
    const whole = <i32>round(load<i32>(drive + (<usize>k << 2)), f, rule);
    store<u8>(out + k, <u8>max(0, min(whole, most)));
  }
}

function rounding(fire: Fire): Rounding {
  return fire == Fire.HalfUp ? Rounding.HalfUp : fire == Fire.HalfEven ? Rounding.HalfEven : Rounding.Floor;
}

function roundingTerm4(v: v128, f: i32, rule: Rounding): v128 {
  if (f == 0 || rule == Rounding.Floor) return i32x4.splat(0);
  const half = 1 << (f - 1);
  if (rule == Rounding.HalfUp) return i32x4.splat(half);
  return i32x4.add(i32x4.splat(half - 1), v128.and(i32x4.shr_s(v, f), i32x4.splat(1)));
}

/** The spikes of one stateless neuron with parameter entry j, given its input: the rule in one place, for tables made of it. */
export function countOf(op: usize, j: i32, input: i32): i32 {
  const entry = <usize>j << 2, multipliers = parameters(op, NeuronField.Multipliers), leaks = parameters(op, NeuronField.Leak);
  const most = <i32>word(op, NeuronField.MaxCount);
  let x = multipliers == 0 ? input : <i32>scale(input, load<i32>(multipliers + entry), word(op, NeuronField.Shift), Rounding.HalfUp);
  if (leaks != 0) x += load<i32>(leaks + entry);
  if (word(op, NeuronField.Kind) == Neuron.Counts) {
    return max(0, min(<i32>round(x, word(op, NeuronField.FractionBits), rounding(word(op, NeuronField.Fire))), most));
  }
  return reached(parameters(op, NeuronField.Thresholds) + entry * <usize>most, most, x);
}

/** How many of the rising thresholds i32[most] v has reached. */
function reached(row: usize, most: i32, v: i32): i32 {
  let count = 0;
  while (count < most && v >= load<i32>(row + (<usize>count << 2))) count++;
  return count;
}

/** out = how many of the D thresholds of its parameter entry the drive has reached. */
export function thresholds(op: usize, out: usize, i: i32, j: i32, n: i32, wrap: usize): void {
  const drive = withLeak(op, inputs(op, i, j, n, wrap), j, n, wrap);
  const most = <i32>word(op, NeuronField.MaxCount);
  const table = constant(word(op, NeuronField.Thresholds)) + (<usize>(j * most) << 2);
  for (let k = 0, entry: usize = 0; k < n; k++, entry = wrapped(entry + 4, wrap)) {
    store<u8>(out + k, <u8>reached(table + entry * <usize>most, most, load<i32>(drive + (<usize>k << 2))));
  }
}
