// A weighted op row by row: each row of accumulators is made by the kernel that is faster for the spikes in its reach, and
// goes straight to the neuron behind it where there is one.

import { DType, Op, OpField, PlanField } from "../abi";
import { output } from "../kernels/weighted";
import { planWord, word } from "../memory/plan";
import { windowStep } from "../memory/state";
import { data } from "../memory/tensor";
import { accumulators, prepared, Prepared } from "../memory/workspace";
import { neuronRow, rowPathOf } from "../neurons/neuron";
import { denseRow16, denseRow32 } from "./dense";
import { depthwiseRow } from "./depthwise";
import { ci, co, enter, inputType, iw, kh, oh, ow, padTop, sy } from "./geometry";
import { scatterRow } from "./scatter";
import { beginLists, listsAt, spikesAt } from "./spike-list";
import { spikeRow16, spikeRow32 } from "./spikes";
import { beginWide, wideRowsAt } from "./wide-row";

/** Which kernel a row may use: for measurements; results are the same. */
export const enum Choice { Auto = 0, Dense = 1, Spikes = 2 }

/** Called through a table, so that each stays a function of its own: inlined into one, their registers would be spilled. */
type RowKernel = (out: usize, packed: usize, bias: usize) => void;

/** Spikes an output pixel, on average, below which a row's are scattered: asking each pixel costs about as much as four. */
const FEW: i32 = 4;

let choice: Choice = Choice.Auto;

export function choose(kernels: Choice): void {
  choice = kernels;
}

/**
 * @param op    a weighted op with Prepared.Rows
 * @param next  the neuron that takes its accumulators, or 0 when they go to the op's own output
 */
export function runRows(op: usize, next: usize): void {
  enter(op);
  const record = prepared(op), depthwise = word(op, OpField.Op) == Op.Depthwise;
  const narrow = load<u32>(record + (Prepared.Narrow << 2)) != 0, bias = load<usize>(record + (Prepared.Bias << 2));
  const packed = load<usize>(record + (Prepared.Packed << 2)) + packedOffset(record);
  const n = ow * co, rowBytes = <usize>n << (narrow ? 1 : 2);
  const path = next == 0 ? 0 : rowPathOf(next);
  const dense: RowKernel = depthwise ? depthwiseRow : narrow ? denseRow16 : denseRow32;
  const spikes: RowKernel = narrow ? spikeRow16 : spikeRow32;
  const most = depthwise ? -1 : mostSpikes(load<u32>(record + (Prepared.Crossover << 2)));
  const targets = load<usize>(record + (Prepared.Targets << 2));
  let out = next == 0 ? data(output(op)) : accumulators, wide = false;
  if (most >= 0) beginLists();
  for (let oy = 0, top = -padTop; oy < oh; oy++, top += sy) {
    const found = most < 0 ? 0 : spikesAt(top);
    if (most >= 0 && found <= most) {
      const scattered = targets != 0 && found < ow * FEW;
      listsAt(top, scattered);
      if (scattered) scatterRow(out, targets, bias);
      else spikes(out, packed, bias);
    } else {
      if (!wide) beginWide();
      wide = true;
      wideRowsAt(top);
      dense(out, packed, bias);
    }
    if (next == 0) out += rowBytes;
    else neuronRow(next, path, out, narrow, oy * n, n);
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
  return choice == Choice.Spikes ? inputs << 1 : <i32>(<u64>inputs * <u64>crossover >> 10);
}
