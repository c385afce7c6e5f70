// A weighted op row by row: each row of accumulators is made by the kernel that is faster for the spikes in its reach, and
// goes straight to the neuron behind it where there is one, or through the Requantise behind it, and the Add behind that.

import { DType, Op, OpField, PlanField } from "../abi";
import { rescale } from "../kernels/rescale";
import { input, output } from "../kernels/weighted";
import { planWord, tensorRecord, word } from "../memory/plan";
import { windowStep } from "../memory/state";
import { bound, data } from "../memory/tensor";
import { accumulators, prepared, Prepared, PreparedNeuron } from "../memory/workspace";
import { isStateless, neuronRow, Path } from "../neurons/neuron";
import { denseRow16, denseRow32, packedBytes } from "./dense";
import { depthwiseRow } from "./depthwise";
import { ci, co, enter, fromX, inputType, int4, iw, kh, made, oh, ow, padTop, readRows, sy } from "./geometry";
import { pairsAt, rowsAt } from "./int4";
import { scatterRow } from "./scatter";
import { beginLists, listsAt, makeReached, spikesAt } from "./spike-list";
import { spikeRow16, spikeRow32 } from "./spikes";
import { pairRow16, pairRow32 } from "./spikes4";
import { beginWide, wideRowsAt } from "./wide-row";

/** Which kernel a row may use: for measurements; results are the same. */
export const enum Choice { Auto = 0, Dense = 1, Spikes = 2 }

/** Spikes an output pixel, on average, below which a row's are scattered: asking each pixel costs about as much as two. */
const FEW: i32 = 2;

let choice: Choice = Choice.Auto;

export function choose(kernels: Choice): void {
  choice = kernels;
}

/**
 * @param op    a weighted op with Prepared.Rows
 * @param next  the neuron or Requantise that takes its accumulators, or 0 when they go to the op's own output
 * @param sum   the Add that takes what that rescales, or 0
 */
export function runRows(op: usize, next: usize, sum: usize): void {
  enter(op);
  begin(op, prepared(op));
  rescaling = next != 0 && word(next, OpField.Op) == Op.Requantise;
  if (rescaling) beginRescaled(next, sum);
  const path: Path = next == 0 ? 0 : load<u32>(prepared(next) + (PreparedNeuron.Path << 2));
  const watched = inputType == DType.U8 && choice != Choice.Dense;
  if (watched) beginLists();
  if (watched && next != 0 && !rescaling && isStateless(path)) reachedRows(next, path);
  else allRows(op, next, path, watched);
}

/** Rows into a stateless neuron: pixels that no spike reaches are at rest, and are copied. */
function reachedRows(next: usize, path: Path): void {
  const rest = load<usize>(prepared(next) + (PreparedNeuron.Rest << 2)), n = ow * co;
  let out = data(output(next));
  for (let oy = 0, top = -padTop; oy < oh; oy++, top += sy, out += n) {
    if (!makeReached(top)) {
      memory.copy(out, rest, n);
      continue;
    }
    const from = fromX * co, wanted = made * co, past = from + wanted;
    makeRow(accumulators, top, depthwise ? 1 : spikesAt(top));
    neuronRow(next, path, accumulators + (<usize>from << (narrow ? 1 : 2)), narrow, oy * n + from, wanted);
    if (from > 0) memory.copy(out, rest, from);
    if (past < n) memory.copy(out + past, rest + past, n - past);
  }
}

/** Every pixel of every row. Rows without a spike in reach have equal sums. */
function allRows(op: usize, next: usize, path: Path, watched: bool): void {
  const n = ow * co, rowBytes = <usize>n << (narrow ? 1 : 2);
  let silent: usize = 0, quiet = false, out = data(output(op));
  for (let oy = 0, top = -padTop; oy < oh; oy++, top += sy, out += rowBytes) {
    const found = watched && !depthwise ? spikesAt(top) : 1, sums = next == 0 ? out : accumulators;
    if (found == 0 && silent != 0) {
      memory.copy(out, silent, rowBytes);
      continue;
    }
    if (found != 0 || !quiet) makeRow(sums, top, found);
    if (rescaling) rescaleRow(next, sums, oy * n, n);
    else if (next != 0) neuronRow(next, path, sums, narrow, oy * n, n);
    quiet = found == 0;
    if (quiet && next == 0) silent = out;
  }
}

let rescaling: bool = false;
/** What is added to the rescaled values, i16, or 0; and where they go. */
let added: usize = 0, rescaled: usize = 0;

function beginRescaled(next: usize, sum: usize): void {
  rescaled = data(output(sum == 0 ? next : sum));
  added = sum == 0 ? 0 : data(tensorRecord(otherOf(sum, next)));
}

/** Index of the tensor that the Add `sum` takes beside the output of `next`. */
export function otherOf(sum: usize, next: usize): u32 {
  const a = word(sum, OpField.A);
  return a == word(next, OpField.Out) ? word(sum, OpField.B) : a;
}

function rescaleRow(next: usize, row: usize, first: i32, n: i32): void {
  const at = <usize>first << 1;
  rescale(next, row, narrow ? DType.I16 : DType.I32, added == 0 ? 0 : added + at, rescaled + at, n);
}

/** Writes one row of `next`'s counts as they are without input to `rest`. */
export function restRow(op: usize, next: usize, rest: usize): void {
  enter(op);
  begin(op, prepared(op));
  const path: Path = load<u32>(prepared(next) + (PreparedNeuron.Path << 2)), n = ow * co;
  for (let i: usize = 0; i < <usize>n; i++) {
    const from = <usize>(<i32>i % co);
    if (narrow) store<i16>(accumulators + (i << 1), load<i16>(bias + (from << 1)));
    else store<i32>(accumulators + (i << 2), load<i32>(bias + (from << 2)));
  }
  neuronRow(next, path, accumulators, narrow, 0, n);
  memory.copy(rest, data(output(next)), n);
}

let narrow: bool = false, wide: bool = false, depthwise: bool = false;
let packed: usize = 0, pairs: usize = 0, bias: usize = 0, targets: usize = 0;
let most: i32 = -1;
/** The greatest count of the input. */
let greatest: u32 = 1;

/** What all rows of an op share. */
function begin(op: usize, record: usize): void {
  depthwise = word(op, OpField.Op) == Op.Depthwise;
  narrow = load<u32>(record + (Prepared.Narrow << 2)) != 0;
  wide = false;
  packed = load<usize>(record + (Prepared.Packed << 2)) + packedOffset(record);
  bias = load<usize>(record + (Prepared.Bias << 2));
  targets = load<usize>(record + (Prepared.Targets << 2));
  greatest = bound(input(op));
  pairs = int4 ? pairsAt(op, packed + packedBytes()) : 0;
  if (int4) readRows(rowsAt(packed + packedBytes()));
  most = depthwise ? -1 : mostSpikes(load<u32>(record + (Prepared.Crossover << 2)));
}

/** One row of accumulators by the kernel that is faster for `found` spikes in its reach. */
function makeRow(out: usize, top: i32, found: i32): void {
  if (found <= most) {
    const scattered = targets != 0 && found < made * FEW;
    listsAt(top, scattered);
    if (scattered) scatterRow(out, targets, bias);
    else if (pairs != 0) narrow ? pairRow16(out, pairs, bias) : pairRow32(out, pairs, bias);
    else if (narrow) spikeRow16(out, bias);
    else spikeRow32(out, bias, greatest);
  } else {
    if (!wide) beginWide();
    wide = true;
    wideRowsAt(top);
    if (depthwise) depthwiseRow(out, packed, bias);
    else if (narrow) denseRow16(out, packed, bias);
    else denseRow32(out, packed, bias);
  }
}

/** Weights may differ per timestep. */
function packedOffset(record: usize): usize {
  const stride = load<u32>(record + (Prepared.PackedStride << 2));
  return stride == 0 ? 0 : <usize>(windowStep() % planWord(PlanField.Timesteps) * stride);
}

/** The most spikes in a row's reach for which the spike-driven kernel is chosen; −1: never. */
function mostSpikes(crossover: u32): i32 {
  if (inputType != DType.U8 || choice == Choice.Dense) return -1;
  const inputs = kh * iw * ci;
  return choice == Choice.Spikes ? inputs : <i32>(<u64>inputs * <u64>crossover >> 10);
}
