// Saturation to the range of a dtype.

import { DType } from "../abi";

export function lowest(type: DType): i64 {
  switch (type) {
    case DType.U8: return 0;
    case DType.I8: return i8.MIN_VALUE;
    case DType.I16: return i16.MIN_VALUE;
    default: return i32.MIN_VALUE;
  }
}

export function highest(type: DType): i64 {
  switch (type) {
    case DType.U8: return u8.MAX_VALUE;
    case DType.I8: return i8.MAX_VALUE;
    case DType.I16: return i16.MAX_VALUE;
    default: return i32.MAX_VALUE;
  }
}

/** v, or the end of `type`'s range that it passed. In 64 bits, so that nothing wraps first. */
export function saturate(v: i64, type: DType): i32 {
  return <i32>min<i64>(max<i64>(v, lowest(type)), highest(type));
}
