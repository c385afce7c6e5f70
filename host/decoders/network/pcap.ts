import type { NetworkFrame, Records } from "./capture.js";

const HEAD_BYTES = 24, RECORD_HEAD_BYTES = 16;
/** By the first word, read big-endian: the byte order, and parts of a second. */
const KINDS: Readonly<Record<number, { readonly little: boolean; readonly perSecond: number }>> = {
  0xd4c3b2a1: { little: true, perSecond: 1e6 },
  0x4d3cb2a1: { little: true, perSecond: 1e9 },
  0xa1b2c3d4: { little: false, perSecond: 1e6 },
  0xa1b23c4d: { little: false, perSecond: 1e9 },
};
/** Longest frame that the tools write. */
const MOST_BYTES = 1 << 18;
/** From one record to the next the clock moves by no more, seconds. */
const MOST_STEP_SECONDS = 86400;

/**
 * The classic pcap file: u32 magic, u16 versions, zone, accuracy, u32 longest, u32 link type; then records of u32 seconds, u32 parts,
 * u32 bytes here, u32 bytes on the wire. Either byte order, µs or ns. Source: the pcap file format document.
 */
export function pcapRecords(head: DataView): Records | undefined {
  const kind = KINDS[head.getUint32(0)];
  if (kind === undefined) return undefined;
  const { little, perSecond } = kind;
  const link = head.getUint32(20, little) & 0xffff;
  let seconds: number | undefined;
  return {
    headBytes: HEAD_BYTES,
    measure(view, at, to) {
      if (at + RECORD_HEAD_BYTES > to) return 0;
      const here = view.getUint32(at + 8, little), wire = view.getUint32(at + 12, little);
      if (here > MOST_BYTES || here > wire || view.getUint32(at + 4, little) >= perSecond) return -1;
      if (seconds !== undefined && Math.abs(view.getUint32(at, little) - seconds) > MOST_STEP_SECONDS) return -1;
      return at + RECORD_HEAD_BYTES + here > to ? 0 : RECORD_HEAD_BYTES + here;
    },
    read(view, at, bytes): NetworkFrame {
      seconds = view.getUint32(at, little);
      const arrival = seconds * 1e6 + (view.getUint32(at + 4, little) / perSecond) * 1e6;
      return { bytes: new Uint8Array(view.buffer, view.byteOffset + at + RECORD_HEAD_BYTES, bytes - RECORD_HEAD_BYTES), link, arrival };
    },
  };
}
