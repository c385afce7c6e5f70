import type { NetworkFrame, Records } from "./capture.js";

const SECTION = 0x0a0d0d0a, INTERFACE = 1, SIMPLE = 3, ENHANCED = 6;
const LEAST_BLOCK = 12, BODY_AT = 8;
/** The limit of the tools that write captures, and as much for options. */
const MOST_BLOCK = 1 << 19;
/** The highest type that is given out without a leading bit for private ones. */
const HIGHEST_TYPE = 0x0bad;
const BYTE_ORDER = 0x1a2b3c4d;
const END_OF_OPTIONS = 0, TIME_RESOLUTION = 9, TIME_OFFSET = 14;
const MOST_INTERFACES = 256;

interface Interface {
  readonly link: number;
  /** Of a unit of time. */
  readonly perSecond: number;
  readonly offsetSeconds: number;
}

/**
 * pcapng: blocks of u32 type, u32 bytes, body, u32 bytes again, in the byte order that a section's first block tells. Frames come in
 * enhanced and simple blocks; the interfaces before them tell link type and unit of time. Other blocks are passed over.
 * Source: the pcapng specification.
 */
export function pcapngBlocks(head: DataView): Records | undefined {
  if (head.getUint32(0) !== SECTION) return undefined;
  let little = head.getUint32(8, true) === BYTE_ORDER;
  let interfaces: Interface[] = [];
  const openSection = (view: DataView, at: number): void => {
    little = view.getUint32(at + 8, true) === BYTE_ORDER;
    interfaces = [];
  };
  return {
    headBytes: 0,
    measure(view, at, to) {
      if (at + LEAST_BLOCK > to) return 0;
      const type = view.getUint32(at, little), order = type === SECTION ? view.getUint32(at + 8, true) === BYTE_ORDER : little;
      const bytes = view.getUint32(at + 4, order);
      const known = type === SECTION || (type & 0x7fffffff) <= HIGHEST_TYPE;
      if (!known || bytes < LEAST_BLOCK || bytes % 4 !== 0 || bytes > MOST_BLOCK) return -1;
      if (at + bytes > to) return 0;
      return view.getUint32(at + bytes - 4, order) === bytes ? bytes : -1;
    },
    read(view, at, bytes): NetworkFrame | undefined {
      const type = view.getUint32(at, little), end = at + bytes - 4;
      if (type === SECTION) openSection(view, at);
      else if (type === INTERFACE && bytes >= LEAST_BLOCK + 8 && interfaces.length < MOST_INTERFACES)
        interfaces.push(readInterface(view, at + BODY_AT, end, little));
      else if (type === ENHANCED && bytes >= LEAST_BLOCK + 20) {
        const from = interfaces[view.getUint32(at + BODY_AT, little)], length = view.getUint32(at + BODY_AT + 12, little);
        const start = at + BODY_AT + 20;
        if (from === undefined || start + length > end) return undefined;
        const units = view.getUint32(at + BODY_AT + 4, little) * 2 ** 32 + view.getUint32(at + BODY_AT + 8, little);
        const micros = (units / from.perSecond + from.offsetSeconds) * 1e6;
        const arrival = micros >= 0 && micros <= Number.MAX_SAFE_INTEGER ? micros : 0;
        return { bytes: new Uint8Array(view.buffer, view.byteOffset + start, length), link: from.link, arrival };
      } else if (type === SIMPLE && bytes >= LEAST_BLOCK + 4 && interfaces[0] !== undefined) {
        const start = at + BODY_AT + 4, length = Math.min(view.getUint32(at + BODY_AT, little), end - start);
        return { bytes: new Uint8Array(view.buffer, view.byteOffset + start, length), link: interfaces[0].link, arrival: 0 };
      }
      return undefined;
    },
  };
}

function readInterface(view: DataView, at: number, end: number, little: boolean): Interface {
  let perSecond = 1e6, offsetSeconds = 0;
  for (let option = at + 8; option + 4 <= end;) {
    const code = view.getUint16(option, little), length = view.getUint16(option + 2, little), value = option + 4;
    if (code === END_OF_OPTIONS || value + length > end) break;
    if (code === TIME_RESOLUTION && length >= 1) {
      const exponent = view.getUint8(value);
      perSecond = exponent & 0x80 ? 2 ** (exponent & 0x7f) : 10 ** exponent;
    } else if (code === TIME_OFFSET && length >= 8) offsetSeconds = Number(view.getBigInt64(value, little));
    option = value + 4 * Math.ceil(length / 4);
  }
  return { link: view.getUint16(at, little), perSecond, offsetSeconds };
}
