import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";
import { Table } from "./flatbuffer.js";
import { sizeOf } from "./sensor-size.js";

export const AEDAT4_MAGIC = "#!AER-DAT4.0\r\n";
export const AEDAT4_HEADER_LIMIT = 1 << 22;

/** `IOHeader.compression`. */
export const COMPRESSIONS = ["none", "lz4", "lz4", "zstd", "zstd"] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** One stream of the file: what its packets hold, and of which size its sensor is. */
export interface Aedat4Stream {
  readonly kind: string;
  readonly size: SensorSize | undefined;
}

export interface Aedat4Header {
  readonly bodyAt: number;
  readonly compression: Compression;
  /** Where the packets end and the index begins, bytes from the start; −1 when the recorder did not get to write it. */
  readonly tableAt: number;
  readonly streams: ReadonlyMap<number, Aedat4Stream>;
}

/**
 * The `IOHeader` after the version line: compression, index position, and an XML tree that describes the streams.
 * @returns undefined when more bytes are needed
 * @throws SaccadeError RECORDING_CORRUPT, RECORDING_UNSUPPORTED
 */
export function readAedat4Header(head: Uint8Array, ended: boolean): Aedat4Header | undefined {
  const corrupt = (what: string): SaccadeError =>
    new SaccadeError("RECORDING_CORRUPT", what, "check that the file is complete, or name its format with --as");
  const lengthAt = AEDAT4_MAGIC.length;
  if (head.length < lengthAt + 4) {
    if (ended) throw corrupt("the file ends within the AEDAT 4 header");
    return undefined;
  }
  if (Buffer.from(head.subarray(0, lengthAt)).toString("latin1") !== AEDAT4_MAGIC)
    throw corrupt("the file does not begin as AEDAT 4.0 does");
  const length = new DataView(head.buffer, head.byteOffset).getUint32(lengthAt, true);
  const bodyAt = lengthAt + 4 + length;
  if (bodyAt > AEDAT4_HEADER_LIMIT) throw corrupt(`the AEDAT 4 header says it is ${length} bytes long`);
  if (head.length < bodyAt) {
    if (ended) throw corrupt("the file ends within the AEDAT 4 header");
    return undefined;
  }
  const table = Table.root(head.subarray(0, bodyAt), lengthAt + 4, "IOHE");
  const info = table?.text(2);
  if (!table || info === undefined) throw corrupt("the AEDAT 4 header is no readable FlatBuffer");
  const code = table.i32(0, 0);
  const compression = COMPRESSIONS[code];
  if (compression === undefined)
    throw new SaccadeError("RECORDING_UNSUPPORTED", `AEDAT 4 compression ${code} is not known`, "save it again with LZ4 or zstd");
  return { bodyAt, compression, tableAt: table.i64(1, -1), streams: readStreams(info) };
}

/** Streams by id: `node outInfo` holds a node a stream, named by its id, with attributes; its node `info` has the size. */
function readStreams(xml: string): Map<number, Aedat4Stream> {
  const found = new Map<string, Map<string, string>>();
  const path: string[] = [];
  for (const [, closing, tag, attributes, empty, text] of xml.matchAll(/<(\/?)(node|attr)\b([^<>]*?)(\/?)>([^<]*)/g)) {
    if (tag === "node") {
      if (closing) path.pop();
      else if (!empty) path.push(/\bname="([^"]*)"/.exec(attributes!)?.[1] ?? "");
    } else if (!closing) {
      const id = path[path.lastIndexOf("outInfo") + 1];
      const key = /\bkey="([^"]*)"/.exec(attributes!)?.[1];
      if (!path.includes("outInfo") || id === undefined || key === undefined) continue;
      const values = found.get(id) ?? new Map<string, string>();
      if (!values.has(key)) values.set(key, text!);
      found.set(id, values);
    }
  }
  const streams = new Map<number, Aedat4Stream>();
  for (const [id, values] of found)
    if (/^\d+$/.test(id))
      streams.set(Number(id), {
        kind: values.get("typeIdentifier") ?? "",
        size: sizeOf(Number(values.get("sizeX")), Number(values.get("sizeY"))),
      });
  return streams;
}
