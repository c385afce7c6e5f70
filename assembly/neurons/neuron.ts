// The neuron op: which kind, chunk by chunk.

import { DType, Neuron, NeuronField, OpField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { stateField } from "../memory/state";
import { data, dtype, elements } from "../memory/tensor";
import { counts, thresholds } from "./counts";
import { countLanes, fitsLanes } from "./counts-lanes";
import { countsRow } from "./counts-row";
import { bindInput, CHUNK, NO_WRAP } from "./drive";
import { silent, spiking } from "./potential";
import { fitsLevel, level } from "./level";
import { isPlain, lifPlain } from "./lif-plain";
import { lifRow } from "./lif-row";
import { fits16, hasSmallDrive, spiking16 } from "./potential16";

/** One timestep of every element of the op. */
export function neuron(op: usize): void {
  if (!ASC_FEATURE_SIMD) {
    if (isPlain(op)) return lifPlain(op);
  }
  const from = tensorRecord(word(op, OpField.A));
  if (ASC_FEATURE_SIMD) {
    if (fitsLevel(op)) return level(op);
    if (fitsLanes(op)) return countLanes(op);
  }
  bindInput(data(from), dtype(from));
  range(op, pathOf(op), 0, elements(from));
}

/**
 * One timestep of elements first..first+n−1, whole periods, whose inputs stand in a row of accumulators.
 * @param row  i16[n] or i32[n] by `narrow`   @param path  what rowPathOf(op) gave
 */
export function neuronRow(op: usize, path: Path, row: usize, narrow: bool, first: i32, n: i32): void {
  if (ASC_FEATURE_SIMD) {
    const out = data(tensorRecord(word(op, OpField.Out))) + first;
    if (path == Path.LifRows) return lifRow(op, row, out, first, n);
    if (narrow && isStateless(path) && countsRow(op, row, out, n)) return;
  }
  bindInput(row - (<usize>first << (narrow ? 1 : 2)), narrow ? DType.I16 : DType.I32);
  range(op, path, first, n);
}

function range(op: usize, path: Path, first: i32, n: i32): void {
  const period = <i32>word(op, NeuronField.Period), past = first + n;
  if (period <= CHUNK && (period & 3) == 0) {
    const whole = CHUNK / period * period;
    for (let i = first; i < past; i += whole) chunk(op, path, i, 0, min(whole, past - i), <usize>period << 2);
  } else {
    for (let i = first; i < past; i += period) {
      for (let j = 0; j < period; j += CHUNK) chunk(op, path, i + j, j, min(CHUNK, period - j), NO_WRAP);
    }
  }
}

/** Which loop runs an op's chunks. */
export const enum Path { Counts, Thresholds, LifRows, Spiking16Small, Spiking16, Spiking, SpikingWide, Silent, SilentWide }

/** Whether equal inputs give equal counts. */
export function isStateless(path: Path): bool {
  return path == Path.Counts || path == Path.Thresholds;
}

export function pathOf(op: usize): Path {
  const kind: Neuron = word(op, NeuronField.Kind), wide = word(op, NeuronField.StateDType) == DType.I32;
  if (kind == Neuron.Counts) return Path.Counts;
  if (kind == Neuron.Thresholds) return Path.Thresholds;
  if (kind == Neuron.LI || kind == Neuron.CubaLI) return wide ? Path.SilentWide : Path.Silent;
  if (ASC_FEATURE_SIMD) {
    if (fits16(op)) return kind == Neuron.LIF && hasSmallDrive(op) ? Path.Spiking16Small : Path.Spiking16;
  }
  return wide ? Path.SpikingWide : Path.Spiking;
}

function chunk(op: usize, path: Path, i: i32, j: i32, n: i32, wrap: usize): void {
  const out = data(tensorRecord(word(op, OpField.Out)));
  switch (path) {
    case Path.Counts: counts(op, out + i, i, j, n, wrap); break;
    case Path.Thresholds: thresholds(op, out + i, i, j, n, wrap); break;
    case Path.Spiking: spiking<i16>(op, out + i, i, j, n, wrap); break;
    case Path.SpikingWide: spiking<i32>(op, out + i, i, j, n, wrap); break;
    case Path.Silent: silent<i16>(op, out + (<usize>i << 1), i, j, n, wrap); break;
    case Path.SilentWide: silent<i32>(op, out + (<usize>i << 2), i, j, n, wrap); break;
    default:
      if (ASC_FEATURE_SIMD) spiking16(op, out + i, i, j, n, wrap, path == Path.Spiking16Small);
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
