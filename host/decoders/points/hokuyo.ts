import type { Drops, Micros, PointDecoder } from "../../types.js";
import { type Line, LineClock } from "../clocks/line-clock.js";
import { WrappedTime } from "../clocks/wrapped-time.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { type FrameReader, MORE_BYTES, NO_FRAME, SerialPointDecoder } from "./serial.js";

const LINE_FEED = 0x0a, FIRST_PRINTABLE = 0x20, LAST_PRINTABLE = 0x7e, DIGIT_ZERO = 0x30, LETTER_A = 0x41, LETTER_Z = 0x5a;
const COMMAND_LETTERS = 2, NONE = -1;
const LONGEST = 16384, MOST_POINTS = LONGEST / 2;
const USUAL_BAUD = 115200;
/** Of the sensor's milliseconds, 24 bits. */
const TIME_RANGE = 2 ** 24;
const TIME_CHARACTERS = 4;

/** Measuring commands: characters of a distance, and of the intensity that follows it. */
const MEASURES: Readonly<Record<string, { readonly distance: number; readonly intensity: number }>> = {
  MD: { distance: 3, intensity: 0 },
  MS: { distance: 2, intensity: 0 },
  ME: { distance: 3, intensity: 3 },
  GD: { distance: 3, intensity: 0 },
  GS: { distance: 2, intensity: 0 },
  GE: { distance: 3, intensity: 3 },
};

/** What a PP answer tells: nearest and farthest mm, steps a turn, the step straight ahead, turns a minute. */
interface Sensor {
  readonly DMIN: number;
  readonly DMAX: number;
  readonly ARES: number;
  readonly AFRT: number;
  readonly SCAN: number;
}
const URG_04LX: Sensor = { DMIN: 20, DMAX: 5600, ARES: 1024, AFRT: 384, SCAN: 600 };

/**
 * Hokuyo's SCIP 2.0. Answers are lines of ASCII that end with an empty one: the command, status and sum, then with MD, MS and ME (00 is
 * only the assent, 99 a scan) four characters of time and sum, and data in lines of up to 64 characters and a sum. A character holds six
 * bits, 0x30 more. A PP answer tells the sensor's angles; before one it is taken for a URG-04LX. Steps go anticlockwise; each answer is
 * a scan, and the steps' times follow its own at the rate of the turn. Source: the SCIP 2.0 command set and the URG manuals.
 */
export function hokuyoDecoder(line: Line): PointDecoder {
  const drops: Drops = {};
  return new SerialPointDecoder(new HokuyoReader(drops), new LineClock(line, USUAL_BAUD), drops);
}

class HokuyoReader implements FrameReader {
  readonly format = "hokuyo";
  readonly longest = LONGEST;
  readonly mostPoints = MOST_POINTS;
  readonly #millis = new WrappedTime(TIME_RANGE);
  #sensor = URG_04LX;
  /** Bytes from the place at hand that were looked through before: no answer ends within them. */
  #seen = 0;
  /** Places after this one at which no answer can begin. */
  #hopeless = 0;

  constructor(readonly drops: Drops) {}

  /** What it learns of one place it keeps for those after it, at which it is asked next: each byte is looked at a few times at most. */
  measure(bytes: Uint8Array, at: number, to: number, ended: boolean): number {
    if (this.#hopeless > 0) {
      this.#hopeless--;
      return NO_FRAME;
    }
    const limit = Math.min(to, at + LONGEST), seen = this.#seen;
    for (let i = at; i < Math.min(limit, at + COMMAND_LETTERS); i++) {
      if (bytes[i]! >= LETTER_A && bytes[i]! <= LETTER_Z) continue;
      this.#seen = Math.max(0, seen - 1);
      return NO_FRAME;
    }
    this.#seen = 0;
    for (let i = at + Math.max(COMMAND_LETTERS, seen); i < limit; i++) {
      const byte = bytes[i]!;
      if (byte === LINE_FEED) {
        if (bytes[i - 1] !== LINE_FEED) continue;
        const refuted = refutedLine(bytes, at, i);
        if (refuted === NONE) return i + 1 - at;
        drop(this.drops, "bad_checksum");
        this.#hopeless = refuted - at - 1;
        this.#seen = i - refuted;
        return NO_FRAME;
      }
      if (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE) {
        this.#hopeless = i - at;
        return NO_FRAME;
      }
    }
    const whole = ended || limit === at + LONGEST;
    this.#seen = limit - at - (whole ? 1 : 0);
    return whole ? NO_FRAME : MORE_BYTES;
  }

  read(bytes: Uint8Array, at: number, length: number, _time: Micros, _lost: boolean, batch: PointBatch): void {
    const lines = Buffer.from(bytes.buffer, bytes.byteOffset + at, length - 2).toString("latin1").split("\n");
    const command = lines[0]!, measure = MEASURES[command.slice(0, 2)];
    if (command.startsWith("PP")) this.#sensor = sensorOf(lines.slice(2)) ?? this.#sensor;
    if (measure === undefined || lines.length < 4 || lines[2]!.length !== TIME_CHARACTERS + 1) return drop(this.drops, "reply");
    const data = Buffer.from(lines.slice(3).map((text) => text.slice(0, -1)).join(""), "latin1");
    const first = Number(command.slice(2, 6)), cluster = Math.max(1, Number(command.slice(10, 12)));
    if (!Number.isInteger(first) || !Number.isInteger(cluster)) return drop(this.drops, "bad_frame");
    const start = 1000 * this.#millis.unwrap(number(Buffer.from(lines[2]!, "latin1"), 0, TIME_CHARACTERS));
    this.#readSteps(data, measure.distance, measure.intensity, first, cluster, start, batch);
    batch.endScan();
  }

  #readSteps(data: Buffer, distance: number, intensity: number, first: number, cluster: number, start: Micros, batch: PointBatch): void {
    const { DMIN, DMAX, ARES, AFRT, SCAN } = this.#sensor;
    const stepMicros = 60e6 / SCAN / ARES, stepRadians = (2 * Math.PI) / ARES;
    const steps = Math.floor(data.length / (distance + intensity));
    let unseen = 0;
    for (let k = 0, from = 0; k < steps; k++, from += distance + intensity) {
      const millimetres = number(data, from, distance);
      if (millimetres < DMIN || millimetres > DMAX) unseen++;
      else {
        const angle = -(first + k * cluster - AFRT) * stepRadians;
        const strength = intensity === 0 ? 0 : Math.min(0xffff, number(data, from + distance, intensity));
        batch.addInPlane(start + k * cluster * stepMicros, 10 * millimetres, angle, strength);
      }
    }
    drop(this.drops, "no_return", unseen);
  }
}

/** Six bits a character, the highest first. */
function number(data: Buffer, at: number, characters: number): number {
  let value = 0;
  for (let i = at; i < at + characters; i++) value = (value << 6) | ((data[i]! - DIGIT_ZERO) & 0x3f);
  return value;
}

/**
 * All lines after an answer's first end with their sum.
 * @param end of the last line's line feed, and one more
 * @returns where the first line begins that does not, or NONE; an answer of one line is refuted by its end
 */
function refutedLine(bytes: Uint8Array, at: number, end: number): number {
  let sum = 0, line = 0, begins = at;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte !== LINE_FEED) {
      sum += byte;
      continue;
    }
    if (line > 0) {
      // Before the sum a line of PP, VV and II has a semicolon, which does not count.
      const told = bytes[i - 1]!, before = bytes[i - 2];
      const counted = sum - told;
      const agrees = (value: number): boolean => (value & 0x3f) + DIGIT_ZERO === told;
      if (!agrees(counted) && !(before === 0x3b && agrees(counted - 0x3b))) return begins;
    }
    line++;
    sum = 0;
    begins = i + 1;
  }
  return line >= 2 ? NONE : end;
}

/** @returns undefined when an angle would not be defined */
function sensorOf(lines: readonly string[]): Sensor | undefined {
  const values = new Map(lines.map((line) => [line.slice(0, 4), Number(line.slice(5, line.lastIndexOf(";")))] as const));
  const value = (key: keyof Sensor): number => {
    const told = values.get(key);
    return told !== undefined && Number.isInteger(told) && told >= 0 ? told : NaN;
  };
  const sensor: Sensor = { DMIN: value("DMIN"), DMAX: value("DMAX"), ARES: value("ARES"), AFRT: value("AFRT"), SCAN: value("SCAN") };
  return Object.values(sensor).some(Number.isNaN) || sensor.ARES === 0 || sensor.SCAN === 0 ? undefined : sensor;
}
