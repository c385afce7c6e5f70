// LIF neurons on a row of accumulators: eight channels at a time are followed through the row's pixels, their parameters in
// registers. For i16 potentials, a decay by one shift, a reset at once and up to four spikes, which most trained networks have;
// executor/prepare-neuron.ts says which ops these are and makes their factors.

import { Decay, Fire, NeuronField, Reset } from "../abi";
import { word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { prepared, PreparedNeuron } from "../memory/workspace";
import { parameters } from "./drive";

/** Spikes a timestep up to which their levels stay in registers. */
export const MOST_LEVELS: u32 = 4;
/** Pixels of a row up to which a lane can count its saturations. */
export const MOST_PIXELS: i32 = i16.MAX_VALUE;

/** How x = round(acc · M / 2^s), half towards +∞, is made and added; each way is exact. */
export const enum Product {
  None = 0,
  /** i16 accumulators, s ≤ 15, M · 2^(15−s) < 2^15: a Q15 product. Factors i16[period] of M · 2^(15−s). */
  Q15 = 1,
  /** i16 accumulators, products inside an i32, x inside an i16. Factors i32[period] of M, as for what follows. */
  Short = 2,
  /** i16 accumulators; x, products and sum are i32. */
  Wide = 3,
  /** The same of i32 accumulators. */
  Whole = 4,
}

/**
 * One timestep of the elements first.., whole pixels of `period` channels, of an op with a Product.
 * @param row  accumulators, i16[n] or i32[n] by the product   @param out  counts u8[n]
 */
export function lifRow(op: usize, row: usize, out: usize, first: i32, n: i32): void {
  const record = prepared(op), factors = load<usize>(record + (PreparedNeuron.Factors << 2));
  const potentials = stateField(word(op, NeuronField.State)) + (<usize>first << 1);
  const binary = word(op, NeuronField.MaxCount) == 1, product: Product = load<u32>(record + (PreparedNeuron.Product << 2));
  if (product == Product.Q15) {
    if (binary) follow<u8, bool>(op, factors, row, out, potentials, n);
    else follow<u8, u8>(op, factors, row, out, potentials, n);
  } else if (product == Product.Short) {
    if (binary) follow<u16, bool>(op, factors, row, out, potentials, n);
    else follow<u16, u8>(op, factors, row, out, potentials, n);
  } else if (product == Product.Wide) {
    if (binary) follow<u64, bool>(op, factors, row, out, potentials, n);
    else follow<u64, u8>(op, factors, row, out, potentials, n);
  } else {
    if (binary) follow<u32, bool>(op, factors, row, out, potentials, n);
    else follow<u32, u8>(op, factors, row, out, potentials, n);
  }
}

/** P stands for the product by its size: Q15 1, Short 2, Whole 4, Wide 8. M is bool where one spike is the most. */
function follow<P, M>(op: usize, factors: usize, row: usize, out: usize, potentials: usize, n: i32): void {
  const period = <usize>word(op, NeuronField.Period), shift = <i32>word(op, NeuronField.Shift), most = word(op, NeuronField.MaxCount);
  const step = period << 1, rowStep = sizeof<P>() == 4 ? period << 2 : step;
  const rule: Fire = word(op, NeuronField.Fire), reset: Reset = word(op, NeuronField.Reset), zeroing = reset == Reset.Zero;
  const thetas = parameters(op, NeuronField.Thresholds), leaking = word(op, NeuronField.Decay) != Decay.None;
  const decay = leaking ? load<i32>(parameters(op, NeuronField.DecayValues)) : 0, leak = i16x8.splat(leaking ? -1 : 0);
  const low = i16x8.splat(<i16>word(op, NeuronField.VMin)), high = i16x8.splat(<i16>word(op, NeuronField.VMax));
  const never = i16x8.splat(i16.MAX_VALUE), reaching = i16x8.splat(rule == Fire.Above ? 0 : 1);
  const half = i32x4.splat(shift == 0 ? 0 : 1 << (shift - 1));
  let saturated = 0;
  for (let c: usize = 0; c < period; c += 8) {
    const theta = i16x8.narrow_i32x4_s(v128.load(thetas + (c << 2)), v128.load(thetas + (c << 2), 16));
    const taken = reset == Reset.Subtract ? theta : i16x8.splat(0);
    // The k-th spike comes above k · θ, or k · θ − 1 where reaching it is enough; half a θ earlier where counts are rounded.
    const one = i16x8.sub(i16x8.sub(theta, reaching), rule == Fire.HalfUp ? i16x8.shr_u(theta, 1) : i16x8.splat(0));
    const two = most > 1 ? i16x8.add(one, theta) : never, three = most > 2 ? i16x8.add(two, theta) : never;
    const four = most > 3 ? i16x8.add(three, theta) : never;
    const f = v128.load(factors + c * (sizeof<P>() == 1 ? 2 : 4)), g = sizeof<P>() == 1 ? f : v128.load(factors + (c << 2), 16);
    let clamps = i16x8.splat(0), at = potentials + (c << 1), to = out + c, acc = row + (sizeof<P>() == 4 ? c << 2 : c << 1);
    for (const past = at + (<usize>n << 1); at < past; at += step, to += period, acc += rowStep) {
      const old = v128.load(at), kept = i16x8.sub(old, v128.and(i16x8.shr_s(old, decay), leak));
      let v: v128;
      if (sizeof<P>() == 1) {
        const x = i16x8.q15mulr_sat_s(v128.load(acc), f);
        v = i16x8.min_s(high, i16x8.max_s(low, i16x8.add_sat_s(kept, x)));
        // Unequal to the wrapped sum: the true sum lay outside.
        clamps = i16x8.sub(clamps, i16x8.ne(v, i16x8.add(kept, x)));
      } else {
        let left: v128, right: v128;
        if (sizeof<P>() != 4) {
          const short = v128.load(acc);
          left = i32x4.extend_low_i16x8_s(short);
          right = i32x4.extend_high_i16x8_s(short);
        } else {
          left = v128.load(acc);
          right = v128.load(acc, 16);
        }
        left = i32x4.shr_s(i32x4.add(i32x4.mul(left, f), half), shift);
        right = i32x4.shr_s(i32x4.add(i32x4.mul(right, g), half), shift);
        if (sizeof<P>() == 2) {
          const x = i16x8.narrow_i32x4_s(left, right);
          v = i16x8.min_s(high, i16x8.max_s(low, i16x8.add_sat_s(kept, x)));
          clamps = i16x8.sub(clamps, i16x8.ne(v, i16x8.add(kept, x)));
        } else {
          left = i32x4.add(left, i32x4.extend_low_i16x8_s(kept));
          right = i32x4.add(right, i32x4.extend_high_i16x8_s(kept));
          v = i16x8.min_s(high, i16x8.max_s(low, i16x8.narrow_i32x4_s(left, right)));
          const farLeft = i32x4.ne(left, i32x4.extend_low_i16x8_s(v)), farRight = i32x4.ne(right, i32x4.extend_high_i16x8_s(v));
          clamps = i16x8.sub(clamps, i16x8.narrow_i32x4_s(farLeft, farRight));
        }
      }
      let spikes = i16x8.gt_s(v, one), after: v128;
      if (isBoolean<M>()) {
        after = i16x8.sub(v, v128.and(taken, spikes));
      } else {
        const others = i16x8.add(i16x8.gt_s(v, three), i16x8.gt_s(v, four));
        spikes = i16x8.add(i16x8.add(spikes, i16x8.gt_s(v, two)), others);
        after = i16x8.add(v, i16x8.mul(spikes, taken));
      }
      if (zeroing) after = v128.andnot(v, i16x8.gt_s(v, one));
      v128.store(at, after);
      const counts = i16x8.neg(spikes);
      v128.store64_lane(to, i8x16.narrow_i16x8_u(counts, counts), 0);
    }
    saturated += sumOf(clamps);
  }
  countSaturations(saturated);
}

/** Σ of eight u16 lanes. */
function sumOf(v: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(v);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}
