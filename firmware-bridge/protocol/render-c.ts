/** The field tables as C: firmware/bridge_fields.h and bridge_fields.c. A test holds that the files say what these functions do. */

import * as fields from "./fields.js";
import { type Field, type Form, FRAMES, type FrameType } from "./fields.js";
import { SCHEMA, sizeOf } from "./layout.js";

interface Struct {
  /** Without `bridge_`. */
  readonly name: string;
  readonly says: string;
  readonly fields: readonly Field[];
}

const HEAD = "/* Made from protocol/fields.ts by `npm run bridge:fields`; a test compares. */\n";
const C_TYPE = { u8: "uint8_t", u16: "uint16_t", i16: "int16_t", u32: "uint32_t", i32: "int32_t", text24: "char", text32: "char" } as const;

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const upper = (name: string): string => snake(name).toUpperCase();
const ascii = (text: string): string => text.replaceAll("µ", "u").replaceAll("≤", "<=").replaceAll("·", "*").replaceAll("°", " degree");

/** Every head and record that has fields. */
export function structs(): Struct[] {
  return (Object.entries(FRAMES) as [string, FrameType][]).flatMap(([type, { says, forms }]) =>
    forms.flatMap((form: Form) => {
      const base = forms.length === 1 ? type.toLowerCase() : `${type.toLowerCase()}_${form.name}`;
      const head = { name: form.record || form.words ? `${base}_head` : base, says, fields: form.head };
      return [head, { name: `${base}_record`, says: "one record of it", fields: form.record ?? [] }].filter((made) => made.fields.length > 0);
    }));
}

function struct({ name, says, fields: list }: Struct): string {
  const members = list.map(({ name: field, type, says: text }) => {
    const size = type.startsWith("text") ? `[${type.slice(4)}]` : "";
    return `    ${C_TYPE[type]} ${snake(field)}${size}; /* ${ascii(text)} */\n`;
  });
  const bytes = `#define BRIDGE_${upper(name)}_BYTES ${sizeOf(list)}u\n#define BRIDGE_${upper(name)}_FIELDS ${list.length}u\n`;
  const table = `extern const struct bridge_field bridge_${name}_fields[BRIDGE_${upper(name)}_FIELDS];\n`;
  return `/* ${name}: ${ascii(says)} */\nstruct bridge_${name} {\n${members.join("")}};\n${bytes}${table}`;
}

const list = (prefix: string, codes: Readonly<Record<string, number>>, hex = false): string =>
  Object.entries(codes).map(([name, code]) =>
    `    BRIDGE_${prefix}${upper(name.toLowerCase())} = ${hex ? `0x${code.toString(16).padStart(2, "0")}` : code}`).join(",\n");

const enumeration = (name: string, body: string): string => `enum bridge_${name} {\n${body}\n};\n`;

/** bridge_fields.h */
export function headerText(): string {
  const codes = Object.fromEntries(Object.entries(FRAMES).map(([name, { code }]) => [name, code]));
  const forms = (Object.entries(FRAMES) as [string, FrameType][]).filter(([, frame]) => frame.forms.length > 1)
    .map(([type, frame]) => enumeration(`${type.toLowerCase()}_form`,
      list(`${type}_`, Object.fromEntries(frame.forms.map((form, i) => [form.name, i])))));
  const types = [...Object.keys(C_TYPE)].map((type) => `    BRIDGE_${type.toUpperCase()}`).join(",\n");
  const numbers = {
    VERSION: fields.VERSION, MAX_FRAME: fields.MAX_FRAME_BYTES, DEFAULT_FRAME: fields.DEFAULT_FRAME_BYTES, MIN_FRAME: fields.MIN_FRAME_BYTES,
    FORM_MASK: fields.FORM_MASK, ANSWERS_FLAG: fields.ANSWERS_FLAG, NO_LIMIT: fields.NO_LIMIT,
    HEADER_BYTES: sizeOf(fields.HEADER), CHECK_BYTES: sizeOf(fields.CHECK),
  };
  return [
    `${HEAD}#ifndef BRIDGE_FIELDS_H\n#define BRIDGE_FIELDS_H\n\n#include <stdint.h>\n`,
    [...Object.entries(numbers).map(([name, value]) => `#define BRIDGE_${name} ${value}u`),
      `#define BRIDGE_SCHEMA 0x${SCHEMA.toString(16).padStart(8, "0")}u`].join("\n") + "\n",
    enumeration("type", list("", codes, true)),
    ...forms,
    enumeration("vendor_protocol", list("VENDOR_", fields.VENDORS)),
    enumeration("error_code", list("ERROR_", fields.ERRORS)),
    enumeration("setting", list("SETTING_", fields.SETTINGS)),
    `/* How a struct's members go on the wire, in order: little-endian, packed. */\nenum bridge_field_type {\n${types}\n};\n` +
      "struct bridge_field {\n    uint8_t type; /* enum bridge_field_type */\n    uint8_t at;   /* offset in the struct */\n};\n",
    ...structs().map(struct),
    "#endif\n",
  ].join("\n");
}

/** bridge_fields.c */
export function tablesText(): string {
  const tables = structs().map(({ name, fields: members }) =>
    `const struct bridge_field bridge_${name}_fields[BRIDGE_${upper(name)}_FIELDS] = {\n` +
    members.map(({ name: field, type }) => `    {BRIDGE_${type.toUpperCase()}, offsetof(struct bridge_${name}, ${snake(field)})}`).join(",\n") +
    "\n};\n");
  return [`${HEAD}#include "bridge_fields.h"\n\n#include <stddef.h>\n`, ...tables].join("\n");
}
