import { cobsBytes, cobsEncode } from "./cobs.js";
import { crc32 } from "./crc32.js";
import { type Field, type Form, type FrameName, FRAMES, MAX_FRAME_BYTES } from "./fields.js";
import { Frame, PAYLOAD_AT } from "./frame.js";
import { CHECK_BYTES, HEADER_BYTES, sizeOf, type Values, writeFields } from "./layout.js";

type FormsOf<N extends FrameName> = (typeof FRAMES)[N]["forms"];
/** What the head of a type's form holds. */
export type HeadOf<N extends FrameName, I extends number = 0> = FormsOf<N>[I] extends { head: infer H extends readonly Field[] } ? Values<H> : never;
/** What a record of a type's form holds. */
export type RecordOf<N extends FrameName, I extends number = 0> = FormsOf<N>[I] extends { record: infer R extends readonly Field[] }
  ? Values<R>
  : never;

export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - HEADER_BYTES - CHECK_BYTES;

/** Frames to bytes: numbers them, checks them, stuffs them, and sets a zero before and after each. */
export class FrameWriter {
  /** The frame that is being made: payloads are written into it from PAYLOAD_AT on. */
  readonly frame: Frame;
  /** Frames sent so far, modulo 2^32. */
  sent = 0;
  readonly #out: Uint8Array;

  /** @param maxFrame bytes, header to CRC */
  constructor(readonly maxFrame = MAX_FRAME_BYTES) {
    this.frame = new Frame(maxFrame);
    this.#out = new Uint8Array(cobsBytes(maxFrame) + 2);
  }

  /** Room for payloads, bytes. */
  get room(): number {
    return this.maxFrame - HEADER_BYTES - CHECK_BYTES;
  }

  /**
   * Closes the frame whose payload ends at `end`.
   * @param t0 µs, taken modulo 2^32   @returns its bytes on the wire, valid until the next frame is closed
   */
  close(name: FrameName, flags: number, t0: number, end: number): Uint8Array {
    const { view, u8 } = this.frame;
    view.setUint8(0, FRAMES[name].code);
    view.setUint8(1, flags);
    view.setUint16(2, this.sent, true);
    view.setUint32(4, t0 % 2 ** 32, true);
    view.setUint32(end, crc32(u8, 0, end), true);
    this.sent = (this.sent + 1) >>> 0;
    this.#out[0] = 0;
    const at = cobsEncode(u8, 0, end + CHECK_BYTES, this.#out, 1);
    this.#out[at] = 0;
    return this.#out.subarray(0, at + 1);
  }

  /** A frame of a head alone. @param flags beside the form's bits, which are 0 */
  message<N extends FrameName>(name: N, head: HeadOf<N>, t0 = 0, flags = 0): Uint8Array {
    const form: Form = FRAMES[name].forms[0];
    return this.close(name, flags, t0, writeFields(form.head, this.frame.view, PAYLOAD_AT, head as Values<readonly Field[]>));
  }

  /** A frame of a head and records. @throws RangeError when they do not fit */
  records<N extends FrameName, I extends number = 0>(
    name: N,
    formIndex: I,
    head: HeadOf<N, I>,
    records: readonly RecordOf<N, I>[],
    t0 = 0,
  ): Uint8Array {
    const form: Form = FRAMES[name].forms[formIndex]!;
    const record = form.record ?? [];
    const bytes = sizeOf(form.head) + records.length * sizeOf(record);
    if (bytes > this.room) throw new RangeError(`${bytes} bytes of payload, ${this.room} fit`);
    let at = writeFields(form.head, this.frame.view, PAYLOAD_AT, head as Values<readonly Field[]>);
    for (const values of records) at = writeFields(record, this.frame.view, at, values as Values<readonly Field[]>);
    return this.close(name, formIndex, t0, at);
  }

  /** A frame of VENDOR bytes. @throws RangeError when they do not fit */
  vendor(head: HeadOf<"VENDOR">, bytes: Uint8Array, t0: number): Uint8Array {
    const at = writeFields(FRAMES.VENDOR.forms[0].head, this.frame.view, PAYLOAD_AT, head);
    if (at + bytes.length > PAYLOAD_AT + this.room) throw new RangeError(`${bytes.length} bytes, ${PAYLOAD_AT + this.room - at} fit`);
    this.frame.u8.set(bytes, at);
    return this.close("VENDOR", 0, t0, at + bytes.length);
  }
}
