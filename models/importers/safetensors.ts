import { ModelError } from "../errors.js";

/** Bytes of an element, by safetensors' name of its dtype. */
const DTYPE_BYTES = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8,
} as const;

export type SafeDType = keyof typeof DTYPE_BYTES;

export interface SafeTensor {
  readonly name: string;
  readonly dtype: SafeDType;
  readonly shape: readonly number[];
  /** A view of the file. */
  readonly bytes: Uint8Array;
}

export interface SafeTensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_TENSORS = 65536;
const MAX_RANK = 8;
const BRACE = 0x7b;
const METADATA = "__metadata__";

/**
 * Reads a safetensors file: u64 length, JSON header, tensors back to back without holes, all little-endian.
 * @throws ModelError NETWORK_CORRUPT
 */
export function readSafetensors(file: Uint8Array): SafeTensors {
  if (file.byteLength < LENGTH_BYTES + 2) throw corrupt(`it has ${file.byteLength} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length > file.byteLength - LENGTH_BYTES) throw corrupt(`its header claims ${length} bytes`);
  const header = parseHeader(file.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const data = file.subarray(LENGTH_BYTES + length);
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  if (entries.length > MAX_TENSORS) throw corrupt(`it has more than ${MAX_TENSORS} tensors`);
  const placed = entries.map(([name, entry]) => readEntry(name, entry, data));
  checkNoHoles(placed, data.byteLength);
  return { metadata: readMetadata(header[METADATA]), tensors: new Map(placed.map(({ tensor }) => [tensor.name, tensor])) };
}

/** The elements of an I8 tensor. */
export function int8Of(tensor: SafeTensor): Int8Array {
  if (tensor.dtype !== "I8") throw corrupt(`its tensor ${tensor.name} is ${tensor.dtype}, not I8`);
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  return new Int8Array(buffer, byteOffset, byteLength).slice();
}

/** The elements of an I32 tensor. */
export function int32Of(tensor: SafeTensor): Int32Array {
  if (tensor.dtype !== "I32") throw corrupt(`its tensor ${tensor.name} is ${tensor.dtype}, not I32`);
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  return Int32Array.from({ length: byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== BRACE) throw corrupt("its header does not begin with {");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Record<string, unknown>;
  } catch (cause) {
    throw corrupt("its header is no JSON", cause);
  }
}

interface Placed {
  readonly tensor: SafeTensor;
  readonly begin: number;
  readonly end: number;
}

function readEntry(name: string, entry: unknown, data: Uint8Array): Placed {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPE_BYTES, dtype)) throw corrupt(`its tensor ${name} has no known dtype`);
  if (!isSizes(shape) || shape.length > MAX_RANK) throw corrupt(`its tensor ${name} has no shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw corrupt(`its tensor ${name} has no data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > data.byteLength) throw corrupt(`its tensor ${name} lies at ${begin}..${end} of ${data.byteLength} bytes`);
  const bytes = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype as SafeDType]);
  if (bytes !== end - begin) throw corrupt(`its tensor ${name} of shape ${shape.join(" × ")} has ${end - begin} bytes`);
  return { tensor: { name, dtype: dtype as SafeDType, shape, bytes: data.subarray(begin, end) }, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function checkNoHoles(placed: readonly Placed[], bytes: number): void {
  let at = 0;
  for (const { tensor, begin, end } of [...placed].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw corrupt(`its tensor ${tensor.name} begins at ${begin}, where ${at} was due`);
    at = end;
  }
  if (at !== bytes) throw corrupt(`${bytes - at} bytes follow its last tensor`);
}

function readMetadata(metadata: unknown): Map<string, string> {
  const entries = Object.entries(metadata ?? {});
  if (entries.some(([, value]) => typeof value !== "string")) throw corrupt("its metadata holds more than text");
  return new Map(entries as [string, string][]);
}

function corrupt(what: string, cause?: unknown): ModelError {
  return new ModelError("NETWORK_CORRUPT", `the file is no sound safetensors file: ${what}`, "export it again",
    cause === undefined ? undefined : { cause });
}
