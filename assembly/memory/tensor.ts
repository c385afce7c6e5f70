// Tensor records: h × w × c integers in the arena, c fastest.

import { DType, TensorField } from "../abi";
import { arena, word } from "./plan";

export function height(tensor: usize): i32 {
  return word(tensor, TensorField.H);
}

export function width(tensor: usize): i32 {
  return word(tensor, TensorField.W);
}

export function channels(tensor: usize): i32 {
  return word(tensor, TensorField.C);
}

export function bound(tensor: usize): u32 {
  return word(tensor, TensorField.Bound);
}

export function dtype(tensor: usize): DType {
  return word(tensor, TensorField.DType);
}

/** Address of element 0. */
export function data(tensor: usize): usize {
  return arena(word(tensor, TensorField.Offset));
}

/** h · w · c, at most MAX_ELEMENTS. */
export function elements(tensor: usize): i32 {
  return height(tensor) * width(tensor) * channels(tensor);
}

/** log2 of an element's bytes. */
export function elementShift(type: DType): i32 {
  return type == DType.I32 ? 2 : type == DType.I16 ? 1 : 0;
}

/** Element i of a tensor of any dtype, at `at`, widened. */
export function loadElement(at: usize, type: DType, i: i32): i32 {
  switch (type) {
    case DType.U8: return <i32>load<u8>(at + i);
    case DType.I8: return <i32>load<i8>(at + i);
    case DType.I16: return <i32>load<i16>(at + (<usize>i << 1));
    default: return load<i32>(at + (<usize>i << 2));
  }
}

/** Stores the low bits; the caller has saturated. */
export function storeElement(at: usize, type: DType, i: i32, value: i32): void {
  switch (type) {
    case DType.U8:
    case DType.I8: store<u8>(at + i, <u8>value); break;
    case DType.I16: store<i16>(at + (<usize>i << 1), <i16>value); break;
    default: store<i32>(at + (<usize>i << 2), value);
  }
}
