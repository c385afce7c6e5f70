import type { Drops, PointDecoder } from "../../types.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { type OusterInfo, ousterPacketBytes } from "./ouster-info.js";
import { PacketPointDecoder, type PacketReader } from "./packets.js";

const RADIANS = Math.PI / 180;
/** A legacy column's status when its pixels are valid; a newer one's has this bit. */
const LEGACY_VALID = 0xffffffff, VALID = 1;
/** Frame numbers are u16: one that is up to half the range before another is of an earlier frame. */
const FRAMES = 1 << 16;

/** One packet, told apart: entry c of a column, entry c·pixels + p of a pixel. */
export interface OusterColumns {
  /** ns, as low and high halves. */
  readonly timestamps: BigUint64Array;
  readonly measurements: Uint16Array;
  readonly frames: Uint16Array;
  readonly status: Uint32Array;
  /** One array a return: mm, 0 for none; and reflectivity. */
  readonly ranges: readonly Uint32Array[];
  readonly reflectivities: readonly Uint8Array[];
}

/** Reads packets of one sensor into arrays that are used again for the next. */
export class OusterPackets {
  readonly bytes: number;
  readonly columns: OusterColumns;

  constructor(readonly info: OusterInfo) {
    this.bytes = ousterPacketBytes(info);
    const { columnsPerPacket, pixels, profile } = info;
    this.columns = {
      timestamps: new BigUint64Array(columnsPerPacket),
      measurements: new Uint16Array(columnsPerPacket),
      frames: new Uint16Array(columnsPerPacket),
      status: new Uint32Array(columnsPerPacket),
      ranges: profile.returns.map(() => new Uint32Array(columnsPerPacket * pixels)),
      reflectivities: profile.returns.map(() => new Uint8Array(columnsPerPacket * pixels)),
    };
  }

  /** @returns whether the packet is one of this sensor's */
  read(packet: DataView): boolean {
    const { profile, columnsPerPacket, pixels } = this.info;
    const { head, columnHead, columnTail, pixel } = profile;
    if (packet.byteLength !== this.bytes || (head > 0 && packet.getUint16(0, true) !== 1)) return false;
    const { timestamps, measurements, frames, status } = this.columns;
    const stride = columnHead + pixels * pixel + columnTail;
    for (let c = 0, at = head; c < columnsPerPacket; c++, at += stride) {
      timestamps[c] = packet.getBigUint64(at, true);
      measurements[c] = packet.getUint16(at + 8, true);
      frames[c] = packet.getUint16(head > 0 ? 2 : at + 10, true);
      status[c] = head > 0 ? packet.getUint16(at + 10, true) : packet.getUint32(at + stride - columnTail, true);
      this.#readPixels(packet, at + columnHead, c * pixels);
    }
    return true;
  }

  #readPixels(packet: DataView, at: number, first: number): void {
    const { profile, pixels } = this.info;
    for (const [i, { rangeAt, mask, unit, reflectivityAt }] of profile.returns.entries()) {
      const ranges = this.columns.ranges[i]!, reflectivities = this.columns.reflectivities[i]!;
      for (let p = 0, from = at; p < pixels; p++, from += profile.pixel) {
        ranges[first + p] = (packet.getUint32(from + rangeAt, true) & mask) * unit;
        reflectivities[first + p] = packet.getUint8(from + reflectivityAt);
      }
    }
  }
}

/**
 * Ouster OS0, OS1 and OS2, in the packet profiles of `OUSTER_PROFILES`: columns of one time and encoder position, pixels by beam. Points
 * are in the sensor's frame, which the metadata tells, by r the range, n the beam's origin, θ the encoder, α and φ the beam's angles:
 * x = (r − n)·cos(θ + α)·cos φ + n·cos θ, y = (r − n)·sin(θ + α)·cos φ + n·sin θ, z = (r − n)·sin φ. A scan is what has one frame number.
 * Intensity is the reflectivity, rings are rows from the top, times the sensor's clock. Source: Ouster's software user manual.
 */
export function ousterDecoder(info: OusterInfo): PointDecoder {
  const drops: Drops = {};
  return new PacketPointDecoder(new OusterReader(info, drops), drops);
}

class OusterReader implements PacketReader {
  readonly format = "ouster";
  readonly mostPoints: number;
  readonly #packets: OusterPackets;
  readonly #legacy: boolean;
  /** Of each pixel: cos φ · cos α, cos φ · sin α, sin φ. */
  readonly #along: Float64Array;
  readonly #across: Float64Array;
  readonly #up: Float64Array;
  #frame = -1;

  constructor(
    readonly info: OusterInfo,
    readonly drops: Drops,
  ) {
    const { altitudes, azimuths, columnsPerPacket, pixels, profile } = info;
    this.#packets = new OusterPackets(info);
    this.#legacy = profile.head === 0;
    this.mostPoints = columnsPerPacket * pixels * profile.returns.length;
    this.#along = Float64Array.from(altitudes, (altitude, p) => Math.cos(altitude * RADIANS) * Math.cos(-azimuths[p]! * RADIANS));
    this.#across = Float64Array.from(altitudes, (altitude, p) => Math.cos(altitude * RADIANS) * Math.sin(-azimuths[p]! * RADIANS));
    this.#up = Float64Array.from(altitudes, (altitude) => Math.sin(altitude * RADIANS));
  }

  read(packet: DataView, batch: PointBatch): boolean {
    if (!this.#packets.read(packet)) return false;
    const { measurements, frames, status, ranges } = this.#packets.columns;
    const { columnsPerPacket, columnsPerFrame, pixels } = this.info;
    let invalid = 0;
    for (let c = 0; c < columnsPerPacket; c++) {
      const valid = this.#legacy ? status[c] === LEGACY_VALID : (status[c]! & VALID) === VALID;
      if (!valid || measurements[c]! >= columnsPerFrame) {
        invalid++;
        continue;
      }
      const ahead = (frames[c]! - this.#frame + FRAMES) % FRAMES;
      if (this.#frame >= 0 && ahead > 0 && ahead < FRAMES / 2) batch.endScan();
      if (this.#frame < 0 || ahead < FRAMES / 2) this.#frame = frames[c]!;
      for (let echo = 0; echo < ranges.length; echo++) this.#readColumn(c, echo, batch);
    }
    drop(this.drops, "invalid_column", invalid);
    drop(this.drops, "no_return", (columnsPerPacket - invalid) * pixels * ranges.length - batch.count);
    return true;
  }

  #readColumn(c: number, echo: number, batch: PointBatch): void {
    const { beamOrigin, lidarToSensor, pixels, columnsPerFrame } = this.info;
    const { timestamps, measurements, ranges, reflectivities } = this.#packets.columns;
    const [xx, xy, xz, x0, yx, yy, yz, y0, zx, zy, zz, z0] = lidarToSensor as number[] as [
      number, number, number, number, number, number, number, number, number, number, number, number,
    ];
    const range = ranges[echo]!, reflectivity = reflectivities[echo]!, first = c * pixels;
    const time = Number(timestamps[c]! / 1000n) % 2 ** 53;
    const encoder = 2 * Math.PI * (1 - measurements[c]! / columnsPerFrame), cos = Math.cos(encoder), sin = Math.sin(encoder);
    for (let p = 0; p < pixels; p++) {
      const r = range[first + p]!;
      if (r === 0) continue;
      const along = (r - beamOrigin) * this.#along[p]! + beamOrigin, across = (r - beamOrigin) * this.#across[p]!;
      const x = along * cos - across * sin, y = along * sin + across * cos, z = (r - beamOrigin) * this.#up[p]!;
      batch.add(
        time,
        10 * (xx * x + xy * y + xz * z + x0),
        10 * (yx * x + yy * y + yz * z + y0),
        10 * (zx * x + zy * y + zz * z + z0),
        reflectivity[first + p]!,
        p,
        echo,
      );
    }
  }
}
