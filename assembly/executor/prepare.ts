// Makes a workspace for the loaded plan: which ops go row by row, their weights in the dense kernels' order, their biases in
// lanes, tables for their neurons, and room for rows in flight. Sizes are added up and written by one and the same walk.

import { DType, NeuronField, NONE, Op, OpField as Field, PlanField, RequantiseField, Status, WeightedField } from "../abi";
import { rescales } from "../kernels/rescale";
import { biasRow, input, isInt4, isWeighted, output } from "../kernels/weighted";
import { constant, opRecord, plan, planWord, tensorRecord, word } from "../memory/plan";
import { bound, channels, data, dtype } from "../memory/tensor";
import { beginLayout, isPrepared, isWriting, layoutEnd, placeRows, prepared, Prepared, PREPARED_BYTES, PreparedNeuron, take } from "../memory/workspace";
import { isStateless, pathOf } from "../neurons/neuron";
import { pack, packedBytes } from "../rows/dense";
import { packDepthwise, packedDepthwiseBytes } from "../rows/depthwise";
import { ci, co, enter, iw, ow, paddedWidth, span } from "../rows/geometry";
import { isPaired, unpack, unpackedBytes } from "../rows/int4";
import { otherOf, restRow } from "../rows/rows";
import { fillTargets, targetBytes } from "../rows/scatter";
import { fillIndices, listBytes } from "../rows/spike-list";
import { wideBytes } from "../rows/wide-row";
import { bytesOf } from "./gate";
import { prepareNeuron } from "./prepare-neuron";
import { beginResting, endResting, placeResting } from "./resting";
import { runAll } from "./step";

/** Elements of a padded input row: a list's index is a u16. */
const MAX_ROW: u64 = 65535;
const MAX_SPAN: i32 = 64;
const NARROW: u32 = i16.MAX_VALUE;
/** Until it is measured: see host/engine/crossover.ts. */
const CROSSOVER: u32 = 256;
/** The same where int4 weights are paired, which spikes add in about half the time. */
const PAIRS_CROSSOVER: u32 = 448;
/** Every input a spike. */
const MOST_CROSSOVER: u32 = 1024;

/** Bytes that `prepare` wants for the loaded plan; 0 for builds without vectors. */
export function workspaceBytes(): u32 {
  if (ASC_FEATURE_SIMD) {
    if (plan() == 0) return 0;
    beginLayout(0, false);
    layOut();
    return <u32>layoutEnd();
  } else {
    return 0;
  }
}

/** @param at  room for workspaceBytes(), aligned; whatever stands there is overwritten */
export function prepare(at: usize): Status {
  if (plan() == 0) return Status.NotLoaded;
  if ((at & 15) != 0) return Status.BadAlignment;
  const bytes = workspaceBytes();
  if (<u64>at + <u64>bytes > <u64>memory.size() << 16) return Status.BadLength;
  if (ASC_FEATURE_SIMD) {
    memory.fill(at, 0, bytes);
    fillIndices();
    beginLayout(at, true);
    layOut();
    restRows();
    if (beginResting()) {
      runAll();
      endResting();
    }
  }
  return Status.Ok;
}

export function isFused(index: u32): bool {
  if (!isPrepared() || index >= planWord(PlanField.Ops)) return false;
  const op = opRecord(index);
  return (isWeighted(op) || word(op, Field.Op) == Op.Requantise) && load<u32>(prepared(op) + (Prepared.Fused << 2)) != 0;
}

/** @returns the op's crossover until now, or NONE */
export function setCrossover(index: u32, crossover: u32): u32 {
  if (!isPrepared() || index >= planWord(PlanField.Ops)) return NONE;
  const op = opRecord(index), record = prepared(op), hasChoice = isWeighted(op) && word(op, Field.Op) != Op.Depthwise && dtype(input(op)) == DType.U8;
  if (!hasChoice || load<u32>(record + (Prepared.Rows << 2)) == 0) return NONE;
  const before = load<u32>(record + (Prepared.Crossover << 2));
  store<u32>(record + (Prepared.Crossover << 2), min<u32>(crossover, MOST_CROSSOVER));
  return before;
}

function layOut(): void {
  const ops = planWord(PlanField.Ops), records = take(ops * PREPARED_BYTES);
  let wide: u32 = 0, list: u32 = 0, zero: u32 = 0, row: u32 = 0;
  // Records first: what follows is written into them.
  if (isWriting()) placeRows(records, 0, 0, 0, 0);
  for (let i: u32 = 0; i < ops; i++) {
    const op = opRecord(i);
    if (!isWeighted(op)) continue;
    const next = takerBehind(op, i);
    if (!goesByRows(op, next)) continue;
    const narrow = next != 0 && bound(output(op)) <= NARROW;
    prepareWeighted(op, next, narrow);
    if (next != 0 && word(next, Field.Op) == Op.Neuron) {
      prepareNeuron(next, bound(output(op)), narrow);
      const rest = isStateless(pathOf(next)) ? take(<u32>(ow * co)) : 0;
      if (isWriting()) store<usize>(prepared(next) + (PreparedNeuron.Rest << 2), rest);
    } else if (next != 0 && isWriting()) {
      store<u32>(prepared(next) + (Prepared.Fused << 2), u32(isSummed(op, next, i + 1)));
    }
    wide = max(wide, <u32>span * wideBytes());
    zero = max(zero, wideBytes());
    list = max(list, listBytes());
    row = max(row, <u32>((ow + 1) * co) << 2);
  }
  placeResting();
  const zeros = take(zero), wideRows = take(wide), lists = take(list), accumulators = take(row + 32);
  if (isWriting()) placeRows(records, zeros, wideRows, lists, accumulators);
}

/** What stateless neurons give without input, once their tables and the rows in flight have their places. */
function restRows(): void {
  for (let i: u32 = 0; i < planWord(PlanField.Ops); i++) {
    if (!isFused(i) || word(opRecord(i + 1), Field.Op) != Op.Neuron) continue;
    const neuron = opRecord(i + 1), record = prepared(neuron);
    if (isStateless(load<u32>(record + (PreparedNeuron.Path << 2)))) restRow(opRecord(i), neuron, load<usize>(record + (PreparedNeuron.Rest << 2)));
  }
}

/**
 * The neuron or Requantise that follows op i and alone reads its accumulators, channel by channel, without writing over the op's
 * input; or 0.
 */
function takerBehind(op: usize, i: u32): usize {
  if (i + 1 >= planWord(PlanField.Ops) || !readsAlone(i + 1, op)) return 0;
  const next = opRecord(i + 1), code: Op = word(next, Field.Op), c = channels(output(op));
  if (word(next, Field.A) != word(op, Field.Out)) return 0;
  if (code == Op.Requantise) {
    const period = word(next, RequantiseField.Period);
    if (!rescales(next) || (period != 1 && period != c) || (c & 7) != 0) return 0;
  } else if (code != Op.Neuron || word(next, NeuronField.Period) != c) {
    return 0;
  }
  return apart(input(op), output(next)) ? next : 0;
}

/** Whether op i + 1 is an Add that alone reads what the Requantise i makes, and writes over nothing that is still wanted. */
function isSummed(op: usize, next: usize, i: u32): bool {
  if (i + 1 >= planWord(PlanField.Ops) || !readsAlone(i + 1, next)) return false;
  const sum = opRecord(i + 1), a = word(sum, Field.A), b = word(sum, Field.B), made = word(next, Field.Out);
  if (word(sum, Field.Op) != Op.Add || a == b || (a != made && b != made)) return false;
  return apart(output(sum), input(op)) && apart(output(sum), tensorRecord(otherOf(sum, next)));
}

/** Whether nobody but op i reads what `op` writes, and nobody else writes it. */
function readsAlone(i: u32, op: usize): bool {
  const ops = planWord(PlanField.Ops), index = word(op, Field.Out), next = opRecord(i);
  for (let k: u32 = 0; k < planWord(PlanField.Outputs); k++) {
    if (word(opRecord(ops), k) == index) return false;
  }
  if (planWord(PlanField.Input) == index) return false;
  for (let k: u32 = 0; k < ops; k++) {
    const other = opRecord(k);
    if (other != next && (word(other, Field.A) == index || word(other, Field.B) == index)) return false;
    if (other != op && word(other, Field.Out) == index) return false;
  }
  return true;
}

function apart(a: usize, b: usize): bool {
  return <u64>data(a) + bytesOf(a) <= <u64>data(b) || <u64>data(b) + bytesOf(b) <= <u64>data(a);
}

/** Leaves the op's geometry entered. */
function goesByRows(op: usize, next: usize): bool {
  const code: Op = word(op, Field.Op), to = output(op);
  if (code == Op.Conv2d && word(op, WeightedField.Groups) != 1) return false;
  if ((code == Op.Conv2d || code == Op.Depthwise) && word(op, WeightedField.DilationX) != 1) return false;
  if (code == Op.Depthwise && (next == 0 || bound(to) > NARROW || (channels(to) & 7) != 0)) return false;
  enter(op);
  return <u64>paddedWidth * <u64>ci <= MAX_ROW && <u64>iw * <u64>ci <= MAX_ROW && span <= MAX_SPAN;
}

function prepareWeighted(op: usize, next: usize, narrow: bool): void {
  const depthwise = word(op, Field.Op) == Op.Depthwise;
  const stride = word(op, WeightedField.TimestepStride), variants: u32 = stride == 0 ? 1 : planWord(PlanField.Timesteps);
  // Packed weights are whole vectors; int4 ones stand behind them once more, as the rows that spikes add.
  const each = ((depthwise ? packedDepthwiseBytes() : packedBytes() + unpackedBytes(op)) + 15) & ~15;
  const packed = take(each * variants), lanes = (co + 15) & ~15, bias = take(<u32>lanes << (narrow ? 1 : 2));
  const scatters = narrow && !depthwise && (co & 15) == 0;
  const targets = scatters ? take(targetBytes()) : 0;
  if (!isWriting()) return;
  if (scatters) fillTargets(targets);
  for (let t: u32 = 0; t < variants; t++) {
    const from = constant(word(op, WeightedField.Weights) + t * stride), to = packed + <usize>(t * each);
    if (depthwise) packDepthwise(from, to);
    else pack(from, to);
    if (!depthwise && isInt4(op)) unpack(op, from, to + packedBytes());
  }
  const given = biasRow(op);
  for (let c: usize = 0; c < <usize>lanes; c++) {
    const value = given == 0 || <i32>c >= co ? 0 : load<i32>(given + (c << 2));
    if (narrow) store<i16>(bias + (c << 1), <i16>value);
    else store<i32>(bias + (c << 2), value);
  }
  const record = prepared(op);
  store<u32>(record + (Prepared.Rows << 2), 1);
  store<u32>(record + (Prepared.Narrow << 2), u32(narrow));
  store<u32>(record + (Prepared.Fused << 2), u32(next != 0));
  store<usize>(record + (Prepared.Packed << 2), packed);
  store<u32>(record + (Prepared.PackedStride << 2), stride == 0 ? 0 : each);
  store<usize>(record + (Prepared.Bias << 2), bias);
  store<u32>(record + (Prepared.Crossover << 2), isPaired(op) ? PAIRS_CROSSOVER : CROSSOVER);
  store<usize>(record + (Prepared.Targets << 2), targets);
}
