/** Vectors that both codecs run: what to encode, what to decode, and what the TypeScript side makes of it. All are words, u32. */

import { chooseForm, type EventColumns, frameEvents, readEvents, type WordForm } from "../../firmware-bridge/protocol/events.js";
import { EventsWriter } from "../../firmware-bridge/protocol/events-writer.js";
import { crc32 } from "../../firmware-bridge/protocol/crc32.js";
import { type Field, type Form, FRAMES, type FrameName, type FrameType } from "../../firmware-bridge/protocol/fields.js";
import { type Frame, PAYLOAD_AT } from "../../firmware-bridge/protocol/frame.js";
import { bytesOf, readNumber, sizeOf, type Values, writeFields } from "../../firmware-bridge/protocol/layout.js";
import { fits, formOf } from "../../firmware-bridge/protocol/payload.js";
import { FrameReader } from "../../firmware-bridge/protocol/reader.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";

const ENCODE = 1, EVENTS = 2, DECODE = 3, CHOOSE = 4;
const LOST_BITS = 0xffffffff;

/** What to do, for the C side, and what comes of it here. */
export interface Vector {
  readonly words: readonly number[];
  readonly wanted: readonly number[];
}

type Record_ = Record<string, number | string>;

/** A number a field, a letter a word. */
function wordsOf(fields: readonly Field[], values: Record_): number[] {
  return fields.flatMap(({ name, type }) => {
    const value = values[name]!;
    if (typeof value === "number") return [(value & LOST_BITS) >>> 0];
    return Array.from({ length: bytesOf(type) }, (_, i) => (i < value.length ? value.charCodeAt(i) : 0));
  });
}

export interface Message {
  readonly name: FrameName;
  readonly form: number;
  readonly flags: number;
  readonly seq: number;
  readonly t0: number;
  readonly head: Record_;
  readonly records: readonly Record_[];
}

const formsOf = (name: FrameName): readonly Form[] => (FRAMES[name] as FrameType).forms;

/** The bytes of a message, written field by field. */
export function encodeMessage({ name, form, flags, seq, t0, head, records }: Message): Uint8Array {
  const writer = new FrameWriter();
  writer.sent = seq;
  const { head: headFields, record = [] } = formsOf(name)[form]!;
  let at = writeFields(headFields, writer.frame.view, PAYLOAD_AT, head as Values<readonly Field[]>);
  for (const values of records) at = writeFields(record, writer.frame.view, at, values as Values<readonly Field[]>);
  return writer.close(name, flags | form, t0, at).slice();
}

export function messageVector(message: Message): Vector {
  const { name, form, flags, seq, t0, head, records } = message;
  const { head: headFields, record = [] } = formsOf(name)[form]!;
  const words = [16384, FRAMES[name].code, form, flags | form, seq, t0, records.length, ...wordsOf(headFields, head),
    ...records.flatMap((values) => wordsOf(record, values))];
  return { words: [ENCODE, ...words], wanted: [...encodeMessage(message)] };
}

/** All frames that the events make, one behind the other. */
export function encodeEvents(maxFrame: number, form: WordForm | undefined, seq: number, events: EventColumns, count: number): Uint8Array {
  const writer = new FrameWriter(maxFrame), parts: Uint8Array[] = [];
  writer.sent = seq;
  const open = new EventsWriter(writer, form);
  for (let at = 0; at < count;) {
    at = open.add(events, at, count);
    if (at < count) parts.push(open.flush()!.slice());
  }
  const last = open.flush();
  return Buffer.concat(last === undefined ? parts : [...parts, last]);
}

/** @param events of a device whose clock has 32 bits: t is given to C modulo 2^32 */
export function eventsVector(maxFrame: number, form: WordForm | undefined, seq: number, events: EventColumns, count: number): Vector {
  const words = [maxFrame, form?.wordBytes ?? 0, form?.xBits ?? 0, form?.yBits ?? 0, seq, count];
  for (let i = 0; i < count; i++) words.push(events.t[i]! % 2 ** 32, events.x[i]!, events.y[i]!, events.p[i]!);
  return { words: [EVENTS, ...words], wanted: [...encodeEvents(maxFrame, form, seq, events, count)] };
}

export function formVector(width: number, height: number, timeBits: number): Vector {
  const form = chooseForm(width, height, timeBits) ?? { wordBytes: 0, xBits: 0, yBits: 0 };
  return { words: [CHOOSE, width, height, timeBits], wanted: [form.wordBytes, form.xBits, form.yBits] };
}

const MOST = frameEvents(16384);
const columns = { t: new Float64Array(MOST), x: new Uint16Array(MOST), y: new Uint16Array(MOST), p: new Uint8Array(MOST) };

function eventWords(frame: Frame): number[] {
  const count = readEvents(frame, frame.t0, columns, 0);
  const words = [Number(count >= 0)];
  for (let i = 0; i < count; i++) words.push(columns.t[i]! % 2 ** 32, columns.x[i]!, columns.y[i]!, columns.p[i]!);
  return words;
}

function fieldWords(frame: Frame, form: Form): number[] {
  if (!fits(frame, form)) return [0];
  const words = [1];
  let at = PAYLOAD_AT;
  const take = (fields: readonly Field[]): void => {
    for (const { type } of fields) {
      const bytes = bytesOf(type);
      if (bytes > 4) words.push(...frame.u8.subarray(at, at + bytes));
      else words.push((readNumber(type, frame.view, at) & (bytes === 4 ? LOST_BITS : 2 ** (8 * bytes) - 1)) >>> 0);
      at += bytes;
    }
  };
  take(form.head);
  if (form.record && sizeOf(form.record) > 0) while (at < frame.payloadEnd) take(form.record);
  return words;
}

export function streamVector(maxFrame: number, bytes: Uint8Array): Vector {
  const reader = new FrameReader(maxFrame), wanted: number[] = [];
  for (let at = 0; at < bytes.length;) {
    at = reader.read(bytes, at, bytes.length);
    if (!reader.ready) continue;
    const { frame } = reader, form = formOf(frame);
    wanted.push(frame.type, frame.flags, frame.seq, frame.t0, frame.payloadEnd - PAYLOAD_AT, crc32(frame.u8, PAYLOAD_AT, frame.payloadEnd));
    if (frame.type === FRAMES.EVENTS.code) wanted.push(...eventWords(frame));
    else if (form !== undefined) wanted.push(...fieldWords(frame, form));
  }
  const { good, tooLong, notCobs, short, badCrc } = reader.counters;
  wanted.push(good, tooLong, notCobs, short, badCrc);
  return { words: [DECODE, maxFrame, bytes.length, ...bytes], wanted };
}

/** What goes to the program's standard input. */
export function packed(vectors: readonly Vector[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(vectors.flatMap(({ words }) => [words.length, ...words])).buffer);
}

/** What came from its standard output, an answer a vector. */
export function unpacked(bytes: Buffer): Uint32Array[] {
  const words = new Uint32Array(Uint8Array.from(bytes).buffer), answers: Uint32Array[] = [];
  for (let at = 0; at < words.length; at += 1 + words[at]!) answers.push(words.subarray(at + 1, at + 1 + words[at]!));
  return answers;
}
