/** The field tables as byte pictures and tables, in Markdown: what stands between the marks of PROTOCOL.md. A test compares. */

import { CHECK, type Field, type Form, FRAMES, type FrameType, HEADER } from "./fields.js";
import { bytesOf, sizeOf } from "./layout.js";

const BEGIN = "<!-- fields -->\n", END = "<!-- /fields -->\n";

/** Bytes side by side: offsets above, names below. Wide fields are drawn as wide as their names need. */
export function picture(fields: readonly Field[], tail?: string): string {
  const cells = fields.map(({ name, type }) => ({ text: `${name} ${type}`, bytes: bytesOf(type) }));
  const widths = cells.map(({ text }) => text.length + 2);
  let at = 0;
  const offsets = cells.map(({ bytes }, i) => {
    const mark = String(at).padEnd(widths[i]! + 1);
    at += bytes;
    return mark;
  });
  const rest = tail === undefined ? "" : ` ${tail} `;
  const line = `+${[...widths, ...(rest === "" ? [] : [rest.length])].map((width) => "-".repeat(width)).join("+")}+`;
  const names = `|${[...cells.map(({ text }) => ` ${text} `), ...(rest === "" ? [] : [rest])].join("|")}|`;
  return [` ${offsets.join("")}${at}`.trimEnd(), line, names, line].join("\n") + "\n";
}

/** A picture that is wider than this would wrap; its table says the same. */
const MOST_COLUMNS = 118;

function drawn(fields: readonly Field[]): string {
  const text = picture(fields);
  return text.split("\n").some((line) => line.length > MOST_COLUMNS) ? "" : `\`\`\`\n${text}\`\`\`\n\n`;
}

function table(fields: readonly Field[]): string {
  let at = 0;
  const rows = fields.map(({ name, type, says }) => {
    const row = `| ${at} | \`${name}\` | ${type} | ${says} |`;
    at += bytesOf(type);
    return row;
  });
  return ["| byte | field | type | |", "|---|---|---|---|", ...rows].join("\n") + "\n";
}

function form(type: string, one: Form, index: number, count: number): string {
  const title = count === 1 ? "" : `Form ${index}, **${one.name}**:\n\n`;
  const head = one.head.length > 0 ? `${one.record || one.words ? "Head" : "Payload"}, ${sizeOf(one.head)} bytes:\n\n${drawn(one.head)}${table(one.head)}\n` : "";
  const record = one.record === undefined ? "" : `Record, ${sizeOf(one.record)} bytes, again and again:\n\n${drawn(one.record)}${table(one.record)}\n`;
  const empty = one.head.length === 0 && one.record === undefined && !one.words ? `${type} has no payload.\n\n` : "";
  return title + head + record + empty;
}

/** All of it. */
export function fieldsText(): string {
  const frames = (Object.entries(FRAMES) as [string, FrameType][]).map(([type, { code, says, forms }]) =>
    `### ${type} 0x${code.toString(16).padStart(2, "0")}\n\n${says[0]!.toUpperCase()}${says.slice(1)}.\n\n` +
    forms.map((one, i) => form(type, one, i, forms.length)).join(""));
  const frame = `\`\`\`\n${picture(HEADER, "payload … | crc u32")}\`\`\`\n\n${table(HEADER)}\nBehind the payload: \`crc\`, ${CHECK[0].says}.\n\n`;
  return `${frame}${frames.join("")}`;
}

/** PROTOCOL.md with what stands between its marks made anew. @throws RangeError without the marks */
export function withFields(text: string): string {
  const from = text.indexOf(BEGIN), to = text.indexOf(END);
  if (from < 0 || to < from) throw new RangeError(`no ${BEGIN.trim()} … ${END.trim()}`);
  return `${text.slice(0, from + BEGIN.length)}\n${fieldsText()}${text.slice(to)}`;
}
