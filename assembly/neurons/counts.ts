// Stateless neurons: I-LIF and NI-LIF at T = 1, binary spikes at D = 1, and thresholds on accumulators.

import { Fire, NeuronField, OpField, Rounding } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { data, elements } from "../memory/tensor";
import { round } from "../numeric/rounding";
import { input, input4, leak, leak4, storeCounts4 } from "./drive";

/** out = clamp(round(drive / 2^f), 0, D). Source: SVL Multispike, SpikeYOLO MultiSpike; reference rounding is half up. */
export function counts(op: usize): void {
  const n = elements(tensorRecord(word(op, OpField.A))), period = <i32>word(op, NeuronField.Period);
  const out = data(tensorRecord(word(op, OpField.Out)));
  const f = <i32>word(op, NeuronField.FractionBits), most = <i32>word(op, NeuronField.MaxCount);
  const rule = rounding(word(op, NeuronField.Fire));
  for (let i = 0; i < n; i += period) {
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j + 4 <= period; j += 4) {
        const drive = i32x4.add(input4(op, i + j, j), leak4(op, j));
        const whole = i32x4.shr_s(i32x4.add(drive, roundingTerm4(drive, f, rule)), f);
        storeCounts4(out, i + j, i32x4.max_s(i32x4.min_s(whole, i32x4.splat(most)), i32x4.splat(0)));
      }
    }
    for (; j < period; j++) {
      const drive = input(op, i + j, j) + leak(op, j);
      const whole = <i32>round(drive, f, rule);
      store<u8>(out + i + j, <u8>max(0, min(whole, most)));
    }
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

/** out = how many of the D thresholds of its parameter entry the drive has reached. */
export function thresholds(op: usize): void {
  const n = elements(tensorRecord(word(op, OpField.A))), period = <i32>word(op, NeuronField.Period);
  const out = data(tensorRecord(word(op, OpField.Out)));
  const most = <i32>word(op, NeuronField.MaxCount);
  const table = constant(word(op, NeuronField.Thresholds));
  for (let i = 0; i < n; i += period) {
    for (let j = 0; j < period; j++) {
      const drive = input(op, i + j, j) + leak(op, j);
      const row = table + (<usize>(j * most) << 2);
      let count = 0;
      while (count < most && drive >= load<i32>(row + (<usize>count << 2))) count++;
      store<u8>(out + i + j, <u8>count);
    }
  }
}
