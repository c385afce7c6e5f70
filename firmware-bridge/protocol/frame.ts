import { FORM_MASK, type FrameName, FRAMES, type FrameType } from "./fields.js";
import { HEADER_BYTES } from "./layout.js";

/** The table's row of each code. */
const BY_CODE: readonly (FrameName | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  (Object.keys(FRAMES) as FrameName[]).find((name) => FRAMES[name].code === code));

/** The name of a type's code, or undefined when this version knows none. */
export const nameOf = (code: number): FrameName | undefined => BY_CODE[code];

export const typeOf = (name: FrameName): FrameType => FRAMES[name];

/**
 * One frame, unstuffed and checked. Its bytes are the reader's own and valid until it reads on; they begin on a boundary of 4 bytes, so
 * that words of 2 and 4 bytes in payloads can be read as such.
 */
export class Frame {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly view: DataView;
  /** Header, payload and CRC. */
  length = 0;

  /** @param capacity bytes, header to CRC */
  constructor(readonly capacity: number) {
    const buffer = new ArrayBuffer((capacity + 3) & ~3);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.view = new DataView(buffer);
  }

  get type(): number {
    return this.u8[0]!;
  }

  get flags(): number {
    return this.u8[1]!;
  }

  get form(): number {
    return this.flags & FORM_MASK;
  }

  get seq(): number {
    return this.u16[1]!;
  }

  /** µs modulo 2^32 */
  get t0(): number {
    return this.u32[1]!;
  }

  /** Where the payload ends: it begins at PAYLOAD_AT. */
  get payloadEnd(): number {
    return this.length - 4;
  }
}

export const PAYLOAD_AT = HEADER_BYTES;
