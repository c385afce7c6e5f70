import { crc32 } from "node:zlib";
import { SaccadeError } from "../errors.js";
import { type FileSink, writeFileWhole } from "./file-sink.js";
import { type NpyArray, type NpyDtype, npyBytes, npyHeader } from "./npy.js";

export type { NpyArray, NpyDtype } from "./npy.js";

/** An array that comes in pieces: bytes little-endian and row-major, of exactly the size that dtype and shape say. */
export interface NpyStream {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22;
const ZIP_VERSION = 20, STORED = 0;
/** 1 January 1980, the zip epoch: the same arrays give the same file. */
const DOS_DATE = 0x21;
const MAX_ZIP_BYTES = 2 ** 32 - 1;

interface Entry {
  readonly name: Buffer;
  readonly at: number;
  readonly crc: number;
  readonly bytes: number;
}

/**
 * Writes arrays as NumPy's .npz: a zip of .npy files, stored. The same arrays always give the same bytes.
 * @param path where; the file appears only when complete
 * @param arrays by name; at most 4 GiB in all
 * @throws SaccadeError FILE_UNWRITABLE; INTERNAL when data is not of the size that dtype and shape say
 */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyArray | NpyStream>>): Promise<void> {
  await writeFileWhole(path, async (sink) => {
    const entries: Entry[] = [];
    for (const [name, array] of Object.entries(arrays)) entries.push(await writeEntry(sink, name, array));
    const directoryAt = sink.length;
    for (const entry of entries) await sink.write(Buffer.concat([centralHead(entry), entry.name]));
    await sink.write(endRecord(entries.length, sink.length - directoryAt, directoryAt));
    if (sink.length > MAX_ZIP_BYTES) throw tooLarge(path);
  });
}

async function writeEntry(sink: FileSink, key: string, array: NpyArray | NpyStream): Promise<Entry> {
  const header = npyHeader(array.dtype, array.shape);
  const dataBytes = npyBytes(array.dtype, array.shape);
  const bytes = header.length + dataBytes;
  if (sink.length + bytes > MAX_ZIP_BYTES) throw tooLarge(sink.path);
  const name = Buffer.from(`${key}.npy`, "utf8");
  const at = sink.length;
  await sink.write(Buffer.concat([localHead(name, 0, bytes), name, header]));
  let crc = crc32(header);
  let written = 0;
  const pieces = ArrayBuffer.isView(array.data)
    ? [new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength)]
    : array.data;
  for await (const piece of pieces) {
    // zlib's crc32 of no bytes is 0, whatever came before.
    if (piece.length === 0) continue;
    crc = crc32(piece, crc);
    written += piece.length;
    await sink.write(piece);
  }
  if (written !== dataBytes)
    throw new SaccadeError(
      "INTERNAL",
      `array ${key} holds ${written} bytes, its shape says ${dataBytes}`,
      "report this with the command that led to it",
    );
  await sink.patch(at, localHead(name, crc, bytes));
  return { name, at, crc, bytes };
}

const tooLarge = (path: string): SaccadeError =>
  new SaccadeError("FILE_UNWRITABLE", `${path} would be larger than 4 GiB`, "convert a part of the recording, or to aedat4");

function localHead(name: Buffer, crc: number, bytes: number): Buffer {
  const head = Buffer.alloc(LOCAL_BYTES);
  head.writeUInt32LE(LOCAL, 0);
  head.writeUInt16LE(ZIP_VERSION, 4);
  putCommon(head, 6, name, crc, bytes);
  return head;
}

function centralHead({ name, at, crc, bytes }: Entry): Buffer {
  const head = Buffer.alloc(CENTRAL_BYTES);
  head.writeUInt32LE(CENTRAL, 0);
  head.writeUInt16LE(ZIP_VERSION, 4);
  head.writeUInt16LE(ZIP_VERSION, 6);
  putCommon(head, 8, name, crc, bytes);
  head.writeUInt32LE(at, 42);
  return head;
}

/** What the local and the central head share: flags, method, time, date, CRC, sizes, lengths of name and extra field. */
function putCommon(head: Buffer, at: number, name: Buffer, crc: number, bytes: number): void {
  head.writeUInt16LE(STORED, at + 2);
  head.writeUInt16LE(DOS_DATE, at + 6);
  head.writeUInt32LE(crc, at + 8);
  head.writeUInt32LE(bytes, at + 12);
  head.writeUInt32LE(bytes, at + 16);
  head.writeUInt16LE(name.length, at + 20);
}

function endRecord(entries: number, bytes: number, at: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(at, 16);
  return end;
}
