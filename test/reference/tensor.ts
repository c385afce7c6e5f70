import { DType } from "../../assembly/abi.js";

/** h × w × c integers, c fastest. The oracles keep plain numbers, so that an overflow shows as a value out of range. */
export interface Tensor {
  readonly dtype: DType;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly data: number[];
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const RANGES: Readonly<Record<DType, Range>> = {
  [DType.U8]: { min: 0, max: 255 },
  [DType.I8]: { min: -128, max: 127 },
  [DType.I16]: { min: -32768, max: 32767 },
  [DType.I32]: { min: -2147483648, max: 2147483647 },
};

export function rangeOf(dtype: DType): Range {
  return RANGES[dtype];
}

export function bytesOf(dtype: DType): number {
  return dtype === DType.I32 ? 4 : dtype === DType.I16 ? 2 : 1;
}

export function zeros(dtype: DType, h: number, w: number, c: number): Tensor {
  return { dtype, h, w, c, data: new Array<number>(h * w * c).fill(0) };
}

/** The element at row y, column x, channel c; undefined outside the image. */
export function at(tensor: Tensor, y: number, x: number, c: number): number | undefined {
  if (y < 0 || y >= tensor.h || x < 0 || x >= tensor.w) return undefined;
  return tensor.data[(y * tensor.w + x) * tensor.c + c];
}

/** A tensor whose element (y, x, c) is what `value` says; it must fit the dtype. */
export function tensorFrom(
  dtype: DType, h: number, w: number, c: number, value: (y: number, x: number, c: number) => number,
): Tensor {
  const { min, max } = rangeOf(dtype);
  const data: number[] = [];
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let k = 0; k < c; k++) {
        const element = value(y, x, k);
        if (!Number.isInteger(element) || element < min || element > max) {
          throw new RangeError(`${element} at (${y}, ${x}, ${k}) is not in ${min}..${max}`);
        }
        data.push(element === 0 ? 0 : element);
      }
  return { dtype, h, w, c, data };
}

/** The nearest value that the dtype holds. */
export function saturate(value: bigint, dtype: DType): number {
  const { min, max } = rangeOf(dtype);
  if (value < BigInt(min)) return min;
  if (value > BigInt(max)) return max;
  return Number(value);
}

export interface Fitted {
  readonly tensor: Tensor;
  /** Elements that saturation changed. */
  readonly saturations: number;
}

/** Exact values, saturated to `dtype` and counted. */
export function fit({ h, w, c }: { h: number; w: number; c: number }, exact: readonly bigint[], dtype: DType): Fitted {
  const data = exact.map((value) => saturate(value, dtype));
  return { tensor: { dtype, h, w, c, data }, saturations: exact.filter((value, i) => value !== BigInt(data[i]!)).length };
}

/** Little-endian bytes, as the arena holds them. */
export function toBytes({ dtype, data }: Tensor): Uint8Array {
  const width = bytesOf(dtype);
  const bytes = new Uint8Array(data.length * width);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => write(view, i * width, dtype, value));
  return bytes;
}

export function fromBytes(bytes: Uint8Array, dtype: DType, h: number, w: number, c: number): Tensor {
  const width = bytesOf(dtype);
  if (bytes.length !== h * w * c * width) throw new RangeError(`${bytes.length} bytes for ${h}×${w}×${c} of ${width}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { dtype, h, w, c, data: Array.from({ length: h * w * c }, (_, i) => read(view, i * width, dtype)) };
}

export function read(view: DataView, offset: number, dtype: DType): number {
  switch (dtype) {
    case DType.U8: return view.getUint8(offset);
    case DType.I8: return view.getInt8(offset);
    case DType.I16: return view.getInt16(offset, true);
    case DType.I32: return view.getInt32(offset, true);
  }
}

export function write(view: DataView, offset: number, dtype: DType, value: number): void {
  switch (dtype) {
    case DType.U8: return view.setUint8(offset, value);
    case DType.I8: return view.setInt8(offset, value);
    case DType.I16: return view.setInt16(offset, value, true);
    case DType.I32: return view.setInt32(offset, value, true);
  }
}
