import { SaccadeError } from "../errors.js";
import type { SensorSize } from "../types.js";
import { sizeOf } from "./sensor-size.js";
import { decodeLatin1 } from "./text-header.js";

/** Where the fields of an event stand in a line. */
export interface Columns {
  /** A byte, or 0 for any run of spaces and tabs. */
  readonly delimiter: number;
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
  /** Decimal places from the written unit to µs: 6 for seconds, 0 for µs, −3 for ns. */
  readonly places: number;
  readonly size: SensorSize | undefined;
  /** Where the first event line begins, bytes. */
  readonly bodyAt: number;
}

const NAMES: readonly { readonly field: "t" | "x" | "y" | "p"; readonly named: RegExp }[] = [
  { field: "t", named: /^(t|ts|time|timestamps?)[\s_[(]*(s|sec|seconds|ms|us|µs|Âµs|usec|micros|microseconds|ns)?[\])]?$/i },
  { field: "x", named: /^(x|col|column)$/i },
  { field: "y", named: /^(y|row)$/i },
  { field: "p", named: /^(p|pol|polarity|on)$/i },
];
const PLACES: readonly { readonly unit: RegExp; readonly places: number }[] = [
  { unit: /^(s|sec|seconds)$/i, places: 6 },
  { unit: /^ms$/i, places: 3 },
  { unit: /^(us|µs|Âµs|usec|micros|microseconds)$/i, places: 0 },
  { unit: /^ns$/i, places: -3 },
];
const SECONDS = 6, MICROS = 0;
/** Orders in use without a header: rpg and aestream; Metavision; and time third. */
const ORDERS = ["txyp", "xypt", "xytp"] as const;

interface Line {
  readonly text: string;
  readonly at: number;
  readonly next: number;
}

/**
 * Finds the columns of an event text from its first bytes: by a header line, or by the one order in which time never falls,
 * polarity has two values and the pixel fits. Without a header, times with a point are seconds and whole ones µs.
 * @throws SaccadeError FORMAT_AMBIGUOUS when several orders fit, RECORDING_CORRUPT when none does
 */
export function findColumns(head: Uint8Array, ended: boolean): Columns {
  const lines = splitLines(head, ended);
  let size: SensorSize | undefined;
  let first = 0;
  for (; first < lines.length; first++) {
    const { text, next } = lines[first]!;
    const bare = text.replace(/^[#%]\s*/, "").trim();
    if (bare === "") continue;
    const delimiter = delimiterOf(bare);
    const cells = cellsOf(bare, delimiter);
    const header = readHeader(cells);
    if (header) {
      const times = lines.slice(first + 1).map((line) => cellsOf(line.text.trim(), delimiter)[header.t] ?? "");
      return { delimiter, ...header, places: header.places ?? placesOf(times), size, bodyAt: next };
    }
    if (text !== bare && /^[#%]/.test(text)) continue;
    const numbers = cells.map(Number);
    if (size === undefined && cells.length === 2 && sizeOf(numbers[0]!, numbers[1]!)) size = sizeOf(numbers[0]!, numbers[1]!);
    else return fromValues(lines.slice(first), delimiter, size);
  }
  throw notEvents("it holds no line of numbers");
}

function fromValues(lines: readonly Line[], delimiter: number, size: SensorSize | undefined): Columns {
  const rows = lines.map((line) => cellsOf(line.text.trim(), delimiter)).filter((cells) => cells.length === 4 && cells.every(isNumber));
  if (rows.length === 0) throw notEvents("no line holds four numbers");
  const column = (index: number): string[] => rows.map((cells) => cells[index]!);
  const fits = ORDERS.filter((order) => {
    const values = (field: string): string[] => column(order.indexOf(field));
    return neverFalls(values("t").map(Number)) && isPolarity(values("p")) && [...values("x"), ...values("y")].every(isPixel);
  });
  if (fits.length > 1)
    throw new SaccadeError(
      "FORMAT_AMBIGUOUS",
      `the text may hold its columns as ${fits.map(spell).join(" or ")}`,
      "write a first line with their names, such as t,x,y,p",
    );
  const order = fits[0];
  if (order === undefined) throw notEvents("no known order of columns fits, with a time that never falls and a polarity of two values");
  const place = (field: string): number => order.indexOf(field);
  return {
    delimiter,
    t: place("t"),
    x: place("x"),
    y: place("y"),
    p: place("p"),
    places: placesOf(column(place("t"))),
    size,
    bodyAt: lines[0]!.at,
  };
}

const spell = (order: string): string => order.split("").join(",");

const notEvents = (what: string): SaccadeError =>
  new SaccadeError(
    "RECORDING_CORRUPT",
    `the text is no list of events: ${what}`,
    "write a first line with the names of the columns, such as t,x,y,p",
  );

function splitLines(head: Uint8Array, ended: boolean): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < head.length;) {
    const end = head.indexOf(0x0a, at);
    if (end < 0 && !ended) break;
    const next = end < 0 ? head.length : end + 1;
    lines.push({ text: decodeLatin1(head.subarray(at, end < 0 ? next : end)).replace(/\r$/, ""), at, next });
    at = next;
  }
  return lines;
}

function delimiterOf(line: string): number {
  for (const candidate of [",", ";", "\t"]) if (line.includes(candidate)) return candidate.charCodeAt(0);
  return 0;
}

function cellsOf(line: string, delimiter: number): string[] {
  return delimiter === 0 ? line.split(/[ \t]+/) : line.split(String.fromCharCode(delimiter)).map((cell) => cell.trim());
}

function readHeader(cells: readonly string[]): { t: number; x: number; y: number; p: number; places: number | undefined } | undefined {
  const bare = cells.map((cell) => cell.replace(/^"(.*)"$/, "$1"));
  const [t, x, y, p] = NAMES.map(({ named }) => bare.findIndex((cell) => named.test(cell))) as [number, number, number, number];
  if (Math.min(t, x, y, p) < 0) return undefined;
  const unit = NAMES[0]!.named.exec(bare[t]!)?.[2];
  return { t, x, y, p, places: unit === undefined ? undefined : PLACES.find((row) => row.unit.test(unit))?.places };
}

const placesOf = (times: readonly string[]): number =>
  times.some((time) => Number.isFinite(Number(time)) && /[.eE]/.test(time)) ? SECONDS : MICROS;
const isNumber = (cell: string): boolean => cell !== "" && (Number.isFinite(Number(cell)) || /^(true|false)$/i.test(cell));
const isPixel = (cell: string): boolean => /^\d{1,5}(\.0*)?$/.test(cell);
const neverFalls = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value >= values[i - 1]!);

function isPolarity(cells: readonly string[]): boolean {
  const values = new Set(cells.map((cell) => cell.toLowerCase()));
  return [
    ["0", "1"],
    ["-1", "1"],
    ["false", "true"],
  ].some((pair) => [...values].every((value) => pair.includes(value)));
}
