import type { Drops, Micros } from "../../types.js";
import { type Line, LineClock } from "../clocks/line-clock.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { DENSE, EXPRESS, ULTRA, ULTRA_DENSE } from "./rplidar-capsules.js";
import { Capsules, HighQuality, type Measurements, Nodes } from "./rplidar-frames.js";
import { type FrameReader, MORE_BYTES, NO_FRAME, SerialPointDecoder } from "./serial.js";

const USUAL_BAUD = 115200;
const DESCRIPTOR_BYTES = 7, LONGEST_ANSWER = 64;
/** Types of answers that come once, with how long they are. */
const INFO = 0x04, HEALTH = 0x06;
const ANSWERS: Readonly<Record<number, (bytes: number) => boolean>> = {
  [INFO]: (bytes) => bytes === 20,
  [HEALTH]: (bytes) => bytes === 3,
  0x15: (bytes) => bytes === 4,
  0x20: (bytes) => bytes >= 4 && bytes <= LONGEST_ANSWER,
};

/** How measurements are sent: the type of the answer that says so, and the bytes of one frame. */
const MODES = {
  standard: { type: 0x81, bytes: Nodes.BYTES, make: (drops: Drops): Measurements => new Nodes(drops) },
  express: { type: 0x82, bytes: EXPRESS.bytes, make: (drops: Drops): Measurements => new Capsules(EXPRESS, drops) },
  hq: { type: 0x83, bytes: HighQuality.BYTES, make: (drops: Drops): Measurements => new HighQuality(drops) },
  ultra: { type: 0x84, bytes: ULTRA.bytes, make: (drops: Drops): Measurements => new Capsules(ULTRA, drops) },
  dense: { type: 0x85, bytes: DENSE.bytes, make: (drops: Drops): Measurements => new Capsules(DENSE, drops) },
  "ultra-dense": { type: 0x86, bytes: ULTRA_DENSE.bytes, make: (drops: Drops): Measurements => new Capsules(ULTRA_DENSE, drops) },
} as const;
export type RplidarMode = keyof typeof MODES;
export const RPLIDAR_MODES = Object.keys(MODES) as readonly RplidarMode[];

/** What the sensor says of itself when it is asked. */
export interface RplidarInfo {
  readonly model: number;
  /** Major and minor. */
  readonly firmware: readonly [number, number];
  readonly hardware: number;
  /** 32 hexadecimal digits. */
  readonly serial: string;
}

export interface RplidarHealth {
  readonly status: "good" | "warning" | "error";
  readonly code: number;
}

/**
 * SLAMTEC RPLIDAR A, C, S and T. An answer begins with A5 5A, u32 of 30 bits of length and 2 of mode, u8 type; one that says that
 * measurements follow sets how they are read until the next. A stream that is joined later has none: then `mode` must be named.
 * Angles are clockwise from ahead. The sensor's time, where a mode has any, is not used: samples are spread evenly up to when their
 * frame came. Source: SLAMTEC's protocol document and the headers of its SDK.
 */
export class RplidarDecoder extends SerialPointDecoder {
  readonly #rplidar: RplidarReader;

  constructor(mode: RplidarMode | undefined, line: Line) {
    const drops: Drops = {};
    const reader = new RplidarReader(mode, drops);
    super(reader, new LineClock(line, USUAL_BAUD), drops);
    this.#rplidar = reader;
  }

  /** The latest answer, if any. */
  get info(): RplidarInfo | undefined {
    return this.#rplidar.info;
  }

  /** The latest answer, if any. */
  get health(): RplidarHealth | undefined {
    return this.#rplidar.health;
  }
}

/** By the first byte of the answer; what is more is an error. */
const HEALTHS: readonly RplidarHealth["status"][] = ["good", "warning"];

class RplidarReader implements FrameReader {
  readonly format: string;
  readonly longest = HighQuality.BYTES;
  /** An answer that ends a stream gives what the stream held. */
  readonly mostPoints = ULTRA.samples;
  info: RplidarInfo | undefined;
  health: RplidarHealth | undefined;
  #mode: Measurements | undefined;
  /** Whether what was measured last is an answer. */
  #answer = false;

  constructor(
    mode: RplidarMode | undefined,
    readonly drops: Drops,
  ) {
    this.format = mode === undefined ? "rplidar" : `rplidar-${mode}`;
    if (mode !== undefined) this.#mode = MODES[mode].make(drops);
  }

  measure(bytes: Uint8Array, at: number, to: number, ended: boolean): number {
    const answer = measureAnswer(bytes, at, to);
    if (answer > 0 || (answer === MORE_BYTES && !ended)) {
      this.#answer = answer > 0;
      return answer;
    }
    this.#answer = false;
    return this.#mode === undefined ? NO_FRAME : this.#mode.measure(bytes, at, to, ended);
  }

  read(bytes: Uint8Array, at: number, length: number, time: Micros, lost: boolean, batch: PointBatch): void {
    if (this.#answer) this.#readAnswer(bytes.subarray(at, at + length), batch);
    else this.#mode!.read(bytes, at, time, lost, batch);
  }

  finish(batch: PointBatch): void {
    this.#mode?.finish(batch);
  }

  #readAnswer(answer: Uint8Array, batch: PointBatch): void {
    drop(this.drops, "reply");
    const type = answer[DESCRIPTOR_BYTES - 1]!, body = answer.subarray(DESCRIPTOR_BYTES);
    const mode = Object.values(MODES).find((candidate) => candidate.type === type);
    if (mode !== undefined) {
      this.#mode?.finish(batch);
      batch.endScan();
      this.#mode = mode.make(this.drops);
    } else if (type === INFO)
      this.info = {
        model: body[0]!,
        firmware: [body[2]!, body[1]!],
        hardware: body[3]!,
        serial: Buffer.from(body.subarray(4)).toString("hex"),
      };
    else if (type === HEALTH) this.health = { status: HEALTHS[body[0]!] ?? "error", code: body[1]! | (body[2]! << 8) };
  }
}

/** An answer stands only when length, mode and type agree: measurements may hold its two marks by chance. */
function measureAnswer(bytes: Uint8Array, at: number, to: number): number {
  if (bytes[at] !== 0xa5) return NO_FRAME;
  if (at + 1 < to && bytes[at + 1] !== 0x5a) return NO_FRAME;
  if (at + DESCRIPTOR_BYTES > to) return MORE_BYTES;
  const type = bytes[at + 6]!, streams = bytes[at + 5] === 0x40;
  if ((!streams && bytes[at + 5] !== 0) || bytes[at + 4] !== 0) return NO_FRAME;
  const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
  if (streams) return Object.values(MODES).some((mode) => mode.type === type && mode.bytes === length) ? DESCRIPTOR_BYTES : NO_FRAME;
  if (!ANSWERS[type]?.(length)) return NO_FRAME;
  return at + DESCRIPTOR_BYTES + length > to ? MORE_BYTES : DESCRIPTOR_BYTES + length;
}
