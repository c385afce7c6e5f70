import { crc32 } from "node:zlib";

const LZMA2_FILTER = [0x21, 0x01, 0x16];
const MOST_IN_CHUNK = 65536;

/** An .xz file of bytes as they are: LZMA2 chunks that pack nothing, check CRC32. Source: the .xz file format 1.2.1. */
export function xzOf(content: Uint8Array): Buffer {
  const flags = Buffer.from([0x00, 0x01]);
  const header = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), flags, u32(crc32(flags))]);
  const blockHead = Buffer.concat([Buffer.from([0x02, 0x00, ...LZMA2_FILTER]), Buffer.alloc(3)]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += MOST_IN_CHUNK) {
    const part = content.subarray(at, at + MOST_IN_CHUNK);
    const size = part.length - 1;
    chunks.push(Buffer.from([at === 0 ? 1 : 2, size >> 8, size & 0xff]), Buffer.from(part));
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const block = Buffer.concat([blockHead, u32(crc32(blockHead)), padded(data), u32(crc32(content))]);
  const unpadded = blockHead.length + 4 + data.length + 4;
  const records = padded(Buffer.concat([Buffer.from([0x00, 0x01]), varint(unpadded), varint(content.length)]));
  const index = Buffer.concat([records, u32(crc32(records))]);
  const foot = Buffer.concat([u32(index.length / 4 - 1), flags]);
  return Buffer.concat([header, block, index, u32(crc32(foot)), foot, Buffer.from("YZ")]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}
