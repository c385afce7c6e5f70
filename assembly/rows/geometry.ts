// The weighted op at hand as a convolution, read once an op: Pointwise is one of 1 × 1, Linear one over a single pixel that
// holds the whole input, Depthwise one of a channel each.

import { DType, Op, OpField, WeightedField } from "../abi";
import { input, isInt4, output, weights } from "../kernels/weighted";
import { word } from "../memory/plan";
import { bound, channels, data, dtype, elements, height, width } from "../memory/tensor";

/** The greatest count of seven bits, as the relaxed dot wants them. */
const MOST_RELAXED: u32 = 127;

export let inputAt: usize = 0, inputType: DType = DType.U8;
export let ih: i32 = 0, iw: i32 = 0, ci: i32 = 0;
export let oh: i32 = 0, ow: i32 = 0, co: i32 = 0;
export let kh: i32 = 1, kw: i32 = 1, dy: i32 = 1, sy: i32 = 1, sx: i32 = 1, padTop: i32 = 0, padLeft: i32 = 0;
/** Weights of this timestep, i8 rows of co; with int4 the packed ones, until `readRows` names those that were unpacked. */
export let weightRows: usize = 0;
export let int4: bool = false;
/** Input rows that an output row spans. */
export let span: i32 = 1;
/** Bytes of an element of the rows that the dense and depthwise kernels read: one where the relaxed dot may take counts, else two. */
export let wideElement: i32 = 2;
/** Pixels of an input row with what the kernel touches outside it, left and right. */
export let paddedWidth: i32 = 0;

/** The output pixels of a row that are made: `made` of them from fromX on. */
export let fromX: i32 = 0, made: i32 = 0;

export function makePixels(from: i32, past: i32): void {
  fromX = from;
  made = past - from;
}

export function enter(op: usize): void {
  const from = input(op), to = output(op), code: Op = word(op, OpField.Op);
  inputAt = data(from);
  inputType = dtype(from);
  weightRows = weights(op);
  int4 = isInt4(op);
  oh = height(to);
  ow = width(to);
  co = channels(to);
  const whole = code == Op.Linear, unit = whole || code == Op.Pointwise;
  ih = whole ? 1 : height(from);
  iw = whole ? 1 : width(from);
  ci = whole ? elements(from) : channels(from);
  kh = unit ? 1 : word(op, WeightedField.KernelH);
  kw = unit ? 1 : word(op, WeightedField.KernelW);
  dy = unit ? 1 : word(op, WeightedField.DilationY);
  sy = unit ? 1 : word(op, WeightedField.StrideY);
  sx = unit ? 1 : word(op, WeightedField.StrideX);
  padTop = unit ? 0 : word(op, WeightedField.PadTop);
  padLeft = unit ? 0 : word(op, WeightedField.PadLeft);
  span = (kh - 1) * dy + 1;
  if (ASC_FEATURE_RELAXED_SIMD) {
    wideElement = code != Op.Depthwise && inputType == DType.U8 && bound(from) <= MOST_RELAXED ? 1 : 2;
  }
  paddedWidth = max(padLeft + iw, (ow - 1) * sx + kw);
  makePixels(0, ow);
}

/** From now on the weights are the i8 rows at `at`. */
export function readRows(at: usize): void {
  weightRows = at;
}
