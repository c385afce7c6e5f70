import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop, type DropReason } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";
import { readTextHeader } from "./text-header.js";
import { TimeJump } from "./time-jump.js";

const HASH = 0x23;
const HEADER_LIMIT = 1 << 16;
const BLOCK_BYTES = 1 << 16;
const PACKET_HEAD = 28, EVENT_BYTES = 8;
const POLARITY = 1, POLARITY_TIME_AT = 4;
/** µs of one timestamp overflow: the 32-bit time is signed, so it wraps after 2^31. */
const OVERFLOW = 2 ** 31;
/** The known packet types are 0 .. 12; more room than that is left to recorders. */
const MAX_TYPE = 127;
const OTHER_TYPES: Readonly<Record<number, DropReason>> = { 0: "trigger", 2: "frame", 3: "imu", 4: "imu" };

/** Sensors by the name in the header's `#Source` line. */
const SOURCES: readonly { readonly named: RegExp; readonly size: SensorSize }[] = [
  { named: /dvs128|davis128/i, size: { width: 128, height: 128 } },
  { named: /davis208/i, size: { width: 208, height: 192 } },
  { named: /davis240/i, size: { width: 240, height: 180 } },
  { named: /davis346/i, size: { width: 346, height: 260 } },
  { named: /davis640/i, size: { width: 640, height: 480 } },
];

/**
 * AEDAT 3.0 and 3.1: `#` lines, then packets of a 28-byte head and fixed-size events; polarity packets give events, others
 * are counted by the events they say they hold. Rows count from the bottom in 3.0 (turned here), from the top in 3.1.
 * Source: iniVation's AEDAT 3 page, libcaer.
 */
export function aedat3Layout(given: SensorSize | undefined): Layout {
  return {
    format: "aedat3",
    headLimit: HEADER_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const text = readTextHeader(head, ended, HASH, /^!END-HEADER$/);
      if (!text) return undefined;
      const packing = text.lines
        .find((line) => /^Format:/i.test(line))
        ?.slice("Format:".length)
        .trim();
      if (packing !== undefined && packing.toUpperCase() !== "RAW")
        throw new SaccadeError("RECORDING_UNSUPPORTED", `the AEDAT 3 file is packed as ${packing}`, "save it again as RAW");
      const source = text.lines.find((line) => /^Source/i.test(line));
      const stated = source === undefined ? undefined : SOURCES.find(({ named }) => named.test(source))?.size;
      const size = agreeOnSize(stated, given);
      const fromBottom = /^!AER-DAT3\.0/.test(text.lines[0] ?? "");
      if (fromBottom && !size)
        throw new SaccadeError(
          "SENSOR_SIZE_UNKNOWN",
          "AEDAT 3.0 counts rows from the bottom, and the file does not name its sensor",
          "give --size, 128x128 for a DVS128",
        );
      return { bodyAt: text.bodyAt, size, body: new Aedat3Body(drops, size, fromBottom) };
    },
  };
}

class Aedat3Body implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BLOCK_BYTES / EVENT_BYTES);
  understood = false;
  readonly #width: number;
  readonly #height: number;
  /** Of the packet being read: polarity events left, whether their valid bits count, µs to add, and the bytes after them. */
  #events = 0;
  #checkValid = false;
  #overflow = 0;
  #skip = 0;
  #latest = 0;
  readonly #jump = new TimeJump();

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly fromBottom: boolean,
  ) {
    this.#width = size?.width ?? 1 << 15;
    this.#height = size?.height ?? 1 << 15;
  }

  read(from: number, to: number): number {
    const view = new DataView(this.block.u8.buffer);
    const out = this.batch;
    let at = from, lost = 0;
    for (;;) {
      if (this.#events > 0) {
        const whole = Math.min(this.#events, (to - at) >>> 3, out.capacity - out.count);
        this.#readEvents(view, at, whole, out);
        at += whole * EVENT_BYTES;
        this.#events -= whole;
        if (this.#events > 0) break;
      }
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, to - at);
        at += skipped;
        this.#skip -= skipped;
        if (this.#skip > 0) break;
      }
      if (at + PACKET_HEAD > to) break;
      if (this.#openPacket(view, at)) at += PACKET_HEAD;
      else {
        at++;
        lost++;
      }
    }
    drop(this.drops, "resync_bytes", lost);
    return at;
  }

  /** @returns false when no packet can begin here; there is no mark to look for, so every field must make sense */
  #openPacket(view: DataView, at: number): boolean {
    const field = (offset: number): number => view.getInt32(at + offset, true);
    const type = view.getInt16(at, true), eventBytes = field(4), timeAt = field(8), overflow = field(12);
    const capacity = field(16), number = field(20), valid = field(24);
    const plausible =
      type >= 0 &&
      type <= MAX_TYPE &&
      eventBytes > 0 &&
      timeAt >= 0 &&
      timeAt <= eventBytes - 4 &&
      overflow >= 0 &&
      valid >= 0 &&
      valid <= number &&
      number <= capacity &&
      capacity * eventBytes < OVERFLOW;
    const isPolarity = type === POLARITY;
    if (!plausible || (isPolarity && (eventBytes !== EVENT_BYTES || timeAt !== POLARITY_TIME_AT))) return false;
    this.understood = true;
    this.#events = isPolarity ? number : 0;
    this.#checkValid = valid < number;
    this.#overflow = overflow * OVERFLOW;
    this.#skip = (capacity - this.#events) * eventBytes;
    if (!isPolarity) drop(this.drops, OTHER_TYPES[type] ?? "other_stream", number);
    return true;
  }

  #readEvents(view: DataView, from: number, events: number, out: EventBatch): void {
    const { t, x, y, p } = out;
    const width = this.#width, height = this.#height, overflow = this.#overflow, checkValid = this.#checkValid,
      fromBottom = this.fromBottom;
    let count = out.count, latest = this.#latest, outside = 0, backwards = 0, jumps = 0, invalid = 0, badTime = 0;
    for (let at = from; at < from + events * EVENT_BYTES; at += EVENT_BYTES) {
      const word = view.getUint32(at, true), low = view.getInt32(at + 4, true);
      const column = word >>> 17, row = (word >>> 2) & 0x7fff;
      if (checkValid && (word & 1) === 0) invalid++;
      else if (column >= width || row >= height) outside++;
      else if (low < 0 || overflow + low > Number.MAX_SAFE_INTEGER) badTime++;
      else {
        const time = overflow + low;
        if (time >= latest) latest = time;
        else if (this.#jump.isReal(time, latest)) {
          latest = time;
          jumps++;
        } else backwards++;
        t[count] = latest;
        x[count] = column;
        y[count] = fromBottom ? height - 1 - row : row;
        p[count++] = (word >>> 1) & 1;
      }
    }
    out.count = count;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    drop(this.drops, "invalid_event", invalid);
    drop(this.drops, "bad_time", badTime);
  }
}
