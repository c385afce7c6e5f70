// acc[oy, ox, c] = bias[c] + Σ x[oy·sy − top + ky·dy, ox·sx − left + kx·dx, c] · w[ky, kx, c]

import { DType, WeightedField } from "../abi";
import { word } from "../memory/plan";
import { channels, data, dtype, height, width } from "../memory/tensor";
import { eightNibbles, nibble } from "./nibbles";
import { biasRow, input, isInt4, output, rowBytes, startRow, weights } from "./weighted";

/** @param op  input u8 | i8 | i16 [h, w, c], weights i8 or int4 [kh, kw, c], output i32 [oh, ow, c] */
export function depthwise(op: usize): void {
  switch (dtype(input(op))) {
    case DType.U8: convolve<u8>(op); break;
    case DType.I8: convolve<i8>(op); break;
    default: convolve<i16>(op);
  }
}

function convolve<T>(op: usize): void {
  const from = input(op), to = output(op), base = weights(op), bias = biasRow(op);
  const h = height(from), w = width(from), c = channels(from), oh = height(to), ow = width(to);
  const kh = <i32>word(op, WeightedField.KernelH), kw = <i32>word(op, WeightedField.KernelW);
  const dy = <i32>word(op, WeightedField.DilationY), dx = <i32>word(op, WeightedField.DilationX);
  const sy = <i32>word(op, WeightedField.StrideY), sx = <i32>word(op, WeightedField.StrideX);
  const int4 = isInt4(op), bytes = rowBytes(op, c);
  const padTop = <i32>word(op, WeightedField.PadTop), padLeft = <i32>word(op, WeightedField.PadLeft);
  let out = data(to);
  for (let oy = 0; oy < oh; oy++) {
    for (let ox = 0; ox < ow; ox++, out += <usize>c << 2) {
      startRow(out, bias, c);
      for (let ky = 0; ky < kh; ky++) {
        const y = oy * sy - padTop + ky * dy;
        if (<u32>y >= <u32>h) continue;
        for (let kx = 0; kx < kw; kx++) {
          const x = ox * sx - padLeft + kx * dx;
          if (<u32>x >= <u32>w) continue;
          addTap<T>(data(from) + <usize>((y * w + x) * c) * sizeof<T>(), base + <usize>((ky * kw + kx) * bytes), out, c, int4);
        }
      }
    }
  }
}

/** out[i] += x[i] · w[i] for one tap of one pixel. */
function addTap<T>(x: usize, w: usize, out: usize, n: i32, int4: bool): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 8 <= n; i += 8) {
      const values = sizeof<T>() == 2 ? v128.load(x + (<usize>i << 1)) : isSigned<T>() ? v128.load8x8_s(x + i) : v128.load8x8_u(x + i);
      if (!v128.any_true(values)) continue;
      const taps = int4 ? eightNibbles(w + (i >> 1)) : v128.load8x8_s(w + i);
      const at = out + (<usize>i << 2);
      v128.store(at, i32x4.add(v128.load(at), i32x4.extmul_low_i16x8_s(values, taps)));
      v128.store(at, i32x4.add(v128.load(at, 16), i32x4.extmul_high_i16x8_s(values, taps)), 16);
    }
  }
  for (; i < n; i++) {
    const at = out + (<usize>i << 2);
    const weight = int4 ? nibble(w, i) : <i32>load<i8>(w + i);
    store<i32>(at, load<i32>(at) + <i32>load<T>(x + i * sizeof<T>()) * weight);
  }
}
