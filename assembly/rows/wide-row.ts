// Input rows with zeros where the kernel reaches beyond them, as i16, or as bytes for the relaxed dot, in a ring of `span` slots.

import { DType } from "../abi";
import { wideRows, zeros } from "../memory/workspace";
import { ci, dy, ih, inputAt, inputType, iw, kh, padLeft, paddedWidth, span, wideElement } from "./geometry";

/** Bytes behind a row that a vector load may read. */
const SLACK: u32 = 32;

/** Bytes of one slot for the op at hand. */
export function wideBytes(): u32 {
  return (<u32>(paddedWidth * ci * wideElement) + SLACK + 15) & ~15;
}

/** Addresses of the kernel's rows, MAX_KERNEL of them. */
export function wideTable(): usize {
  return memory.data(256, 16);
}

/** Which input row each slot holds, −1 for none; `span` of them, at most MAX_KERNEL. */
function tags(): usize {
  return memory.data(256, 16);
}

/** Empties the ring and the margins of its slots. */
export function beginWide(): void {
  const bytes = <usize>wideBytes(), left = <usize>(padLeft * ci * wideElement), right = left + <usize>(iw * ci * wideElement);
  for (let slot = 0; slot < span; slot++) {
    store<i32>(tags() + (<usize>slot << 2), -1);
    const at = wideRows + <usize>slot * bytes;
    if (left > 0) memory.fill(at, 0, left);
    memory.fill(at + right, 0, bytes - right);
  }
}

/** Fills wideTable with the rows that an output row beginning at input row `top` reads. */
export function wideRowsAt(top: i32): void {
  const table = wideTable(), bytes = wideBytes();
  for (let ky = 0, y = top; ky < kh; ky++, y += dy) {
    store<usize>(table + (<usize>ky << 2), <u32>y < <u32>ih ? wideRow(y, bytes) : zeros);
  }
}

function wideRow(y: i32, bytes: u32): usize {
  if (ASC_FEATURE_RELAXED_SIMD) {
    // What a kernel reads behind the row meets weights of zero.
    if (wideElement == 1 && paddedWidth == iw) return inputAt + <usize>(y * iw * ci);
  }
  const slot = <usize>(y % span), at = wideRows + slot * bytes, tag = tags() + (slot << 2);
  if (load<i32>(tag) != y) {
    const n = iw * ci, to = at + <usize>(padLeft * ci * wideElement);
    switch (inputType) {
      case DType.U8: if (wideElement == 1) memory.copy(to, inputAt + <usize>(y * n), n); else widen<u8>(inputAt + <usize>(y * n), to, n); break;
      case DType.I8: widen<i8>(inputAt + <usize>(y * n), to, n); break;
      default: widen<i16>(inputAt + <usize>(y * n * 2), to, n);
    }
    store<i32>(tag, y);
  }
  return at;
}

/** to[0..n−1] = from[0..n−1] */
function widen<T>(from: usize, to: usize, n: i32): void {
  const step: i32 = 16 / sizeof<T>();
  let i = 0;
  for (; i + step <= n; i += step) {
    const v = v128.load(from + <usize>i * sizeof<T>()), at = to + (<usize>i << 1);
    if (sizeof<T>() == 2) {
      v128.store(at, v);
    } else if (isSigned<T>()) {
      v128.store(at, i16x8.extend_low_i8x16_s(v));
      v128.store(at, i16x8.extend_high_i8x16_s(v), 16);
    } else {
      v128.store(at, i16x8.extend_low_i8x16_u(v));
      v128.store(at, i16x8.extend_high_i8x16_u(v), 16);
    }
  }
  for (; i < n; i++) store<i16>(to + (<usize>i << 1), <i16>load<T>(from + <usize>i * sizeof<T>()));
}
