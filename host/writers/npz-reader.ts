import { crc32, inflateRawSync } from "node:zlib";
import { SaccadeError } from "../errors.js";
import { type NpyArray, readNpy } from "./npy.js";

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, MAX_COMMENT_BYTES = 65535;
const STORED = 0, DEFLATED = 8;
/** No array here is larger. */
const MAX_ENTRY_BYTES = 2 ** 31 - 1;

/**
 * Reads NumPy's .npz, stored or deflated: arrays by name, without `.npy`.
 * @param bytes the whole file
 * @throws SaccadeError RECORDING_CORRUPT, RECORDING_UNSUPPORTED
 */
export function readNpz(bytes: Uint8Array): Record<string, NpyArray> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { entries, at } = findDirectory(file);
  const arrays: Record<string, NpyArray> = {};
  let entryAt = at;
  for (let i = 0; i < entries; i++) {
    if (entryAt + CENTRAL_BYTES > file.length || file.readUInt32LE(entryAt) !== CENTRAL) throw corrupt("has a broken directory");
    const nameBytes = file.readUInt16LE(entryAt + 28);
    const name = file.toString("utf8", entryAt + CENTRAL_BYTES, entryAt + CENTRAL_BYTES + nameBytes);
    arrays[name.replace(/\.npy$/, "")] = readNpy(readEntry(file, entryAt, name));
    entryAt += CENTRAL_BYTES + nameBytes + file.readUInt16LE(entryAt + 30) + file.readUInt16LE(entryAt + 32);
  }
  return arrays;
}

const corrupt = (what: string): SaccadeError =>
  new SaccadeError("RECORDING_CORRUPT", `the .npz file ${what}`, "write it again with numpy.savez");

function findDirectory(file: Buffer): { entries: number; at: number } {
  for (let at = file.length - END_BYTES; at >= 0 && at >= file.length - END_BYTES - MAX_COMMENT_BYTES; at--)
    if (file.readUInt32LE(at) === END) return { entries: file.readUInt16LE(at + 10), at: file.readUInt32LE(at + 16) };
  throw corrupt("has no directory");
}

function readEntry(file: Buffer, centralAt: number, name: string): Uint8Array {
  const method = file.readUInt16LE(centralAt + 10);
  const crc = file.readUInt32LE(centralAt + 16), packed = file.readUInt32LE(centralAt + 20), size = file.readUInt32LE(centralAt + 24);
  const localAt = file.readUInt32LE(centralAt + 42);
  if (localAt + LOCAL_BYTES > file.length || file.readUInt32LE(localAt) !== LOCAL) throw corrupt(`has no entry ${name}`);
  const dataAt = localAt + LOCAL_BYTES + file.readUInt16LE(localAt + 26) + file.readUInt16LE(localAt + 28);
  if (dataAt + packed > file.length || size > MAX_ENTRY_BYTES) throw corrupt(`ends within ${name}`);
  const bytes = unpack(file.subarray(dataAt, dataAt + packed), method, size, name);
  if (bytes.length !== size || crc32(bytes) !== crc) throw corrupt(`has damaged bytes in ${name}`);
  return bytes;
}

function unpack(bytes: Buffer, method: number, size: number, name: string): Buffer {
  if (method === STORED) return bytes;
  if (method !== DEFLATED)
    throw new SaccadeError("RECORDING_UNSUPPORTED", `${name} is packed by zip method ${method}`, "write it again with numpy.savez");
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new SaccadeError("RECORDING_CORRUPT", `the .npz file has damaged bytes in ${name}`, "write it again with numpy.savez", { cause });
  }
}
