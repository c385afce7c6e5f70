import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { type Columns, findColumns } from "./csv-columns.js";
import { drop } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize, MAX_SIDE } from "./sensor-size.js";
import { decodeLatin1 } from "./text-header.js";
import { TimeJump } from "./time-jump.js";

/** The first bytes decide what the columns are, however the file arrives. */
const PROBE_BYTES = 1 << 15;
const BLOCK_BYTES = 1 << 16;
/** The shortest line is `0,0,0,0\n`. */
const SHORTEST_LINE = 8;
const MAX_CELLS = 64;
const LF = 0x0a, CR = 0x0d, SPACE = 0x20, TAB = 0x09, DOT = 0x2e, ZERO = 0x30, MINUS = 0x2d, HASH = 0x23, PERCENT = 0x25;

/**
 * Events as text, one a line: comma, semicolon, tab or spaces between; time in s, ms, µs or ns; polarity 0/1, −1/1 or
 * true/false; lines that begin with # or % are comments; a first line of two numbers is the sensor's size.
 */
export function csvLayout(given: SensorSize | undefined): Layout {
  return {
    format: "csv",
    headLimit: PROBE_BYTES,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      if (head.length < PROBE_BYTES && !ended) return undefined;
      const columns = findColumns(head.subarray(0, PROBE_BYTES), ended && head.length <= PROBE_BYTES);
      const size = agreeOnSize(columns.size, given);
      return { bodyAt: columns.bodyAt, size, body: new CsvBody(drops, size, columns) };
    },
  };
}

class CsvBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BLOCK_BYTES / SHORTEST_LINE + 1);
  understood = false;
  readonly #width: number;
  readonly #height: number;
  /** Where the cells of the current line begin and end. */
  readonly #starts = new Uint32Array(MAX_CELLS);
  readonly #ends = new Uint32Array(MAX_CELLS);
  readonly #cellsNeeded: number;
  #latest = 0;
  readonly #jump = new TimeJump();
  /** A line longer than the block is being passed over. */
  #inLongLine = false;

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly columns: Columns,
  ) {
    this.#width = size?.width ?? MAX_SIDE + 1;
    this.#height = size?.height ?? MAX_SIDE + 1;
    this.#cellsNeeded = 1 + Math.max(columns.t, columns.x, columns.y, columns.p);
  }

  read(from: number, to: number): number {
    const bytes = this.block.u8;
    const out = this.batch;
    let at = from;
    while (at < to && out.count < out.capacity) {
      const found = bytes.indexOf(LF, at);
      const end = found < 0 || found >= to ? -1 : found;
      if (end < 0) {
        if (at > 0 || to < bytes.length) break;
        if (!this.#inLongLine) drop(this.drops, "malformed_line");
        this.#inLongLine = true;
        return to;
      }
      if (this.#inLongLine) this.#inLongLine = false;
      else this.#readLine(at, end);
      at = end + 1;
    }
    return at;
  }

  /** A last line needs no line feed. */
  finish(from: number, to: number): number {
    if (to > from && !this.#inLongLine) this.#readLine(from, to);
    return to;
  }

  #readLine(from: number, to: number): void {
    const bytes = this.block.u8;
    const out = this.batch;
    let start = from, end = to;
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    while (start < end && isBlank(bytes[start]!)) start++;
    if (start === end || bytes[start] === HASH || bytes[start] === PERCENT) return;
    const { columns } = this;
    if (!this.#cut(bytes, start, end)) return drop(this.drops, "malformed_line");
    const column = readWhole(bytes, this.#starts[columns.x]!, this.#ends[columns.x]!);
    const row = readWhole(bytes, this.#starts[columns.y]!, this.#ends[columns.y]!);
    const polarity = readPolarity(bytes, this.#starts[columns.p]!, this.#ends[columns.p]!);
    const time = readTime(bytes, this.#starts[columns.t]!, this.#ends[columns.t]!, columns.places);
    if (column < 0 || row < 0 || polarity < 0 || Number.isNaN(time)) return drop(this.drops, "malformed_line");
    this.understood = true;
    if (column >= this.#width || row >= this.#height) return drop(this.drops, "outside_sensor");
    if (time < 0 || time > Number.MAX_SAFE_INTEGER) return drop(this.drops, "bad_time");
    const jumped = time < this.#latest && this.#jump.isReal(time, this.#latest);
    if (jumped) drop(this.drops, "time_jump");
    if (time >= this.#latest || jumped) this.#latest = time;
    else drop(this.drops, "time_backwards");
    const at = out.count++;
    out.t[at] = this.#latest;
    out.x[at] = column;
    out.y[at] = row;
    out.p[at] = polarity;
  }

  /** Finds the cells of a line. @returns false when there are too few, or one too many to hold */
  #cut(bytes: Uint8Array, from: number, to: number): boolean {
    const { delimiter } = this.columns;
    let cells = 0, at = from;
    while (cells < this.#cellsNeeded) {
      if (cells === MAX_CELLS) return false;
      while (at < to && isBlank(bytes[at]!) && bytes[at] !== delimiter) at++;
      const start = at;
      while (at < to && (delimiter === 0 ? !isBlank(bytes[at]!) : bytes[at] !== delimiter)) at++;
      let end = at;
      while (end > start && isBlank(bytes[end - 1]!)) end--;
      if (end === start) return false;
      this.#starts[cells] = start;
      this.#ends[cells++] = end;
      if (at < to) at++;
    }
    return true;
  }
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === CR;
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

/** A whole number, which may be written with a point and zeros. @returns −1 when it is none, or over five digits */
function readWhole(bytes: Uint8Array, from: number, to: number): number {
  let value = 0, at = from;
  for (; at < to && isDigit(bytes[at]!); at++) value = value * 10 + bytes[at]! - ZERO;
  if (at === from || value > MAX_SIDE) return -1;
  if (at < to && bytes[at] === DOT) for (at++; at < to && bytes[at] === ZERO;) at++;
  return at === to ? value : -1;
}

/** 1, +1 and true are ON; 0, −1 and false are OFF. @returns −1 for anything else */
function readPolarity(bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 1) return bytes[from] === ZERO ? 0 : bytes[from] === ZERO + 1 ? 1 : -1;
  const word = decodeLatin1(bytes.subarray(from, Math.min(to, from + 8))).toLowerCase();
  if (word === "true" || word === "+1" || word === "1.0") return 1;
  return word === "false" || word === "-1" || word === "0.0" || word === "-1.0" ? 0 : -1;
}

/**
 * A time in µs, by decimal shift, so that 0.1 s is 100000 µs exactly; half a µs rounds up, ns are cut.
 * @param places decimal places from the written unit to µs   @returns NaN when it is no number
 */
function readTime(bytes: Uint8Array, from: number, to: number, places: number): number {
  let value = 0, at = from;
  for (; at < to && isDigit(bytes[at]!); at++) value = value * 10 + bytes[at]! - ZERO;
  if (at > from && at === to) return places === -3 ? Math.floor(value / 1000) : value * 10 ** places;
  if (at > from && bytes[at] === DOT && places >= 0) {
    let micros = value, left = places, carry = 0;
    for (at++; at < to && isDigit(bytes[at]!); at++, left--) {
      if (left > 0) micros = micros * 10 + bytes[at]! - ZERO;
      else if (left === 0) carry = bytes[at]! >= ZERO + 5 ? 1 : 0;
    }
    if (at === to) return micros * 10 ** Math.max(left, 0) + carry;
  }
  if (bytes[from] !== MINUS && !isDigit(bytes[from]!) && bytes[from] !== DOT) return NaN;
  const text = decodeLatin1(bytes.subarray(from, to));
  return /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Math.round(Number(text) * 10 ** places) : NaN;
}
