import { COMPACT, divided, type EventColumns, MAX_SPAN_MICROS, PLAIN, PLAIN_BYTES, type WordForm } from "./events.js";
import { PAYLOAD_AT } from "./frame.js";
import type { FrameWriter } from "./writer.js";

/** A pause that needs more words than this begins a new frame instead, which costs about as much. */
export const MOST_STEPS = 4;
const MAX_PLAIN_MICROS = 65535;

/**
 * Events to EVENTS frames. A frame is full when the next event does not fit: by room, or because it is too late for the form, or, compact,
 * earlier than the one before.
 *
 *     for (let at = 0; at < count;) {
 *       at = events.add(columns, at, count);
 *       if (at < count) send(events.flush()!);
 *     }
 *
 * and `flush` once more when what is held should not wait any longer.
 */
export class EventsWriter {
  #end = 0;
  #count = 0;
  #t0 = 0;
  #before = 0;

  /** @param form of compact words; undefined: plain. Pixels must fit it: bits above its fields are lost */
  constructor(
    readonly writer: FrameWriter,
    readonly form: WordForm | undefined,
  ) {}

  /** Events in the open frame. */
  get held(): number {
    return this.#count;
  }

  /** Takes events[from .. to) into the open frame. @returns the first that it did not take: `to`, or the frame is full */
  add(events: EventColumns, from: number, to: number): number {
    if (from < to && this.#count === 0) this.#open(events.t[from]!);
    return this.form === undefined ? this.#addPlain(events, from, to) : this.#addWords(this.form, events, from, to);
  }

  /** Closes the open frame. @returns its bytes on the wire, valid until the writer's next frame; undefined when it holds no event */
  flush(): Uint8Array | undefined {
    if (this.#count === 0) return undefined;
    this.#count = 0;
    return this.writer.close("EVENTS", this.form === undefined ? PLAIN : COMPACT, this.#t0, this.#end);
  }

  #open(time: number): void {
    const { u8 } = this.writer.frame;
    this.#t0 = this.#before = time;
    this.#end = PAYLOAD_AT;
    if (this.form === undefined) return;
    const { wordBytes, xBits, yBits } = this.form;
    for (const byte of [wordBytes, xBits, yBits, 0]) u8[this.#end++] = byte;
  }

  #addPlain({ t, x, y, p }: EventColumns, from: number, to: number): number {
    const { u16 } = this.writer.frame;
    const limit = PAYLOAD_AT + this.writer.room - PLAIN_BYTES, first = from;
    let end = this.#end;
    for (; from < to && end <= limit; from++, end += PLAIN_BYTES) {
      const dt = t[from]! - this.#t0, at = end >> 1;
      if (dt < 0 || dt > MAX_PLAIN_MICROS) break;
      u16[at] = dt;
      u16[at + 1] = x[from]!;
      u16[at + 2] = (y[from]! & 0x7fff) | (p[from]! << 15);
    }
    this.#end = end;
    this.#count += from - first;
    return from;
  }

  #addWords(form: WordForm, { t, x, y, p }: EventColumns, from: number, to: number): number {
    const { wordBytes } = form, { xMask, yMask, yShift, timeShift, step } = divided(form);
    const limit = PAYLOAD_AT + this.writer.room - wordBytes, first = from;
    const put = wordBytes === 2 ? putPair : wordBytes === 4 ? putQuad : putTriple;
    const { frame } = this.writer;
    let end = this.#end, before = this.#before;
    for (; from < to; from++) {
      const time = t[from]!;
      let dt = time - before;
      if (dt < 0 || end > limit || time - this.#t0 > MAX_SPAN_MICROS) break;
      if (dt >= step) {
        const lowMost = 2 ** timeShift - 1;
        const steps = Math.floor((dt - step) / (step + lowMost)) + 1;
        if (steps > MOST_STEPS || end + steps * wordBytes > limit) break;
        for (; dt >= step; end += wordBytes) {
          const low = Math.min(dt - step, lowMost);
          put(frame, end, (step * 2 ** timeShift + low) | 0);
          dt -= step + low;
        }
      }
      put(frame, end, (dt << timeShift) | ((y[from]! & yMask) << yShift) | ((x[from]! & xMask) << 1) | p[from]!);
      end += wordBytes;
      before = time;
    }
    this.#end = end;
    this.#before = before;
    this.#count += from - first;
    return from;
  }
}

type Put = (frame: FrameWriter["frame"], at: number, word: number) => void;

const putPair: Put = ({ u16 }, at, word) => void (u16[at >> 1] = word);
const putQuad: Put = ({ u32 }, at, word) => void (u32[at >> 2] = word);
const putTriple: Put = ({ u8 }, at, word) => {
  u8[at] = word;
  u8[at + 1] = word >>> 8;
  u8[at + 2] = word >>> 16;
};
