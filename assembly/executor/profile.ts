// Counters of each op, kept only while a profile is bound: they cost a pass over each weighted op's input.

import { OpField, Op, PROFILE_BYTES, ProfileField, WeightedField } from "../abi";
import { isWeighted, rowsOf } from "../kernels/weighted";
import { tensorRecord, word } from "../memory/plan";
import { channels, data, dtype, elements, height, loadElement, width } from "../memory/tensor";

let records: usize = 0;

/** @param at  PROFILE_BYTES for each op, zeroed by the caller; 0 ends profiling */
export function bindProfile(at: usize): void {
  records = at;
}

export function profiling(): bool {
  return records != 0;
}

/** After op `index` has run. */
export function profileOp(index: u32, op: usize, saturated: u32): void {
  const record = records + <usize>index * PROFILE_BYTES;
  count(record, ProfileField.Saturations, saturated);
  if (!isWeighted(op)) return;
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out)), type = dtype(from), n = elements(from);
  let spikes: u64 = 0, operations: u64 = 0;
  for (let i = 0; i < n; i++) {
    const value = loadElement(data(from), type, i);
    if (value == 0) continue;
    spikes++;
    operations += <u64>abs(value) * fanOut(op, from, to, i);
  }
  count(record, ProfileField.SpikesIn, spikes);
  count(record, ProfileField.SynapticOperations, operations);
  count(record, ProfileField.Macs, <u64>elements(to) * rowsOf(op, from));
}

function count(record: usize, field: ProfileField, n: u64): void {
  const at = record + (<usize>field << 3);
  store<u64>(at, load<u64>(at) + n);
}

/** Weights that input element i meets. */
function fanOut(op: usize, from: usize, to: usize, i: i32): u64 {
  const code = word(op, OpField.Op);
  if (code == Op.Linear || code == Op.Pointwise) return channels(to);
  const c = channels(from), pixel = i / c;
  const rows = readers(op, pixel / width(from), height(to), WeightedField.KernelH, WeightedField.StrideY, WeightedField.PadTop, WeightedField.DilationY);
  const columns = readers(op, pixel % width(from), width(to), WeightedField.KernelW, WeightedField.StrideX, WeightedField.PadLeft, WeightedField.DilationX);
  const each = code == Op.Depthwise ? 1 : channels(to) / <i32>word(op, WeightedField.Groups);
  return <u64>(rows * columns) * <u64>each;
}

/** Output places along one axis that read input place `at`, counted over the taps. */
function readers(op: usize, at: i32, out: i32, kernel: i32, stride: i32, pad: i32, dilation: i32): i32 {
  let found = 0;
  for (let k = 0; k < <i32>word(op, kernel); k++) {
    const from = at + <i32>word(op, pad) - k * <i32>word(op, dilation);
    const place = from / <i32>word(op, stride);
    if (from >= 0 && from % <i32>word(op, stride) == 0 && place < out) found++;
  }
  return found;
}
