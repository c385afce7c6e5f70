import type { Command, SensorControl } from "./control.js";
import { FirstBytes } from "./first-bytes.js";

export interface TfminiOptions {
  readonly unit: "cm" | "mm";
  /** Distances a second, 1 to 1000 (TF-Luna 250). */
  readonly rate: number;
  /** Whether the sensor keeps this in its flash, which bears only so many writes. Some firmware heeds settings only then. */
  readonly save: boolean;
}

const MARK = 0x5a;
const GET_VERSION = 0x01, SET_RATE = 0x03, SET_FORMAT = 0x05, ENABLE_OUTPUT = 0x07, SAVE = 0x11;
const FORMATS = { cm: 0x01, mm: 0x06 } as const;
/** Of answers: bytes by what is answered. */
const ANSWER_BYTES: Readonly<Record<number, number>> = { [GET_VERSION]: 7, [SET_FORMAT]: 5, [SAVE]: 5 };
const LONGEST_ANSWER = 7;
const ANSWER_MILLIS = 20, SAVE_MILLIS = 100;
/** Answers come before the first distances. */
const LISTENED_BYTES = 1 << 12;

/**
 * Benewake TFmini Plus, TFmini-S and TF-Luna: asks for the version with the output off, sets format and rate, turns the output on. Commands
 * are 5A, length of all, what, little-endian payload, sum of the bytes before. Nothing is said at the end: streaming is how they wake up.
 * The first TFmini has other commands (42 57 …), and streams by itself as these do. Source: Benewake's manuals of the three sensors.
 */
export function tfminiControl({ unit, rate, save }: TfminiOptions): SensorControl {
  const format = FORMATS[unit];
  const first = new FirstBytes(LISTENED_BYTES);
  let held = new Uint8Array(0);
  return {
    start: [
      command(ENABLE_OUTPUT, [0]),
      command(GET_VERSION),
      command(SET_FORMAT, [format]),
      command(SET_RATE, [rate & 0xff, rate >> 8]),
      ...(save ? [command(SAVE, [], SAVE_MILLIS)] : []),
      command(ENABLE_OUTPUT, [1]),
    ],
    stop: [],
    hear(chunk) {
      const among = first.of(chunk);
      if (among.length === 0) return undefined;
      const bytes = Buffer.concat([held, among]);
      const told: string[] = [];
      let at = 0;
      while (at < bytes.length) {
        const length = measureAnswer(bytes, at);
        if (length === undefined) break;
        const meaning = length > 0 ? readAnswer(bytes.subarray(at, at + length), format) : undefined;
        if (meaning !== undefined) told.push(meaning);
        at += Math.max(1, length);
      }
      held = Uint8Array.from(bytes.subarray(at));
      return told.length === 0 ? undefined : told.join("; ");
    },
  };
}

function command(what: number, payload: readonly number[] = [], restMillis = ANSWER_MILLIS): Command {
  const bytes = [MARK, payload.length + 4, what, ...payload];
  return { bytes: Uint8Array.of(...bytes, sum(bytes)), restMillis };
}

function sum(bytes: Iterable<number>): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}

/** @returns the bytes of the answer at `at`, 0 when none begins there, undefined when more bytes are needed to tell */
function measureAnswer(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== MARK) return 0;
  if (at + 3 > bytes.length) return undefined;
  const length = bytes[at + 1]!;
  if (length > LONGEST_ANSWER || ANSWER_BYTES[bytes[at + 2]!] !== length) return 0;
  if (at + length > bytes.length) return undefined;
  return sum(bytes.subarray(at, at + length - 1)) === bytes[at + length - 1] ? length : 0;
}

function readAnswer(answer: Uint8Array, format: number): string | undefined {
  const value = answer[3]!;
  switch (answer[2]) {
    case GET_VERSION:
      return `TFmini firmware ${answer[5]}.${answer[4]}.${value}`;
    case SET_FORMAT:
      return value === format ? undefined : `TFmini kept format ${value} though ${format} was asked for: set it with Benewake's program`;
    default:
      return value === 0 ? undefined : "TFmini could not save its settings: they hold until its power is cut";
  }
}
