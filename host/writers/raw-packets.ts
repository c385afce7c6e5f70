import { crc32 } from "node:zlib";
import { Encoder } from "cbor-x";
import type { Events, Micros, SensorSize } from "../types.js";

/** Events of one packet: with u32 times they take 33 KiB of the 64 that a packet may have. */
const MOST_EVENTS = 4096;
/** Every so many packets state the sensor's size. */
const SIZE_EVERY = 64;
const VERSION = 1, SEQUENCE_RANGE = 2 ** 32;

/** Plain maps with integer keys, no record extension; integer arrays with their tags (RFC 8746), byte strings without one. */
const encoder = new Encoder({ useRecords: false, mapsAsObjects: false, variableMapSize: true, tagUint8Array: false });

/** Events to packets of CBOR, as bridges publish them by MQTT: raw-dvs of docs/messages.cddl. */
export class RawDvsWriter {
  #seq = 0;

  /** @param checked  whether packets carry a CRC-32, for ways that do not check themselves */
  constructor(
    readonly size?: SensorSize,
    readonly checked = false,
  ) {}

  /** @param events  times not falling  @yields packets of at most 4,096 events */
  *write({ count, t, x, y, p }: Events): Generator<Uint8Array> {
    for (let from = 0; from < count;) {
      const t0 = t[from]!;
      let to = from;
      while (to < count && to - from < MOST_EVENTS && t[to]! - t0 < 2 ** 32) to++;
      const n = to - from, steps = t.subarray(from, to).map((time) => time - t0);
      const pixels = new Uint16Array(2 * n), polarities = new Uint8Array(Math.ceil(n / 8));
      for (let i = 0; i < n; i++) {
        pixels[2 * i] = x[from + i]!;
        pixels[2 * i + 1] = y[from + i]!;
        polarities[i >> 3]! |= p[from + i]! << (i & 7);
      }
      const times = steps[n - 1]! < 65_536 ? Uint16Array.from(steps) : Uint32Array.from(steps);
      yield this.#packet(t0, n, pixels, times, polarities);
      from = to;
    }
  }

  #packet(t0: Micros, count: number, pixels: Uint16Array, times: Uint16Array | Uint32Array, polarities: Uint8Array): Uint8Array {
    const seq = this.#seq;
    this.#seq = (seq + 1) % SEQUENCE_RANGE;
    const fields = head(seq, t0).set(3, count).set(4, pixels).set(5, times).set(6, polarities);
    if (this.size !== undefined && seq % SIZE_EVERY === 0) fields.set(7, [this.size.width, this.size.height]);
    if (this.checked) fields.set(8, whole([pixels, times, polarities].reduce((sum, column) => crc32(column, sum), 0)));
    return encoder.encode(fields);
  }
}

/** Measurements of a LiDAR that turns in a plane, in the order in which it made them, 1 to 10,000. */
export interface PlaneScan {
  /** When the first was made. */
  readonly t0: Micros;
  /** mm; 0: nothing was seen. */
  readonly ranges: Uint16Array;
  /** 0.01°, clockwise from ahead, below 36,000. */
  readonly angles: Uint16Array;
  readonly intensities?: Uint8Array;
}

/** One packet: raw-lidar of docs/messages.cddl. @param seq  0, 1, … 2^32 − 1, 0 */
export function rawLidarPacket(seq: number, { t0, ranges, angles, intensities }: PlaneScan): Uint8Array {
  const fields = head(seq, t0).set(3, ranges.length).set(4, ranges).set(5, angles);
  if (intensities !== undefined) fields.set(6, intensities);
  return encoder.encode(fields);
}

/**
 * One packet of a sensor's own bytes: raw-vendor of docs/messages.cddl.
 * @param t0 when they came, µs   @param format as `saccade decode --as` names it   @param bytes at most 65,000
 */
export function rawVendorPacket(seq: number, t0: Micros, format: string, bytes: Uint8Array): Uint8Array {
  return encoder.encode(head(seq, t0).set(9, format).set(10, bytes));
}

function head(seq: number, t0: Micros): Map<number, unknown> {
  return new Map<number, unknown>([[0, VERSION], [1, whole(seq)], [2, whole(t0)]]);
}

/** cbor-x writes numbers from 2^32 on as floats; as bigint they stay integers. */
function whole(value: number): number | bigint {
  return value > 0xffffffff ? BigInt(value) : value;
}
