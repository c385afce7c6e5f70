// Neurons: parameters in range, state inside its block, and sums that fit an i32 (NUMERICS.md §4).

import {
  Decay, DType, Fire, MAX_COUNT, MAX_LEAK, MAX_NEURON_INPUT, MAX_POTENTIAL, NONE, Neuron, NeuronField, Order, Reset, Rounding, Status,
} from "../abi";
import { constant, word } from "../memory/plan";
import { bound, dtype, elements } from "../memory/tensor";
import { above, admits, arrayInRange, hasOperands, inState, input, output, sameShape, scaledBound } from "./gate";
import { greatest } from "./gate-shape";

const MAX_SHIFT: u32 = 62;

export function checkNeuron(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op), period = word(op, NeuronField.Period);
  if (!sameShape(from, to) || period == 0 || <u32>elements(from) % period != 0) return Status.BadShape;
  const drive = checkDrive(op, from, period);
  if (drive != Status.Ok) return drive;
  switch (word(op, NeuronField.Kind)) {
    case Neuron.Counts: return checkCounts(op, to);
    case Neuron.Thresholds: return checkThresholds(op, to, period);
    case Neuron.LIF:
    case Neuron.LI: return checkStateful(op, to, period);
    case Neuron.CubaLIF:
    case Neuron.CubaLI: {
      const current = checkCurrent(op, to, period);
      return current != Status.Ok ? current : checkStateful(op, to, period);
    }
    default: return Status.BadParameter;
  }
}

function checkDrive(op: usize, from: usize, period: u32): Status {
  const multipliers = word(op, NeuronField.Multipliers), shift = word(op, NeuronField.Shift);
  if (shift > MAX_SHIFT) return Status.BadParameter;
  let status = arrayInRange(multipliers, period, 0, i32.MAX_VALUE, constant(0), true);
  if (status != Status.Ok) return status;
  status = arrayInRange(word(op, NeuronField.Leak), period, -MAX_LEAK, MAX_LEAK, constant(0), true);
  if (status != Status.Ok) return status;
  const most = multipliers == NONE ? <u64>bound(from) : scaledBound(bound(from), greatest(multipliers, period), shift);
  return above(most, MAX_NEURON_INPUT) ? Status.BadRange : Status.Ok;
}

/** Spikes leave as u8 counts up to D. */
function checkSpikes(op: usize, to: usize): Status {
  const most = word(op, NeuronField.MaxCount);
  if (dtype(to) != DType.U8) return Status.BadTensor;
  return most == 0 || above(most, MAX_COUNT) ? Status.BadParameter : admits(to, most);
}

function checkCounts(op: usize, to: usize): Status {
  const rule = word(op, NeuronField.Fire);
  if (word(op, NeuronField.FractionBits) > 28 || above(rule, Fire.HalfEven) || rule == Fire.Above) return Status.BadParameter;
  return checkSpikes(op, to);
}

function checkThresholds(op: usize, to: usize, period: u32): Status {
  const spikes = checkSpikes(op, to);
  if (spikes != Status.Ok) return spikes;
  const most = word(op, NeuronField.MaxCount), table = word(op, NeuronField.Thresholds);
  const place = arrayInRange(table, period * most, i32.MIN_VALUE, i32.MAX_VALUE, constant(0), false);
  if (place != Status.Ok) return place;
  for (let i: u32 = 0; i < period * most; i++) {
    const at = constant(table) + (<usize>i << 2);
    if (i % most != 0 && load<i32>(at) < load<i32>(at - 4)) return Status.BadParameter;
  }
  return Status.Ok;
}

function checkStateful(op: usize, to: usize, period: u32): Status {
  const type: DType = word(op, NeuronField.StateDType), n = <u64>elements(to);
  if (type != DType.I16 && type != DType.I32) return Status.BadParameter;
  const low = <i64><i32>word(op, NeuronField.VMin), high = <i64><i32>word(op, NeuronField.VMax);
  if (low > 0 || high < 0 || low < -MAX_POTENTIAL || high > MAX_POTENTIAL) return Status.BadParameter;
  if (type == DType.I16 && (low < i16.MIN_VALUE || high > i16.MAX_VALUE)) return Status.BadParameter;
  if (above(word(op, NeuronField.Order), Order.InputFirst) || word(op, NeuronField.WindowReset) > 1) return Status.BadParameter;
  let status = inState(word(op, NeuronField.State), n << (type == DType.I16 ? 1 : 2));
  if (status != Status.Ok) return status;
  status = checkDecay(op, period);
  if (status != Status.Ok) return status;
  const kind = word(op, NeuronField.Kind);
  if (kind == Neuron.LIF || kind == Neuron.CubaLIF) return checkFiring(op, to, period, low, high);
  return dtype(to) == type ? admits(to, <u64>max(-low, high)) : Status.BadTensor;
}

function checkDecay(op: usize, period: u32): Status {
  const values = word(op, NeuronField.DecayValues);
  switch (word(op, NeuronField.Decay)) {
    case Decay.None: return Status.Ok;
    case Decay.Shift: return arrayInRange(values, period, 1, 30, constant(0), false);
    case Decay.Multiply:
      return checkMultiply(values, word(op, NeuronField.DecayBits), word(op, NeuronField.DecayRounding), period);
    default: return Status.BadParameter;
  }
}

/** Multipliers 0..2^bits, bits 1..30: |result| ≤ |v|. */
function checkMultiply(values: u32, bits: u32, rounding: u32, period: u32): Status {
  if (bits == 0 || bits > 30 || above(rounding, Rounding.TowardZero)) return Status.BadParameter;
  return arrayInRange(values, period, 0, <i64>1 << bits, constant(0), false);
}

function checkFiring(op: usize, to: usize, period: u32, low: i64, high: i64): Status {
  const spikes = checkSpikes(op, to);
  if (spikes != Status.Ok) return spikes;
  const rule = word(op, NeuronField.Fire), reset = word(op, NeuronField.Reset), thresholds = word(op, NeuronField.Thresholds);
  if (above(rule, Fire.HalfEven) || above(reset, Reset.Value) || word(op, NeuronField.ResetDelayed) > 1) return Status.BadParameter;
  const half = rule == Fire.HalfUp || rule == Fire.HalfEven;
  let status = arrayInRange(thresholds, period, 1, half ? MAX_LEAK : MAX_POTENTIAL, constant(0), false);
  if (status != Status.Ok) return status;
  if (half) {
    for (let i: usize = 0; i < <usize>period << 2; i += 4) {
      const theta = load<i32>(constant(thresholds) + i);
      if ((theta & 1) != 0 || -<i64>(theta >> 1) < low) return Status.BadParameter;
    }
  }
  if (reset == Reset.Value) status = arrayInRange(word(op, NeuronField.ResetValues), period, low, high, constant(0), false);
  return status;
}

function checkCurrent(op: usize, to: usize, period: u32): Status {
  if (word(op, NeuronField.CurrentOld) > 1) return Status.BadParameter;
  const values = word(op, NeuronField.CurrentDecayValues);
  if (values != NONE) {
    const decay = checkMultiply(values, word(op, NeuronField.CurrentDecayBits), word(op, NeuronField.CurrentDecayRounding), period);
    if (decay != Status.Ok) return decay;
  }
  return inState(word(op, NeuronField.Current), <u64>elements(to) << 2);
}
