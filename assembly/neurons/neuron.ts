// The neuron op: which kind, chunk by chunk.

import { DType, Neuron, NeuronField, OpField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { stateField } from "../memory/state";
import { data, elements } from "../memory/tensor";
import { counts, thresholds } from "./counts";
import { CHUNK, NO_WRAP } from "./drive";
import { silent, spiking } from "./potential";
import { fits16, spiking16 } from "./potential16";

/** One timestep of every element of the op. */
export function neuron(op: usize): void {
  const n = elements(tensorRecord(word(op, OpField.A))), period = <i32>word(op, NeuronField.Period);
  let lanes16 = false;
  if (ASC_FEATURE_SIMD) lanes16 = word(op, NeuronField.Kind) == Neuron.LIF && fits16(op);
  if (period <= CHUNK && (period & 3) == 0) {
    const whole = CHUNK / period * period;
    for (let i = 0; i < n; i += whole) chunk(op, i, 0, min(whole, n - i), <usize>period << 2, lanes16);
  } else {
    for (let i = 0; i < n; i += period) {
      for (let j = 0; j < period; j += CHUNK) chunk(op, i + j, j, min(CHUNK, period - j), NO_WRAP, lanes16);
    }
  }
}

function chunk(op: usize, i: i32, j: i32, n: i32, wrap: usize, lanes16: bool): void {
  const out = data(tensorRecord(word(op, OpField.Out)));
  const wide = word(op, NeuronField.StateDType) == DType.I32;
  switch (word(op, NeuronField.Kind)) {
    case Neuron.Counts: counts(op, out + i, i, j, n, wrap); break;
    case Neuron.Thresholds: thresholds(op, out + i, i, j, n, wrap); break;
    case Neuron.LIF:
    case Neuron.CubaLIF:
      if (ASC_FEATURE_SIMD) {
        if (lanes16) {
          spiking16(op, out + i, i, j, n, wrap);
          break;
        }
      }
      if (wide) spiking<i32>(op, out + i, i, j, n, wrap);
      else spiking<i16>(op, out + i, i, j, n, wrap);
      break;
    default:
      if (wide) silent<i32>(op, out + (<usize>i << 2), i, j, n, wrap);
      else silent<i16>(op, out + (<usize>i << 1), i, j, n, wrap);
  }
}

/** Zeroes potentials and currents of a neuron with WindowReset. */
export function beginWindow(op: usize): void {
  const kind: Neuron = word(op, NeuronField.Kind);
  if (kind == Neuron.Counts || kind == Neuron.Thresholds || word(op, NeuronField.WindowReset) == 0) return;
  const n = <usize>elements(tensorRecord(word(op, OpField.A)));
  memory.fill(stateField(word(op, NeuronField.State)), 0, n << (word(op, NeuronField.StateDType) == DType.I16 ? 1 : 2));
  if (kind == Neuron.CubaLIF || kind == Neuron.CubaLI) memory.fill(stateField(word(op, NeuronField.Current)), 0, n << 2);
}
