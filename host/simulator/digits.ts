import type { Events, Interval, Micros, SensorSize } from "../types.js";
import { EventColumns } from "./columns.js";
import { digitScene, NMNIST_SIZE } from "./digit-scene.js";
import { ATIS_LIKE, DvsSensor, type DvsOptions } from "./dvs.js";
import { pacer } from "./pace.js";
import { Random } from "./random.js";
import { blankScene, laterScene } from "./scene.js";
import { SACCADES_MICROS } from "./saccades.js";

export const DIGIT_LABELS: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** How often the sensor looks: at most a quarter of a pixel moves in between. */
const LOOK_MICROS: Micros = 1000;

export interface DigitRecording {
  readonly events: Events;
  readonly label: string;
}

/** One recording as N-MNIST makes them: a digit, three saccades, 300 ms. The same seed and digit give the same events. */
export function digitRecording(seed: number, digit: number, options: DvsOptions = ATIS_LIKE): DigitRecording {
  const random = new Random(seed, digit);
  const sensor = new DvsSensor(digitScene(digit, random), options, random);
  const events = new EventColumns();
  for (let t = LOOK_MICROS; t <= SACCADES_MICROS; t += LOOK_MICROS) sensor.expose(t, events);
  return { events, label: DIGIT_LABELS[digit]! };
}

export interface DigitStreamOptions {
  readonly seed: number;
  /** Default 34 × 34. */
  readonly size?: SensorSize;
  /** "real": no batch comes before its time; "max" (default): as fast as they are asked for. */
  readonly pace?: "real" | "max";
  /** Digits to show; default without end. */
  readonly count?: number;
  /** Cycles of three saccades that each digit is shown for. Default 2: 600 ms. */
  readonly cycles?: number;
  /** Covered lens between two digits: noise only. Default 200,000 µs. */
  readonly gapMicros?: Micros;
  /** Length of a batch. Default 10,000 µs. */
  readonly batchMicros?: Micros;
  readonly sensor?: DvsOptions;
  readonly signal?: AbortSignal;
}

export interface DigitBatch {
  /** Valid until the next batch is asked for. */
  readonly events: Events;
  /** The batch ends here; its events are before it. */
  readonly until: Micros;
  /** The digit in view, undefined in a gap. */
  readonly truth: Interval | undefined;
}

/** Digits one after the other before one sensor, for demos: batches of events with the truth beside them. */
export async function* simulateDigits(options: DigitStreamOptions): AsyncGenerator<DigitBatch, void, undefined> {
  const { seed, size = NMNIST_SIZE, cycles = 2, gapMicros = 200_000, batchMicros = 10_000, signal } = options;
  const random = new Random(seed);
  const shown = cycles * SACCADES_MICROS;
  const wait = options.pace === "real" ? pacer(signal) : async () => undefined;
  const blank = blankScene(size);
  const sensor = new DvsSensor(blank, options.sensor ?? ATIS_LIKE, random);
  const events = new EventColumns();
  let start: Micros = 0;
  let last = -1;
  for (let shownDigits = 0; shownDigits < (options.count ?? Number.POSITIVE_INFINITY); shownDigits++) {
    // Never the same digit twice in a row, so that a change can be seen.
    const digit = (last + 1 + random.below(last < 0 ? 10 : 9)) % 10;
    last = digit;
    const truth: Interval = { label: DIGIT_LABELS[digit]!, start, end: start + shown };
    const parts = [
      { scene: laterScene(digitScene(digit, random, size), start), from: start, to: truth.end, truth },
      { scene: blank, from: truth.end, to: truth.end + gapMicros, truth: undefined },
    ];
    for (const part of parts) {
      sensor.look(part.scene, part.from);
      for (let t = part.from; t < part.to; ) {
        const until = Math.min(part.to, t + batchMicros);
        events.clear();
        while (t < until) sensor.expose((t = Math.min(until, t + LOOK_MICROS)), events);
        await wait(until);
        if (signal?.aborted) return;
        yield { events, until, truth: part.truth };
      }
    }
    start = truth.end + gapMicros;
  }
}
