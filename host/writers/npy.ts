import { SaccadeError } from "../errors.js";

/** NumPy's names of the number types that are used here, and their bytes. */
export const NPY_DTYPES = {
  "|b1": 1,
  "|u1": 1,
  "|i1": 1,
  "<u2": 2,
  "<i2": 2,
  "<u4": 4,
  "<i4": 4,
  "<u8": 8,
  "<i8": 8,
  "<f4": 4,
  "<f8": 8,
} as const;

export type NpyDtype = keyof typeof NPY_DTYPES;

/** An array as NumPy sees it: row-major, little-endian. `data` holds exactly the product of `shape` elements. */
export interface NpyArray {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

const MAGIC = "\x93NUMPY";
const VERSION_1 = "\x01\x00";
const HEAD_BYTES = 10, ALIGN = 64, MAX_HEAD_BYTES = 1 << 16;

/** Bytes that an array of this type and shape takes. */
export function npyBytes(dtype: NpyDtype, shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, NPY_DTYPES[dtype]);
}

/** The header of a .npy file, version 1.0, padded so that the data begins on 64 bytes. Source: NumPy's format page. */
export function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((HEAD_BYTES + text.length + 1) / ALIGN) * ALIGN - HEAD_BYTES;
  const header = Buffer.alloc(HEAD_BYTES + length, 0x20);
  header.write(MAGIC + VERSION_1, 0, "latin1");
  header.writeUInt16LE(length, 8);
  header.write(text, HEAD_BYTES, "latin1");
  header[header.length - 1] = 0x0a;
  return header;
}

/**
 * Reads a .npy file, version 1 or 2, row-major.
 * @returns an array whose data is a copy of its own
 * @throws SaccadeError RECORDING_CORRUPT, RECORDING_UNSUPPORTED
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  const corrupt = (what: string): SaccadeError =>
    new SaccadeError("RECORDING_CORRUPT", `the .npy array ${what}`, "write the array again with numpy.save");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < HEAD_BYTES + 2 || buffer.toString("latin1", 0, 6) !== MAGIC) throw corrupt("has no header");
  const wide = buffer[6]! >= 2;
  const length = wide ? buffer.readUInt32LE(8) : buffer.readUInt16LE(8);
  const textAt = wide ? 12 : HEAD_BYTES;
  const dataAt = textAt + length;
  if (length > MAX_HEAD_BYTES || dataAt > buffer.length) throw corrupt("ends within its header");
  const text = buffer.toString("latin1", textAt, dataAt);
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const shapeText = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || shapeText === undefined) throw corrupt("has a header that names no type or shape");
  if (!(descr in NPY_DTYPES) || !/'fortran_order':\s*False/.test(text))
    throw new SaccadeError(
      "RECORDING_UNSUPPORTED",
      `the .npy array is of type ${descr} or column-major`,
      `save it row-major as one of ${Object.keys(NPY_DTYPES).join(" ")}`,
    );
  const dtype = descr as NpyDtype;
  const shape = shapeText
    .split(",")
    .map((side) => side.trim())
    .filter((side) => side !== "")
    .map(Number);
  const size = npyBytes(dtype, shape);
  if (dataAt + size > buffer.length) throw corrupt(`should hold ${size} bytes and holds ${buffer.length - dataAt}`);
  return { dtype, shape, data: viewOf(dtype, new Uint8Array(bytes.subarray(dataAt, dataAt + size))) };
}

function viewOf(dtype: NpyDtype, bytes: Uint8Array<ArrayBuffer>): ArrayBufferView {
  const { buffer } = bytes;
  switch (dtype) {
    case "|b1":
    case "|u1":
      return bytes;
    case "|i1":
      return new Int8Array(buffer);
    case "<u2":
      return new Uint16Array(buffer);
    case "<i2":
      return new Int16Array(buffer);
    case "<u4":
      return new Uint32Array(buffer);
    case "<i4":
      return new Int32Array(buffer);
    case "<u8":
      return new BigUint64Array(buffer);
    case "<i8":
      return new BigInt64Array(buffer);
    case "<f4":
      return new Float32Array(buffer);
    case "<f8":
      return new Float64Array(buffer);
  }
}
