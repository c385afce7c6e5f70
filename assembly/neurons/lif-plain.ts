// LIF neurons without vectors: channel by channel, parameters in registers, of which a small core has few. For accumulators of i32 whose
// products fit an i32, i16 potentials that lose a shift of themselves or nothing before the input, no leak, and a reset at once: what most
// trained networks have. Most neurons rest: two comparisons tell that one neither fires nor saturates.

import { Decay, DType, Fire, Neuron, NeuronField, NONE, OpField, Order, Reset } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { countSaturations, stateField } from "../memory/state";
import { bound, data, dtype, elements } from "../memory/tensor";
import { fitProducts } from "../numeric/products";
import { parameters } from "./drive";
import { fire } from "./fire";

/** Whether the op is one of these. */
export function isPlain(op: usize): bool {
  const from = tensorRecord(word(op, OpField.A)), m = parameters(op, NeuronField.Multipliers), period = <usize>word(op, NeuronField.Period);
  if (word(op, NeuronField.Kind) != Neuron.LIF || dtype(from) != DType.I32 || word(op, NeuronField.StateDType) != DType.I16) return false;
  if (word(op, NeuronField.Order) != Order.DecayFirst || word(op, NeuronField.Decay) == Decay.Multiply) return false;
  if (word(op, NeuronField.Leak) != NONE || word(op, NeuronField.ResetDelayed) != 0) return false;
  return m == 0 || fitProducts(m, period << 2, word(op, NeuronField.Shift), bound(from));
}

/** One timestep of every element. */
export function lifPlain(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), period = word(op, NeuronField.Period), n = elements(from);
  const m = parameters(op, NeuronField.Multipliers), thetas = parameters(op, NeuronField.Thresholds);
  const shifts = parameters(op, NeuronField.DecayValues), decays = word(op, NeuronField.Decay) == Decay.Shift;
  for (let c: u32 = 0; c < period; c++) {
    const entry = <usize>c << 2, factor = m == 0 ? 1 : load<i32>(m + entry), theta = load<i32>(thetas + entry);
    if (decays) channel<bool>(op, c, n, period, factor, theta, load<i32>(shifts + entry));
    else channel<void>(op, c, n, period, factor, theta, 0);
  }
}

/** Elements i, i + step, … up to n, that share their parameters. D is bool where there is a decay, v −= v >> k. */
function channel<D>(op: usize, i: u32, n: u32, step: u32, factor: i32, theta: i32, k: i32): void {
  const x = data(tensorRecord(word(op, OpField.A))), v = stateField(word(op, NeuronField.State)), out = data(tensorRecord(word(op, OpField.Out)));
  const shift = word(op, NeuronField.Multipliers) == NONE ? 0 : <i32>word(op, NeuronField.Shift), half = shift == 0 ? 0 : 1 << (shift - 1);
  const low = <i32>word(op, NeuronField.VMin), span = word(op, NeuronField.VMax) - <u32>low;
  // From here on a potential may fire: the half rules fire from half a threshold on.
  const rule: Fire = word(op, NeuronField.Fire), least = rule >= Fire.HalfUp ? theta - (theta >> 1) : theta;
  for (; i < n; i += step) {
    const at = v + (<usize>i << 1);
    let next = <i32>load<i16>(at), count = 0;
    if (isBoolean<D>()) next -= next >> k;
    next += load<i32>(x + (<usize>i << 2)) * factor + half >> shift;
    if (<u32>(next - low) > span) next = saturated(next, low, span);
    if (next >= least) {
      count = fire(next, theta, rule, word(op, NeuronField.MaxCount));
      next = afterSpikes(op, next, count, theta, i % step);
    }
    store<i16>(at, <i16>next);
    store<u8>(out + i, <u8>count);
  }
}

function saturated(v: i32, low: i32, span: u32): i32 {
  countSaturations(1);
  return v < low ? low : <i32>(<u32>low + span);
}

function afterSpikes(op: usize, v: i32, count: i32, theta: i32, entry: u32): i32 {
  if (count == 0) return v;
  switch (word(op, NeuronField.Reset)) {
    case Reset.Subtract: return v - count * theta;
    case Reset.Zero: return 0;
    case Reset.Value: return load<i32>(parameters(op, NeuronField.ResetValues) + (<usize>entry << 2));
    default: return v;
  }
}
