import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize, sizeOf } from "./sensor-size.js";

const BLOCK_BYTES = 1 << 15;
export const ES_MAGIC = "Event Stream";
const VERSION_AT = ES_MAGIC.length, TYPE_AT = VERSION_AT + 3, SIZE_AT = TYPE_AT + 1, BODY_AT = SIZE_AT + 4;

/** Stream types of the header: how one event is written, and which bytes only move the time. */
const KINDS: Readonly<Record<number, Kind>> = {
  1: { recordBytes: 5, stepShift: 1, kind: "dvs" },
  2: { recordBytes: 5, stepShift: 2, kind: "atis" },
  4: { recordBytes: 8, stepShift: 0, kind: "colour" },
};
interface Kind {
  readonly recordBytes: number;
  readonly stepShift: number;
  readonly kind: "dvs" | "atis" | "colour";
}

/**
 * Event Stream 2.x: a byte with the time step and the polarity, then x and y as u16, y from the bottom (turned here).
 * ATIS exposure events are counted and left out; a colour event gives one ON event. Source: the Event Stream specification.
 */
export function esLayout(given: SensorSize | undefined): Layout {
  return {
    format: "es",
    headLimit: BODY_AT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      if (head.length < BODY_AT && !ended) return undefined;
      const corrupt = (what: string): SaccadeError =>
        new SaccadeError("RECORDING_CORRUPT", what, "check that the file is complete, or name its format with --as");
      if (head.length <= TYPE_AT || Buffer.from(head.subarray(0, VERSION_AT)).toString("latin1") !== ES_MAGIC)
        throw corrupt(`the file does not begin with "${ES_MAGIC}" and a version`);
      if (head[VERSION_AT] !== 2)
        throw new SaccadeError(
          "RECORDING_UNSUPPORTED",
          `Event Stream version ${head[VERSION_AT]} is not read, only 2`,
          "convert it to version 2",
        );
      const kind = KINDS[head[TYPE_AT]!];
      if (!kind)
        throw new SaccadeError(
          "RECORDING_UNSUPPORTED",
          `an Event Stream of type ${head[TYPE_AT]} holds no pixel events`,
          "give a DVS (1), ATIS (2) or colour (4) stream",
        );
      if (head.length < BODY_AT) throw corrupt("the file ends within the Event Stream header");
      const stated = sizeOf(head[SIZE_AT]! | (head[SIZE_AT + 1]! << 8), head[SIZE_AT + 2]! | (head[SIZE_AT + 3]! << 8));
      if (!stated) throw corrupt("the Event Stream header states a sensor with no pixels");
      const size = agreeOnSize(stated, given)!;
      return { bodyAt: BODY_AT, size, body: new EsBody(drops, size, kind) };
    },
  };
}

class EsBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BLOCK_BYTES / 4);
  understood = false;
  #now = 0;

  constructor(
    readonly drops: Drops,
    readonly size: SensorSize,
    readonly kind: Kind,
  ) {}

  read(from: number, to: number): number {
    const bytes = this.block.u8;
    const out = this.batch;
    const { recordBytes, stepShift, kind } = this.kind;
    const { t, x, y, p } = out;
    const { width, height } = this.size;
    let at = from, count = out.count, now = this.#now, outside = 0, exposures = 0;
    while (at < to) {
      const first = bytes[at]!;
      const step = stepWithoutEvent(kind, first);
      if (step >= 0) {
        now += step;
        at++;
        continue;
      }
      if (at + recordBytes > to) break;
      now += first >>> stepShift;
      const column = bytes[at + 1]! | (bytes[at + 2]! << 8), row = bytes[at + 3]! | (bytes[at + 4]! << 8);
      at += recordBytes;
      if (kind === "atis" && (first & 1) === 1) exposures++;
      else if (column >= width || row >= height) outside++;
      else {
        t[count] = now;
        x[count] = column;
        y[count] = height - 1 - row;
        p[count++] = kind === "dvs" ? first & 1 : kind === "atis" ? (first >>> 1) & 1 : 1;
      }
    }
    if (at > from) this.understood = true;
    out.count = count;
    this.#now = now;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "exposure", exposures);
    return at;
  }
}

/** µs that a byte adds without an event, 0 for a reset marker, −1 when it begins an event. */
function stepWithoutEvent(kind: Kind["kind"], byte: number): number {
  if (kind === "atis") return (byte & 0xfc) === 0xfc ? 63 * (byte & 3) : -1;
  if (byte === 0xff) return kind === "dvs" ? 127 : 254;
  return byte === 0xfe ? 0 : -1;
}
