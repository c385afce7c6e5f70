import type { Events } from "../types.js";
import { checkEvtSide, rawHeader } from "./evt2.js";
import { WrappingTime } from "./evt-time.js";
import type { RecordingWriter, WriterOptions } from "./recording-writer.js";

const ROW = 0x0000, COLUMN = 0x2000, VECTOR_BASE = 0x3000, VECTOR_12 = 0x4000, VECTOR_8 = 0x5000, TIME_LOW = 0x6000, TIME_HIGH = 0x8000;
const HIGH_STEP = 1 << 12, HIGH_RANGE = 1 << 12;
const BLOCK_WORDS = 1 << 15;
/** A mebibyte of TIME_HIGH words: 50 days. A later start is moved down. */
const MAX_STEPS = 1 << 19;
/** A vector is four words for up to 32 pixels: it pays from five events on. */
const VECTOR_PIXELS = 32, VECTOR_WORDS = 4;

export interface Evt3WriterOptions extends WriterOptions {
  /** Join neighbours of one row, time and polarity into vectors, as sensors do. Default true. */
  readonly vectors?: boolean | undefined;
}

/** EVT3: words only for what changes between events; the order of events is kept, with vectors too. */
export class Evt3Writer implements RecordingWriter {
  readonly #time = new WrappingTime(HIGH_STEP, HIGH_RANGE, MAX_STEPS);
  readonly #words = new Uint16Array(BLOCK_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #vectors: boolean;
  #low = -1;
  #row = -1;

  constructor(readonly options: Evt3WriterOptions) {
    checkEvtSide(options.size);
    this.#vectors = options.vectors ?? true;
  }

  get timeShift(): number {
    return this.#time.timeShift;
  }

  begin(): Uint8Array {
    return rawHeader("3.0", "EVT3", this.options.size);
  }

  *write(events: Events): Generator<Uint8Array> {
    const words = this.#words;
    let count = 0;
    for (let i = 0; i < events.count;) {
      const t = events.t[i]!;
      if (Math.floor((t - this.timeShift) / HIGH_STEP) !== this.#time.high)
        for (const high of this.#time.advance(t)) {
          if (count === BLOCK_WORDS) {
            yield this.#bytes;
            count = 0;
          }
          words[count++] = TIME_HIGH | high;
          this.#low = -1;
        }
      if (count + 2 + VECTOR_WORDS > BLOCK_WORDS) {
        yield this.#bytes.subarray(0, 2 * count);
        count = 0;
      }
      const low = (t - this.timeShift) % HIGH_STEP;
      if (low !== this.#low) words[count++] = TIME_LOW | (this.#low = low);
      const row = events.y[i]!;
      if (row !== this.#row) words[count++] = ROW | (this.#row = row);
      const run = this.#vectors ? vectorRun(events, i) : 1;
      if (run > VECTOR_WORDS) {
        putVector(words, count, events, i, run);
        count += VECTOR_WORDS;
        i += run;
      } else {
        words[count++] = COLUMN | (events.p[i]! << 11) | events.x[i]!;
        i++;
      }
    }
    if (count > 0) yield this.#bytes.subarray(0, 2 * count);
  }

  end(): Iterable<Uint8Array> {
    return [];
  }
}

/** How many events from `first` on one vector can hold in their order: same time, row and polarity, columns rising. */
function vectorRun({ count, t, x, y, p }: Events, first: number): number {
  let next = first + 1;
  while (
    next < count &&
    x[next]! > x[next - 1]! &&
    x[next]! < x[first]! + VECTOR_PIXELS &&
    t[next] === t[first] &&
    y[next] === y[first] &&
    p[next] === p[first]
  )
    next++;
  return next - first;
}

function putVector(words: Uint16Array, at: number, { x, p }: Events, first: number, run: number): void {
  let mask = 0;
  for (let i = first; i < first + run; i++) mask |= 1 << (x[i]! - x[first]!);
  words[at] = VECTOR_BASE | (p[first]! << 11) | x[first]!;
  words[at + 1] = VECTOR_12 | (mask & 0xfff);
  words[at + 2] = VECTOR_12 | ((mask >>> 12) & 0xfff);
  words[at + 3] = VECTOR_8 | (mask >>> 24);
}
