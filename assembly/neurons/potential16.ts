// The same neurons as potential.ts, eight at a time in i16 lanes: i16 potentials, a decay by one shift, a reset at once.
// Most trained networks are of this kind. A drive that may leave i16 is added in i32 lanes and narrowed.

import { Decay, DType, Fire, NONE, NeuronField, OpField, Order, Reset } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { bound } from "../memory/tensor";
import { driveOf } from "./current";
import { commonShift, NO_SHIFT } from "./decay";
import { parameters, wrapped } from "./drive";

const LIMIT: i64 = i16.MAX_VALUE;
/** Spikes a timestep up to which all comparisons are made, without a look at what they give. */
const FEW: i32 = 4;

/** Whether spiking16 gives exactly what spiking gives, for this LIF op. */
export function fits16(op: usize): bool {
  const period = <i32>word(op, NeuronField.Period), form: Decay = word(op, NeuronField.Decay);
  if (word(op, NeuronField.StateDType) != DType.I16 || (period & 7) != 0) return false;
  if (word(op, NeuronField.Order) != Order.DecayFirst || word(op, NeuronField.ResetDelayed) != 0) return false;
  if (form == Decay.Multiply || word(op, NeuronField.Fire) == Fire.HalfEven || word(op, NeuronField.Reset) > <u32>Reset.Zero) return false;
  if (form == Decay.Shift) {
    const shift = commonShift(form, parameters(op, NeuronField.DecayValues), period);
    if (shift == NO_SHIFT || shift > 15) return false;
  }
  // One θ more than D of them, so that adding half a θ may saturate without changing a count.
  const theta = greatest(word(op, NeuronField.Thresholds), period);
  return theta * <i64>(word(op, NeuronField.MaxCount) + 1) <= LIMIT;
}

/** Whether the drive of this op is proven to fit an i16. */
export function hasSmallDrive(op: usize): bool {
  const period = <i32>word(op, NeuronField.Period);
  const multipliers = word(op, NeuronField.Multipliers);
  let most = <i64>bound(tensorRecord(word(op, OpField.A)));
  if (multipliers != NONE) most = ((most * greatest(multipliers, period)) >> word(op, NeuronField.Shift)) + 1;
  const leaks = word(op, NeuronField.Leak);
  return (leaks == NONE ? most : most + greatest(leaks, period)) <= LIMIT;
}

function greatest(array: u32, period: i32): i64 {
  let most: i64 = 0;
  for (let i = 0; i < period; i++) most = max(most, abs(<i64>load<i32>(constant(array) + (<usize>i << 2))));
  return most;
}

/** As `spiking`; n is a multiple of 8, and `small` whether |drive| is proven to fit an i16. */
export function spiking16(op: usize, out: usize, i: i32, j: i32, n: i32, wrap: usize, small: bool): void {
  const drive = driveOf(op, i, j, n, wrap), potentials = stateField(word(op, NeuronField.State)) + (<usize>i << 1);
  const thetas = parameters(op, NeuronField.Thresholds) + (<usize>j << 2);
  const form: Decay = word(op, NeuronField.Decay);
  const shift = form == Decay.None ? 0 : load<i32>(parameters(op, NeuronField.DecayValues));
  const leaking = i16x8.splat(form == Decay.None ? 0 : -1);
  const rule: Fire = word(op, NeuronField.Fire), most = <i32>word(op, NeuronField.MaxCount), reset: Reset = word(op, NeuronField.Reset);
  const low = i16x8.splat(<i16>word(op, NeuronField.VMin)), high = i16x8.splat(<i16>word(op, NeuronField.VMax));
  const zero = i16x8.splat(0), reaching = i16x8.splat(rule == Fire.Above ? 0 : 1);
  let saturated = 0;
  for (let k = 0, entry: usize = 0; k < n; k += 8, entry = wrapped(entry + 32, wrap)) {
    const at = potentials + (<usize>k << 1);
    let first = v128.load(drive + (<usize>k << 2)), second = v128.load(drive + (<usize>k << 2), 16);
    const theta = i16x8.narrow_i32x4_s(v128.load(thetas + entry), v128.load(thetas + entry, 16));
    const old = v128.load(at), left = i16x8.sub(old, v128.and(i16x8.shr_s(old, shift), leaking));
    let kept: v128, clamped: v128;
    if (small) {
      const x = i16x8.narrow_i32x4_s(first, second);
      kept = i16x8.min_s(high, i16x8.max_s(low, i16x8.add_sat_s(left, x)));
      // Unequal to the wrapped sum: the true sum lay outside.
      clamped = i16x8.ne(kept, i16x8.add(left, x));
    } else {
      first = i32x4.add(first, i32x4.extend_low_i16x8_s(left));
      second = i32x4.add(second, i32x4.extend_high_i16x8_s(left));
      kept = i16x8.min_s(high, i16x8.max_s(low, i16x8.narrow_i32x4_s(first, second)));
      clamped = i16x8.narrow_i32x4_s(i32x4.ne(first, i32x4.extend_low_i16x8_s(kept)), i32x4.ne(second, i32x4.extend_high_i16x8_s(kept)));
    }
    if (v128.any_true(clamped)) saturated += popcnt(i16x8.bitmask(clamped));
    const rest = rule == Fire.HalfUp ? i16x8.add_sat_s(kept, i16x8.shr_u(theta, 1)) : kept;
    // The k-th spike comes above k · θ, or k · θ − 1 where reaching it is enough. For few of them a branch would cost more.
    let level = i16x8.sub(theta, reaching), counts = zero;
    for (let s = 0; s < most; s++) {
      const firing = i16x8.gt_s(rest, level);
      if (most > FEW && !v128.any_true(firing)) break;
      counts = i16x8.sub(counts, firing);
      level = i16x8.add(level, theta);
    }
    let v = kept;
    if (reset == Reset.Subtract) v = i16x8.sub(kept, i16x8.mul(counts, theta));
    else if (reset == Reset.Zero) v = v128.andnot(kept, i16x8.ne(counts, zero));
    v128.store(at, v);
    v128.store64_lane(out + k, i8x16.narrow_i16x8_u(counts, counts), 0);
  }
  countSaturations(saturated);
}
