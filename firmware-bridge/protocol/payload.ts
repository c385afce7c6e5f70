import { type Field, type FieldType, type Form, type FrameName, FRAMES } from "./fields.js";
import { type Frame, nameOf, PAYLOAD_AT } from "./frame.js";
import { readFields, readNumber, sizeOf, type Values, bytesOf } from "./layout.js";
import { type HeadOf } from "./writer.js";

type Column = Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** The records of a frame, structure of arrays; entries 0..count−1 are valid, until the next call. */
export interface Records {
  readonly count: number;
  readonly columns: Readonly<Record<string, Column>>;
}

const COLUMN: Readonly<Record<Exclude<FieldType, `text${number}`>, { new(length: number): Column }>> = {
  u8: Uint8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
};

/** The form that a frame's flags name; undefined when the type or the form is not known. */
export function formOf(frame: Frame): Form | undefined {
  const name = nameOf(frame.type);
  return name === undefined ? undefined : (FRAMES[name].forms as readonly Form[])[frame.form];
}

/** Whether the payload's length fits its form: a head alone may be longer than it is known, records are whole. */
export function fits(frame: Frame, form: Form): boolean {
  const rest = frame.payloadEnd - PAYLOAD_AT - sizeOf(form.head);
  return form.record === undefined ? rest >= 0 : rest >= 0 && rest % sizeOf(form.record) === 0;
}

/** The head of a frame whose payload fits its form. */
export function headOf<N extends FrameName, I extends number = 0>(name: N, frame: Frame, formIndex = 0 as I): HeadOf<N, I> {
  const form: Form = FRAMES[name].forms[formIndex]!;
  return readFields(form.head, frame.view, PAYLOAD_AT) as Values<readonly Field[]> as HeadOf<N, I>;
}

/** Reads records of one form into columns that it keeps. */
export class RecordReader {
  readonly #columns: Record<string, Column> = {};
  readonly #headBytes: number;
  readonly #recordBytes: number;
  readonly #record: readonly Field[];

  /** @param form one with records   @param maxFrame bytes of the longest frame */
  constructor(form: Form, maxFrame: number) {
    this.#record = form.record ?? [];
    this.#headBytes = sizeOf(form.head);
    this.#recordBytes = sizeOf(this.#record);
    const most = Math.floor(maxFrame / this.#recordBytes);
    for (const { name, type } of this.#record) this.#columns[name] = new COLUMN[type as keyof typeof COLUMN](most);
  }

  /** @param frame of this form, whose payload fits it */
  read(frame: Frame): Records {
    const from = PAYLOAD_AT + this.#headBytes, step = this.#recordBytes, { view } = frame;
    const count = (frame.payloadEnd - from) / step;
    let offset = from;
    for (const { name, type } of this.#record) {
      const column = this.#columns[name]!;
      for (let i = 0, at = offset; i < count; i++, at += step) column[i] = readNumber(type, view, at);
      offset += bytesOf(type);
    }
    return { count, columns: this.#columns };
  }
}
