import { type Frame, PAYLOAD_AT } from "./frame.js";

/** A frame's events lie within this many µs after t0. */
export const MAX_SPAN_MICROS = 2 ** 31 - 1;
export const PLAIN = 0, COMPACT = 1;
export const PLAIN_BYTES = 6, COMPACT_HEAD_BYTES = 4;
/** Sides that events can name. */
export const MAX_SIDE = 32768;

/**
 * How a compact word is divided: bit 0 polarity, then x, then y, then µs since the event before, the first since t0. When all bits of the
 * time are set the word is no event: time goes on by that number and the number in the bits below it.
 *
 *     31                            0
 *      dt … dt | y … y | x … x | p
 */
export interface WordForm {
  /** 2, 3 or 4 */
  readonly wordBytes: number;
  readonly xBits: number;
  readonly yBits: number;
}

/** Whether words can be divided so: every field has a bit. */
export function isWordForm({ wordBytes, xBits, yBits }: WordForm): boolean {
  const sides = xBits >= 1 && xBits <= 15 && yBits >= 1 && yBits <= 15;
  return wordBytes >= 2 && wordBytes <= 4 && sides && 2 + xBits + yBits <= 8 * wordBytes;
}

/**
 * The smallest compact words that leave at least `timeBits` bits for the time; undefined: plain.
 * @param width 1..32768   @param height 1..32768   @param timeBits 1..16
 */
export function chooseForm(width: number, height: number, timeBits = 4): WordForm | undefined {
  const bits = (side: number): number => Math.max(1, 32 - Math.clz32(side - 1));
  return [2, 3, 4]
    .map((wordBytes) => ({ wordBytes, xBits: bits(width), yBits: bits(height) }))
    .find((form) => isWordForm(form) && 1 + form.xBits + form.yBits + timeBits <= 8 * form.wordBytes);
}

/** Where events are written; long enough for any frame (framesEvents). */
export interface EventColumns {
  readonly t: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly p: Uint8Array;
}

/** Events that a frame of so many bytes can hold. */
export const frameEvents = (frameBytes: number): number => frameBytes >> 1;

/**
 * Writes an EVENTS frame's events to `out` from `at` on.
 * @param t0 µs, the frame's time without wraps   @param out has room for frameEvents(frame.capacity) from `at` on
 * @returns how many, or −1 when the payload is not of its form; what is behind `at` is then undefined
 */
export function readEvents(frame: Frame, t0: number, out: EventColumns, at: number): number {
  if (frame.form === PLAIN) return readPlain(frame, t0, out, at);
  if (frame.form !== COMPACT || frame.payloadEnd < PAYLOAD_AT + COMPACT_HEAD_BYTES) return -1;
  const { u8, u16, u32, payloadEnd } = frame;
  const form: WordForm = { wordBytes: u8[PAYLOAD_AT]!, xBits: u8[PAYLOAD_AT + 1]!, yBits: u8[PAYLOAD_AT + 2]! };
  const from = PAYLOAD_AT + COMPACT_HEAD_BYTES;
  if (!isWordForm(form) || (payloadEnd - from) % form.wordBytes !== 0) return -1;
  switch (form.wordBytes) {
    case 2:
      return readWords(u16, from >> 1, payloadEnd >> 1, form, t0, out, at);
    case 4:
      return readWords(u32, from >> 2, payloadEnd >> 2, form, t0, out, at);
    default:
      return readTriples(u8, from, payloadEnd, form, t0, out, at);
  }
}

function readPlain({ u16, payloadEnd }: Frame, t0: number, { t, x, y, p }: EventColumns, at: number): number {
  if ((payloadEnd - PAYLOAD_AT) % PLAIN_BYTES !== 0) return -1;
  const first = at;
  for (let i = PAYLOAD_AT >> 1, end = payloadEnd >> 1; i < end; i += 3) {
    const word = u16[i + 2]!;
    t[at] = t0 + u16[i]!;
    x[at] = u16[i + 1]!;
    y[at] = word & 0x7fff;
    p[at++] = word >>> 15;
  }
  return at - first;
}

function readWords(
  words: Uint16Array | Uint32Array, from: number, to: number, form: WordForm, t0: number, { t, x, y, p }: EventColumns, at: number,
): number {
  const { yShift, xMask, yMask, timeShift, step } = divided(form);
  const first = at;
  let now = t0;
  for (let i = from; i < to; i++) {
    const word = words[i]!;
    const dt = word >>> timeShift;
    now += dt;
    if (dt !== step) {
      t[at] = now;
      x[at] = (word >>> 1) & xMask;
      y[at] = (word >>> yShift) & yMask;
      p[at++] = word & 1;
    } else now += word & ((1 << timeShift) - 1);
  }
  return now - t0 > MAX_SPAN_MICROS ? -1 : at - first;
}

/** As readWords, for words of three bytes, which no array holds. */
function readTriples(bytes: Uint8Array, from: number, to: number, form: WordForm, t0: number, { t, x, y, p }: EventColumns, at: number): number {
  const { yShift, xMask, yMask, timeShift, step } = divided(form);
  const first = at;
  let now = t0;
  for (let i = from; i < to; i += 3) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16);
    const dt = word >>> timeShift;
    now += dt;
    if (dt !== step) {
      t[at] = now;
      x[at] = (word >>> 1) & xMask;
      y[at] = (word >>> yShift) & yMask;
      p[at++] = word & 1;
    } else now += word & ((1 << timeShift) - 1);
  }
  return now - t0 > MAX_SPAN_MICROS ? -1 : at - first;
}

/** Shifts and masks of a word. `step`: all bits of the time. */
export function divided({ wordBytes, xBits, yBits }: WordForm) {
  const timeShift = 1 + xBits + yBits, timeBits = 8 * wordBytes - timeShift;
  return { yShift: 1 + xBits, xMask: (1 << xBits) - 1, yMask: (1 << yBits) - 1, timeShift, step: 2 ** timeBits - 1 };
}
