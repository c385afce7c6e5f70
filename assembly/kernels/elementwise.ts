// Add, Concat, Upsample: values move or meet, none is scaled.

import { ConcatField, DType, OpField, UpsampleField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { countSaturations } from "../memory/state";
import { bound, channels, data, dtype, elementShift, elements, height, loadElement, storeElement, width } from "../memory/tensor";
import { highest, saturate } from "../numeric/saturate";
import { lanesOf } from "./rescale";

/** out = saturate(a + b), all of one dtype and shape. */
export function add(op: usize): void {
  const a = tensorRecord(word(op, OpField.A)), b = tensorRecord(word(op, OpField.B)), to = tensorRecord(word(op, OpField.Out));
  const type = dtype(a), n = elements(a);
  const x = data(a), y = data(b), out = data(to);
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    // Only where the bounds show that no sum can leave the dtype: then nothing saturates, and nothing needs counting.
    if (<u64>bound(a) + <u64>bound(b) <= <u64>highest(type)) i = addExact(x, y, out, type, n);
    else if (type == DType.I16) i = addSaturated(x, y, out, n);
  }
  let saturated = 0;
  for (; i < n; i++) {
    const exact = <i64>loadElement(x, type, i) + <i64>loadElement(y, type, i);
    const kept = saturate(exact, type);
    saturated += i32(<i64>kept != exact);
    storeElement(out, type, i, kept);
  }
  countSaturations(saturated);
}

/** Whole vectors only. @returns elements done */
function addExact(x: usize, y: usize, out: usize, type: DType, n: i32): i32 {
  const shift = elementShift(type), lanes = 16 >> shift;
  let i = 0;
  for (; i + lanes <= n; i += lanes) {
    const at = <usize>i << shift;
    const p = v128.load(x + at), q = v128.load(y + at);
    v128.store(out + at, shift == 0 ? i8x16.add(p, q) : shift == 1 ? i16x8.add(p, q) : i32x4.add(p, q));
  }
  return i;
}

/** Eights of i16 only. @returns elements done */
function addSaturated(x: usize, y: usize, out: usize, n: i32): i32 {
  const whole = n & ~7;
  let saturated = 0;
  for (let i = 0; i < whole; ) {
    let clamps = i16x8.splat(0);
    for (const stop = min(whole, i + 8 * <i32>u16.MAX_VALUE); i < stop; i += 8) {
      const at = <usize>i << 1, p = v128.load(x + at), q = v128.load(y + at), sum = i16x8.add_sat_s(p, q);
      // Unequal to the wrapped sum: the true sum lay outside.
      clamps = i16x8.sub(clamps, i16x8.ne(sum, i16x8.add(p, q)));
      v128.store(out + at, sum);
    }
    saturated += lanesOf(clamps);
  }
  countSaturations(saturated);
  return whole;
}

/** Copies [h, w, ca] to channels ChannelOffset.. of [h, w, co]. */
export function concat(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out));
  const shift = elementShift(dtype(from)), pixels = height(from) * width(from);
  const run = <usize>channels(from) << shift, stride = <usize>channels(to) << shift;
  let at = data(from), out = data(to) + (<usize>word(op, ConcatField.ChannelOffset) << shift);
  for (let i = 0; i < pixels; i++, at += run, out += stride) memory.copy(out, at, run);
}

/** Nearest: out[y, x] = in[y / fy, x / fx]. */
export function upsample(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out));
  const pixel = <usize>channels(from) << elementShift(dtype(from));
  const fy = <i32>word(op, UpsampleField.FactorY), fx = <i32>word(op, UpsampleField.FactorX);
  const w = width(from), oh = height(to), ow = width(to);
  let out = data(to);
  for (let y = 0; y < oh; y++) {
    const line = data(from) + <usize>(y / fy * w) * pixel;
    for (let x = 0; x < ow; x++, out += pixel) memory.copy(out, line + <usize>(x / fx) * pixel, pixel);
  }
}
