import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";

export const NMNIST_EVENT_BYTES = 5;
const BATCH_EVENTS = 8192;
/** A row of 240 is no pixel: the time of all that follows is 2^13 µs later. */
const OVERFLOW_ROW = 240, OVERFLOW_STEP = 2 ** 13;

/**
 * N-MNIST and N-Caltech101 (.bin, .bs2): five bytes an event, no header: x, y, then polarity and 23 bits of µs, big-endian.
 * The size is known only when it is given: 34x34 for N-MNIST, up to 240x180 for N-Caltech101.
 */
export function nmnistLayout(given: SensorSize | undefined): Layout {
  return {
    format: "nmnist",
    headLimit: 0,
    open(_head: Uint8Array, _ended: boolean, drops: Drops): Opened {
      return { bodyAt: 0, size: given, body: new NmnistBody(drops, given) };
    },
  };
}

class NmnistBody implements Body {
  readonly block = new Block(BATCH_EVENTS * 8);
  readonly batch = new EventBatch(BATCH_EVENTS);
  understood = false;
  readonly #width: number;
  readonly #height: number;
  #offset = 0;
  #latest = 0;

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
  ) {
    this.#width = size?.width ?? 256;
    this.#height = size?.height ?? 256;
  }

  read(from: number, to: number): number {
    const bytes = this.block.u8;
    const out = this.batch;
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let at = from, count = out.count, latest = this.#latest, offset = this.#offset, outside = 0, backwards = 0;
    for (; at + NMNIST_EVENT_BYTES <= to && count < out.capacity; at += NMNIST_EVENT_BYTES) {
      const column = bytes[at]!, row = bytes[at + 1]!, third = bytes[at + 2]!;
      if (row === OVERFLOW_ROW) offset += OVERFLOW_STEP;
      else if (column >= width || row >= height) outside++;
      else {
        const time = offset + (((third & 0x7f) << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!);
        if (time >= latest) latest = time;
        else backwards++;
        t[count] = latest;
        x[count] = column;
        y[count] = row;
        p[count++] = third >>> 7;
      }
    }
    if (at > from) this.understood = true;
    out.count = count;
    this.#latest = latest;
    this.#offset = offset;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    return at;
  }
}
