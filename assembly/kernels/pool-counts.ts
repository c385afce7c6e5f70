// Max and sum pools of counts, u8 to u8, sixteen channels at a time; what all pixels share is read once.

import { DType, Op, OpField, PoolField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { channels, data, dtype, height, width } from "../memory/tensor";

/** Channels of a vector. */
const LANES: i32 = 16;

/** Whether the pool at `op` is one of these; the gate has proven that its sums stay below 256. */
export function poolsCounts(op: usize): bool {
  const code: Op = word(op, OpField.Op);
  if (code != Op.MaxPool && code != Op.SumPool) return false;
  return dtype(tensorRecord(word(op, OpField.A))) == DType.U8 && dtype(tensorRecord(word(op, OpField.Out))) == DType.U8;
}

let line: usize = 0, pixel: usize = 0, outEnd: usize = 0, c: i32 = 0;

/** @param op  for which poolsCounts holds */
export function poolCounts(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out)), isMax = word(op, OpField.Op) == Op.MaxPool;
  const h = height(from), w = width(from), oh = height(to), ow = width(to);
  const kh = <i32>word(op, PoolField.KernelH), kw = <i32>word(op, PoolField.KernelW);
  const sy = <i32>word(op, PoolField.StrideY), sx = <i32>word(op, PoolField.StrideX);
  c = channels(from);
  pixel = c;
  line = <usize>w * pixel;
  let out = data(to), top = -<i32>word(op, PoolField.PadTop);
  outEnd = out + <usize>(oh * ow) * pixel;
  for (let oy = 0; oy < oh; oy++, top += sy) {
    const y = max(0, top), rows = min(h, top + kh) - y, row = data(from) + <usize>y * line;
    let left = -<i32>word(op, PoolField.PadLeft);
    for (let ox = 0; ox < ow; ox++, left += sx, out += pixel) {
      const x = max(0, left), columns = min(w, left + kw) - x;
      if (isMax) poolWindow<bool>(row + <usize>x * pixel, rows, columns, out);
      else poolWindow<u8>(row + <usize>x * pixel, rows, columns, out);
    }
  }
}

/** One output pixel of a window that may be empty. R is bool for the greatest, u8 for the sum. */
function poolWindow<R>(at: usize, rows: i32, columns: i32, out: usize): void {
  const whole = rows == 2 && columns == 2;
  // The last vector of channels begins early enough to end with them, over again what the one before it did.
  for (let ch = 0; ch < c; ch += LANES) {
    const k = <usize>max(0, min(ch, c - LANES));
    let pooled: v128;
    if (whole) {
      const upper = pooled2<R>(v128.load(at + k), v128.load(at + k + pixel));
      pooled = pooled2<R>(upper, pooled2<R>(v128.load(at + k + line), v128.load(at + k + line + pixel)));
    } else {
      pooled = i8x16.splat(0);
      for (let y = 0, from = at + k; y < rows; y++, from += line) {
        for (let x = 0, value = from; x < columns; x++, value += pixel) pooled = pooled2<R>(pooled, v128.load(value));
      }
    }
    if (out + k + LANES <= outEnd) v128.store(out + k, pooled);
    else storeFew(out, pooled);
  }
}

@inline
function pooled2<R>(a: v128, b: v128): v128 {
  return isBoolean<R>() ? i8x16.max_u(a, b) : i8x16.add(a, b);
}

/** The last pixels of fewer channels than lanes, without a byte behind them. (Before, what is written too much is written over.) */
function storeFew(out: usize, pooled: v128): void {
  const lanes = memory.data(16, 16);
  v128.store(lanes, pooled);
  memory.copy(out, lanes, c);
}
