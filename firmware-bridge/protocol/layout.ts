import { CHECK, type Field, type FieldType, FRAMES, HEADER, VERSION } from "./fields.js";
import { crc32 } from "./crc32.js";

/** What `fields` hold, typed from their table. */
export type Values<F extends readonly Field[]> = { -readonly [K in F[number] as K["name"]]: K["type"] extends `text${number}` ? string : number };

const BYTES: Readonly<Record<FieldType, number>> = { u8: 1, u16: 2, i16: 2, u32: 4, i32: 4, text24: 24, text32: 32 };

export const bytesOf = (type: FieldType): number => BYTES[type];

export const sizeOf = (fields: readonly Field[]): number => fields.reduce((sum, { type }) => sum + BYTES[type], 0);

export const HEADER_BYTES = sizeOf(HEADER);
export const CHECK_BYTES = sizeOf(CHECK);

/** One number. @param at may be any place that holds it */
export function readNumber(type: FieldType, view: DataView, at: number): number {
  switch (type) {
    case "u8":
      return view.getUint8(at);
    case "u16":
      return view.getUint16(at, true);
    case "i16":
      return view.getInt16(at, true);
    case "u32":
      return view.getUint32(at, true);
    case "i32":
      return view.getInt32(at, true);
    case "text24":
    case "text32":
      throw new RangeError("text is no number");
  }
}

/** One number, modulo the size of its field. */
export function writeNumber(type: FieldType, view: DataView, at: number, value: number): void {
  switch (type) {
    case "u8":
      return view.setUint8(at, value);
    case "u16":
    case "i16":
      return view.setUint16(at, value, true);
    case "u32":
    case "i32":
      return view.setUint32(at, value, true);
    case "text24":
    case "text32":
      throw new RangeError("text is no number");
  }
}

/** All fields from `at` on. The caller has made sure that they are there. */
export function readFields<F extends readonly Field[]>(fields: F, view: DataView, at: number): Values<F> {
  const values: Record<string, number | string> = {};
  for (const { name, type } of fields) {
    const bytes = BYTES[type];
    values[name] = type === "text24" || type === "text32" ? readText(view, at, bytes) : readNumber(type, view, at);
    at += bytes;
  }
  return values as Values<F>;
}

/** @returns where the next field begins */
export function writeFields<F extends readonly Field[]>(fields: F, view: DataView, at: number, values: Values<F>): number {
  for (const { name, type } of fields) {
    const bytes = BYTES[type], value = (values as Record<string, number | string>)[name]!;
    if (typeof value === "string") writeText(view, at, bytes, value);
    else writeNumber(type, view, at, value);
    at += bytes;
  }
  return at;
}

/** Up to the first zero; what is not printable ASCII reads as "?". */
function readText(view: DataView, at: number, bytes: number): string {
  let text = "";
  for (let i = at; i < at + bytes; i++) {
    const code = view.getUint8(i);
    if (code === 0) break;
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "?";
  }
  return text;
}

/** Cut to fit. */
function writeText(view: DataView, at: number, bytes: number, text: string): void {
  for (let i = 0; i < bytes; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    view.setUint8(at + i, code >= 0x20 && code < 0x7f ? code : code === 0 ? 0 : 0x3f);
  }
}

/** Names, types and codes of all that is on the wire, without what is for people. */
function schemaText(): string {
  const list = (fields: readonly Field[]): string => fields.map(({ name, type }) => `${name}:${type}`).join(",");
  const frames = Object.entries(FRAMES).flatMap(([name, { code, forms }]) =>
    (forms as readonly { name: string; head: readonly Field[]; record?: readonly Field[] }[]).map((form, i) =>
      `${name}=${code}.${i} ${list(form.head)}/${list(form.record ?? [])}`));
  return [`v${VERSION}`, list(HEADER), ...frames, list(CHECK)].join("\n");
}

/** What HELLO carries as `schema`. */
export const SCHEMA = crc32(Uint8Array.from(schemaText(), (letter) => letter.charCodeAt(0)));
