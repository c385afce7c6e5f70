import { SaccadeError } from "../errors.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";
import { readTextHeader } from "./text-header.js";
import { TimeJump } from "./time-jump.js";

const HASH = 0x23;
/** jAER may keep all its preferences in the header. */
const HEADER_LIMIT = 1 << 22;
const BATCH_EVENTS = 8192;
const TIME_RANGE = 2 ** 32;

/**
 * How a chip's address is laid out. The chips count columns from the right and rows from the bottom, as jAER and libcaer
 * read them; here x runs from the left and y from the top.
 */
interface Chip {
  readonly named: RegExp;
  readonly size: SensorSize;
  readonly address: AddressLayout;
}

interface AddressLayout {
  readonly xShift: number;
  readonly xMask: number;
  readonly yShift: number;
  readonly yMask: number;
  readonly pShift: number;
  /** XORed to the polarity bit: a DVS128 writes 1 for OFF. */
  readonly pFlip: 0 | 1;
  /** Bits that say the word is no pixel event, and what it is then; the first that matches wins. */
  readonly others: readonly { readonly mask: number; readonly equals: number; readonly reason: "imu" | "frame" | "trigger" }[];
}

const DVS128: AddressLayout = {
  xShift: 1,
  xMask: 0x7f,
  yShift: 8,
  yMask: 0x7f,
  pShift: 0,
  pFlip: 1,
  others: [{ mask: 0x8000, equals: 0x8000, reason: "trigger" }],
};
const DAVIS: AddressLayout = {
  xShift: 12,
  xMask: 0x3ff,
  yShift: 22,
  yMask: 0x1ff,
  pShift: 11,
  pFlip: 0,
  others: [
    { mask: 0x80000c00, equals: 0x80000c00, reason: "imu" },
    { mask: 0x80000000, equals: 0x80000000, reason: "frame" },
    { mask: 0x400, equals: 0x400, reason: "trigger" },
  ],
};

const CHIPS: readonly Chip[] = [
  { named: /davis128/i, size: { width: 128, height: 128 }, address: DAVIS },
  { named: /davis208/i, size: { width: 208, height: 192 }, address: DAVIS },
  { named: /davis346/i, size: { width: 346, height: 260 }, address: DAVIS },
  { named: /davis640/i, size: { width: 640, height: 480 }, address: DAVIS },
  { named: /davis240|sbret10/i, size: { width: 240, height: 180 }, address: DAVIS },
  { named: /dvs128|tmpdiff128/i, size: { width: 128, height: 128 }, address: DVS128 },
];

/**
 * AEDAT 1.0 and 2.0: `#` lines, then big-endian addresses (u16 in 1.0, u32 in 2.0) each with a u32 time, µs.
 * The chip, which the header names, says what an address means; 1.0 is a DVS128's. Sources: jAER's extractors, libcaer.
 */
export function aedat2Layout(format: "aedat1" | "aedat2", given: SensorSize | undefined): Layout {
  return {
    format,
    headLimit: HEADER_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const text = readTextHeader(head, ended, HASH, /^End Of ASCII Header$/i);
      if (!text) return undefined;
      const { size, address } = chipOf(format, text.lines, given);
      return { bodyAt: text.bodyAt, size, body: new Aedat2Body(drops, size, address, format === "aedat1" ? 2 : 4) };
    },
  };
}

function chipOf(format: string, lines: readonly string[], given: SensorSize | undefined): { size: SensorSize; address: AddressLayout } {
  const line = (key: RegExp): string | undefined => lines.find((text) => key.test(text))?.replace(key, "");
  const names = [line(/^AEChip:/i), line(/^HardwareInterface:/i)];
  for (const name of names) {
    const chip = name === undefined ? undefined : CHIPS.find(({ named }) => named.test(name));
    if (chip) return { size: agreeOnSize(chip.size, given)!, address: chip.address };
  }
  if (format === "aedat1") return { size: agreeOnSize({ width: 128, height: 128 }, given)!, address: DVS128 };
  if (given) return { size: given, address: given.width === 128 && given.height === 128 ? DVS128 : DAVIS };
  throw new SaccadeError(
    "SENSOR_SIZE_UNKNOWN",
    names[0] ? `the chip${names[0]} of the AEDAT file is not known` : "the AEDAT file does not name its chip",
    "give --size, 128x128 for a DVS128, 240x180 or 346x260 for a DAVIS",
  );
}

class Aedat2Body implements Body {
  readonly block = new Block(BATCH_EVENTS * 8);
  readonly batch = new EventBatch(BATCH_EVENTS);
  understood = false;
  #wraps = 0;
  #before = 0;
  #latest = 0;
  readonly #jump = new TimeJump();

  constructor(
    readonly drops: Drops,
    readonly size: SensorSize,
    readonly address: AddressLayout,
    readonly addressBytes: 2 | 4,
  ) {}

  read(from: number, to: number): number {
    const bytes = this.block.u8;
    const out = this.batch;
    const {
      addressBytes,
      address: { xShift, xMask, yShift, yMask, pShift, pFlip, others },
    } = this;
    const eventBytes = addressBytes + 4;
    const { t, x, y, p } = out;
    const otherBits = others.reduce((bits, { equals }) => bits | equals, 0);
    const lastX = this.size.width - 1, lastY = this.size.height - 1;
    let at = from, count = out.count, before = this.#before, wraps = this.#wraps, latest = this.#latest, outside = 0, backwards = 0, jumps = 0;
    for (; at + eventBytes <= to && count < out.capacity; at += eventBytes) {
      const word = addressBytes === 4 ? bigEndian(bytes, at) : (bytes[at]! << 8) | bytes[at + 1]!;
      const low = bigEndian(bytes, at + addressBytes) >>> 0;
      const other = (word & otherBits) === 0 ? undefined : others.find(({ mask, equals }) => (word & mask) >>> 0 === equals);
      if (other) {
        drop(this.drops, other.reason);
        continue;
      }
      if (before - low > TIME_RANGE / 2) wraps += TIME_RANGE;
      before = low;
      const column = lastX - ((word >>> xShift) & xMask), row = lastY - ((word >>> yShift) & yMask);
      if (column < 0 || row < 0) outside++;
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
        p[count++] = ((word >>> pShift) & 1) ^ pFlip;
      }
    }
    if (at > from) this.understood = true;
    out.count = count;
    this.#before = before;
    this.#wraps = wraps;
    this.#latest = latest;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    return at;
  }
}

/** i32 */
function bigEndian(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
