import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { HEADER_LIMIT, PERCENT } from "./prophesee-header.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize, sizeOf } from "./sensor-size.js";
import { readTextHeader } from "./text-header.js";
import { TimeJump } from "./time-jump.js";

const BLOCK_BYTES = 1 << 16;
const EVENT_BYTES = 8;
const TIME_RANGE = 2 ** 32;

/** Where the fields stand in the second word of an event: version 1 is the first ATIS, 304x240. */
const FIELDS = {
  1: { xMask: 0x1ff, yShift: 9, yMask: 0xff, pShift: 17, pMask: 1 },
  2: { xMask: 0x3fff, yShift: 14, yMask: 0x3fff, pShift: 28, pMask: 0xf },
} as const;

/** Event types of the byte after the header that are change detection. */
const CHANGE_TYPES: readonly number[] = [0, 12];

/**
 * DAT: `% key value` lines, u8 event type, u8 event size (8), then u32 time µs and a word of x, y, polarity.
 * A file with no header at all holds bare events of version 2. The time wraps at 2^32. Source: Prophesee's DAT page.
 */
export function datLayout(given: SensorSize | undefined): Layout {
  return {
    format: "dat",
    headLimit: HEADER_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const text = readTextHeader(head, ended, PERCENT, /^end$/);
      if (!text) return undefined;
      const fields = new Map(text.lines.map((line) => [line.split(/\s+/, 1)[0]!.toLowerCase(), line.replace(/^\S+\s*/, "")]));
      const size = agreeOnSize(sizeOf(Number(fields.get("width")), Number(fields.get("height"))), given);
      const version = Number(fields.get("version") ?? 2);
      if (version !== 1 && version !== 2)
        throw new SaccadeError("RECORDING_UNSUPPORTED", `DAT version ${fields.get("version")} is not known`, "convert it to version 2");
      const body = new DatBody(drops, size, version);
      if (text.lines.length === 0) return { bodyAt: 0, size, body };
      if (head.length < text.bodyAt + 2) return ended ? { bodyAt: head.length, size, body } : undefined;
      checkEvents(head[text.bodyAt]!, head[text.bodyAt + 1]!);
      return { bodyAt: text.bodyAt + 2, size, body };
    },
  };
}

function checkEvents(type: number, bytes: number): void {
  if (!CHANGE_TYPES.includes(type))
    throw new SaccadeError(
      "RECORDING_UNSUPPORTED",
      `the DAT file holds events of type ${type}, not change detection (0 or 12)`,
      "give the file with the CD events",
    );
  if (bytes !== EVENT_BYTES)
    throw new SaccadeError(
      "RECORDING_CORRUPT",
      `the DAT header says ${bytes} bytes an event, not ${EVENT_BYTES}`,
      "check that the file is complete",
    );
}

class DatBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BLOCK_BYTES / EVENT_BYTES);
  understood = false;
  readonly #width: number;
  readonly #height: number;
  #wraps = 0;
  #before = 0;
  #latest = 0;
  readonly #jump = new TimeJump();

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly version: 1 | 2,
  ) {
    this.#width = size?.width ?? FIELDS[version].xMask + 1;
    this.#height = size?.height ?? FIELDS[version].yMask + 1;
  }

  read(from: number, to: number): number {
    const words = this.block.u32;
    const out = this.batch;
    const end = (to >>> 3) << 1;
    const { xMask, yShift, yMask, pShift, pMask } = FIELDS[this.version];
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height;
    let count = out.count, before = this.#before, wraps = this.#wraps, latest = this.#latest, outside = 0, backwards = 0, jumps = 0;
    for (let i = from >>> 2; i < end; i += 2) {
      const low = words[i]!, word = words[i + 1]!;
      if (before - low > TIME_RANGE / 2) wraps += TIME_RANGE;
      before = low;
      const column = word & xMask, row = (word >>> yShift) & yMask;
      if (column >= width || row >= height) outside++;
      else {
        const time = wraps + low;
        if (time >= latest) latest = time;
        else if (this.#jump.isReal(time, latest)) {
          latest = time;
          jumps++;
        } else backwards++;
        t[count] = latest;
        x[count] = column;
        y[count] = row;
        p[count++] = ((word >>> pShift) & pMask) === 0 ? 0 : 1;
      }
    }
    out.count = count;
    this.#before = before;
    this.#wraps = wraps;
    this.#latest = latest;
    if (end << 2 > from) this.understood = true;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    return end << 2;
  }
}
