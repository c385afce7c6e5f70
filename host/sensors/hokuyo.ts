import type { Command, SensorControl } from "./control.js";
import { TextLines } from "./text-lines.js";

export interface HokuyoOptions {
  /** Intensities too (ME), of sensors that measure them. */
  readonly intensity: boolean;
}

/** Steps from the first to the last; the sensors that the specification lists all have those of a URG-04LX. */
interface Steps {
  readonly first: number;
  readonly last: number;
}
const URG_04LX: Steps = { first: 44, last: 725 };

const LONGEST_LINE = 80;
/** PP answers in 10 lines; of a scan only the first two matter. */
const MOST_LINES = 16;
const STOP_MILLIS = 50, ANSWER_MILLIS = 50;
const REMEDY = "cut its power for a moment; if that does not help, it is broken";
const OK = "00P", SCAN = "99b", IN_SCIP_1 = "E";

/**
 * Hokuyo, SCIP 2.0, lines of ASCII: QT stops, VV and PP ask for version and parameters, BM lights the laser, MD measures every step,
 * cluster 1, every scan, without end. The range is at first that of a URG-04LX; when PP tells another, QT and the whole range are due.
 * A URG-04LX that still speaks SCIP 1.1 answers QT with an error: then the switch to 2.0, and all of it again, are due.
 *
 * Source: Hokuyo's Communication Protocol Specification for SCIP2.0 (C-42-03320B), and its URG library for ME, counts and SCIP 1.1.
 */
export class HokuyoControl implements SensorControl {
  readonly start: readonly Command[];
  readonly stop: readonly Command[] = [line("QT", STOP_MILLIS)];
  readonly #measure: "MD" | "ME";
  readonly #text = new TextLines(LONGEST_LINE);
  #answer: string[] = [];
  #steps = URG_04LX;
  #due: Command[] = [];
  /** What was told last of what a scan may say again and again. */
  #told: string | undefined;

  constructor({ intensity }: HokuyoOptions) {
    this.#measure = intensity ? "ME" : "MD";
    this.start = [line("QT", STOP_MILLIS), ...this.#begin()];
  }

  hear(chunk: Uint8Array): string | undefined {
    const told: string[] = [];
    for (const text of this.#text.take(chunk)) {
      if (text !== "") {
        if (this.#answer.length < MOST_LINES) this.#answer.push(text);
        continue;
      }
      const meaning = this.#read(this.#answer);
      this.#answer = [];
      if (meaning !== undefined) told.push(meaning);
    }
    return told.length === 0 ? undefined : told.join("; ");
  }

  due(): readonly Command[] {
    return this.#due.splice(0);
  }

  #begin(): Command[] {
    return [line("VV", ANSWER_MILLIS), line("PP", ANSWER_MILLIS), line("BM", ANSWER_MILLIS), this.#scan()];
  }

  /** Command, first and last step of 4 digits, cluster of 2, scans left out of 1, scans of 2: 0 for no end. */
  #scan(): Command {
    const digits = (step: number): string => String(step).padStart(4, "0");
    return line(`${this.#measure}${digits(this.#steps.first)}${digits(this.#steps.last)}01000`, 0);
  }

  #read([echo = "", status = "", ...rest]: readonly string[]): string | undefined {
    const code = echo.slice(0, 2);
    if (code === "QT" && status === IN_SCIP_1) this.#due.push(line("SCIP2.0", STOP_MILLIS), ...this.#begin());
    else if (code === "VV" && status === OK)
      return `Hokuyo firmware ${field(rest, "FIRM")}, ${field(rest, "PROT")}, serial ${field(rest, "SERI")}`;
    else if (code === "PP" && status === OK) return this.#readParameters(rest);
    else if (code === "BM" || code === this.#measure) return this.#readStatus(code, status);
    return undefined;
  }

  #readParameters(lines: readonly string[]): string {
    const first = step(lines, "AMIN"), last = step(lines, "AMAX");
    const sound = first !== undefined && last !== undefined && first < last;
    if (sound && (first !== this.#steps.first || last !== this.#steps.last)) {
      this.#steps = { first, last };
      this.#due.push(line("QT", STOP_MILLIS), this.#scan());
    }
    return `Hokuyo ${field(lines, "MODL")}, steps ${this.#steps.first} to ${this.#steps.last}`;
  }

  #readStatus(code: string, status: string): string | undefined {
    if (status === SCAN || !hasSum(status)) return undefined;
    const meaning = code === "BM" ? laserTrouble(status) : scanTrouble(status);
    const told = meaning === undefined ? undefined : `Hokuyo ${meaning}`;
    if (told === this.#told) return undefined;
    if (code !== "BM") this.#told = told;
    return told;
  }
}

function line(text: string, restMillis: number): Command {
  return { bytes: Buffer.from(`${text}\n`, "latin1"), restMillis };
}

/** Whether the last character is the sum of those before: their low six bits, and 0x30. */
function hasSum(text: string): boolean {
  return sumOf(text.slice(0, -1)) === text.at(-1);
}

function sumOf(text: string): string {
  return String.fromCharCode(([...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) & 0x3f) + 0x30);
}

/** The line `key:value;sum` of an answer; its semicolon is in the sum of some firmware, and not of others. */
function lineOf(lines: readonly string[], key: string): string | undefined {
  const agrees = (text: string): boolean => hasSum(text) || sumOf(text.slice(0, -2)) === text.at(-1);
  return lines.find((text) => text.startsWith(`${key}:`) && text.at(-2) === ";" && agrees(text));
}

function field(lines: readonly string[], key: string): string {
  return lineOf(lines, key)?.slice(key.length + 1, -2).trim() ?? "unknown";
}

function step(lines: readonly string[], key: string): number | undefined {
  const text = field(lines, key);
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function laserTrouble(status: string): string | undefined {
  return status.startsWith("01") ? `cannot light its laser: ${REMEDY}` : undefined;
}

/** Of MD and ME; 00 assents, 99 is a scan, and letters are errors of the command. */
function scanTrouble(status: string): string | undefined {
  const code = status.slice(0, 2), number = /^\d\d$/.test(code) ? Number(code) : -1;
  if (number === 0) return undefined;
  if (number >= 21 && number <= 49) return `has stopped to check itself, status ${code}: it goes on by itself`;
  if (number >= 50 && number <= 97) return `is in trouble with its laser or motor, status ${code}: ${REMEDY}`;
  if (number === 98) return "goes on after it checked itself";
  return `does not take the command to measure, status ${code}: its model may have no such measurement`;
}
