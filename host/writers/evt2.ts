import { SaccadeError } from "../errors.js";
import type { Events, SensorSize } from "../types.js";
import { WrappingTime } from "./evt-time.js";
import type { RecordingWriter, WriterOptions } from "./recording-writer.js";

/** Sides that the 11-bit fields of EVT2 and EVT3 can name. */
const MAX_EVT_SIDE = 2048;
const TIME_HIGH = 8 << 28;
const HIGH_STEP = 64, HIGH_RANGE = 2 ** 28;
const BLOCK_WORDS = 1 << 14;
/** A mebibyte of TIME_HIGH words reaches past the year 2100 in µs since 1970. */
const MAX_STEPS = 1 << 18;

/** EVT2: a TIME_HIGH word whenever the time passes a multiple of 64 µs, and a word an event. */
export class Evt2Writer implements RecordingWriter {
  readonly #time = new WrappingTime(HIGH_STEP, HIGH_RANGE, MAX_STEPS);
  readonly #words = new Uint32Array(BLOCK_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  constructor(readonly options: WriterOptions) {
    checkEvtSide(options.size);
  }

  get timeShift(): number {
    return this.#time.timeShift;
  }

  begin(): Uint8Array {
    return rawHeader("2.0", "EVT2", this.options.size);
  }

  *write(events: Events): Generator<Uint8Array> {
    const words = this.#words;
    let count = 0;
    for (let i = 0; i < events.count; i++) {
      const t = events.t[i]!;
      if (Math.floor((t - this.timeShift) / HIGH_STEP) !== this.#time.high)
        for (const high of this.#time.advance(t)) {
          if (count === BLOCK_WORDS) {
            yield this.#bytes;
            count = 0;
          }
          words[count++] = TIME_HIGH | high;
        }
      if (count === BLOCK_WORDS) {
        yield this.#bytes;
        count = 0;
      }
      words[count++] = (events.p[i]! << 28) | (((t - this.timeShift) % HIGH_STEP) << 22) | (events.x[i]! << 11) | events.y[i]!;
    }
    if (count > 0) yield this.#bytes.subarray(0, 4 * count);
  }

  end(): Iterable<Uint8Array> {
    return [];
  }
}

/** @throws SaccadeError RECORDING_UNSUPPORTED when an 11-bit field cannot name every pixel */
export function checkEvtSide(size: SensorSize): void {
  if (size.width > MAX_EVT_SIDE || size.height > MAX_EVT_SIDE)
    throw new SaccadeError(
      "RECORDING_UNSUPPORTED",
      `EVT files hold sensors up to ${MAX_EVT_SIDE}x${MAX_EVT_SIDE}, not ${size.width}x${size.height}`,
      "convert to aedat4, csv or npz",
    );
}

/** The text header that current and older readers of RAW files both understand. */
export function rawHeader(version: string, format: string, { width, height }: SensorSize): Uint8Array {
  return Buffer.from(
    `% evt ${version}\n% format ${format};height=${height};width=${width}\n% geometry ${width}x${height}\n% end\n`,
    "latin1",
  );
}
