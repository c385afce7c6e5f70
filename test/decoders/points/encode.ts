import type { Shot } from "./shots.js";

/** How a format writes shots, written from the data sheets apart from the decoders. */
export interface SerialEncoding {
  readonly format: string;
  /** Shots in a frame, bytes of one, and bytes before the first. */
  readonly shots: number;
  readonly frameBytes: number;
  readonly head: Uint8Array;
  /** Whether a flipped bit in a frame is noticed. */
  readonly checked: boolean;
  /** The coarsest that a distance may be, mm, and an angle, degrees. */
  mm(shot: Shot): number;
  readonly degrees: number;
  /** What the sensor keeps of an intensity. */
  intensity(intensity: number): number;
  /** One frame; `next` is the first shots of the frame after it. */
  frame(shots: readonly Shot[], index: number, next: readonly Shot[]): Uint8Array;
}

const none = (): number => 0, exact = (): number => 0;
const bytes = (length: number): DataView => new DataView(new ArrayBuffer(length));
const done = (view: DataView): Uint8Array => new Uint8Array(view.buffer);
const q6 = ({ degrees }: Shot): number => Math.round(degrees * 64) % 23040;

/** Remainder of a polynomial division, a bit at a time. */
function crcBitwise(data: Uint8Array, width: 8 | 32, polynomial: number, reflected: boolean, start: number): number {
  let crc = start;
  for (const byte of data)
    for (let bit = 0; bit < 8; bit++) {
      const input = reflected ? (byte >> bit) & 1 : (byte >> (7 - bit)) & 1;
      const top = reflected ? crc & 1 : (crc >>> (width - 1)) & 1;
      crc = reflected ? crc >>> 1 : (crc << 1) & (width === 8 ? 0xff : 0xffffffff);
      if (input !== top) crc ^= polynomial;
    }
  return crc >>> 0;
}

function ld(format: string, rate: number): SerialEncoding {
  return {
    format,
    shots: 12,
    frameBytes: 47,
    head: new Uint8Array(0),
    checked: true,
    mm: exact,
    degrees: 0.01,
    intensity: (value) => value,
    frame(shots, index) {
      const view = bytes(47);
      view.setUint8(0, 0x54);
      view.setUint8(1, 0x2c);
      view.setUint16(2, 3600, true);
      view.setUint16(4, Math.round(shots[0]!.degrees * 100) % 36000, true);
      shots.forEach(({ mm, intensity }, i) => {
        view.setUint16(6 + 3 * i, mm, true);
        view.setUint8(8 + 3 * i, intensity);
      });
      view.setUint16(42, Math.round(shots[11]!.degrees * 100) % 36000, true);
      view.setUint16(44, Math.floor(((index + 1) * 12 * 1000) / rate) % 30000, true);
      view.setUint8(46, crcBitwise(done(view).subarray(0, 46), 8, 0x4d, false, 0));
      return done(view);
    },
  };
}

function ydlidar(format: "ydlidar" | "ydlidar-intensity" | "ydlidar-tof", sampleBytes: number, shotsInFrame: number): SerialEncoding {
  return {
    format,
    shots: shotsInFrame,
    frameBytes: 10 + shotsInFrame * sampleBytes,
    head: new Uint8Array(0),
    checked: true,
    mm: exact,
    degrees: 1 / 64,
    intensity: (value) => (format === "ydlidar" ? 0 : value),
    frame(shots) {
      const view = bytes(10 + shotsInFrame * sampleBytes), words: number[] = [];
      const set = (at: number, word: number): void => {
        view.setUint16(at, word, true);
        words.push(word);
      };
      set(0, 0x55aa);
      set(2, shotsInFrame << 8);
      set(4, (q6(shots[0]!) << 1) | 1);
      set(6, (q6(shots[shotsInFrame - 1]!) << 1) | 1);
      shots.forEach(({ mm, intensity }, i) => {
        const at = 10 + i * sampleBytes;
        if (sampleBytes === 2) set(at, mm * 4);
        else if (sampleBytes === 4) {
          set(at, intensity);
          set(at + 2, mm);
        } else {
          view.setUint8(at, intensity);
          words.push(intensity);
          set(at + 1, mm * 4);
        }
      });
      view.setUint16(8, words.reduce((sum, word) => sum ^ word, 0), true);
      return done(view);
    },
  };
}

const answer = (frameBytes: number, type: number): Uint8Array => {
  const view = bytes(7);
  view.setUint16(0, 0xa55a);
  view.setUint32(2, frameBytes | 0x40000000, true);
  view.setUint8(6, type);
  return done(view);
};

/** The two halves of the sum of a capsule go into its first bytes. */
function seal(view: DataView): Uint8Array {
  const sum = done(view).subarray(2).reduce((xor, byte) => xor ^ byte, 0);
  view.setUint8(0, 0xa0 | (sum & 15));
  view.setUint8(1, 0x50 | (sum >> 4));
  return done(view);
}

type Mode = Omit<SerialEncoding, "format" | "shots" | "frameBytes" | "head" | "degrees">;

function rplidar(type: number, frameBytes: number, shots: number, rest: Mode): SerialEncoding {
  return { format: "rplidar", shots, frameBytes, head: answer(frameBytes, type), degrees: 1 / 32, ...rest };
}

/** mm to the 12 bits of an ultra capsule, as coarse as far away. */
const ULTRA_RANGES = [
  [16384, 4, 3328],
  [4096, 3, 1792],
  [2048, 2, 1280],
  [512, 1, 512],
  [0, 0, 0],
] as const;
const ultraRange = (mm: number): (typeof ULTRA_RANGES)[number] => ULTRA_RANGES.find(([from]) => mm >= from)!;
const ultraWhole = (mm: number): number => {
  const [from, shift, value] = ultraRange(mm);
  return value + ((mm - from) >> shift);
};
const ultraBack = (mm: number): number => {
  const [from, shift] = ultraRange(mm);
  return from + (((mm - from) >> shift) << shift);
};

/** A difference to the base in the base's own steps; what does not fit reads as nothing seen. */
function ultraDifference({ mm }: Shot, base: number): number {
  const difference = Math.round((mm - ultraBack(base)) / 2 ** ultraRange(base)[1]);
  return mm === 0 || difference <= -512 || difference >= 511 ? -512 : difference;
}

const DENSE_STEPS = [
  [2046, 2, 0],
  [8187, 3, 2046],
  [24567, 4, 8187],
  [1e9, 5, 24567],
] as const;

export const SERIAL_ENCODINGS: readonly SerialEncoding[] = [
  ld("ld06", 4500),
  ld("stl27l", 21600),
  ydlidar("ydlidar-tof", 4, 32),
  rplidar(0x81, 5, 1, {
    checked: false,
    mm: exact,
    intensity: (value) => value >> 2,
    frame([one], index) {
      const view = bytes(5), start = index % 1024 === 0 ? 1 : 0;
      view.setUint8(0, (one!.intensity & 0xfc) | (start === 1 ? 1 : 2));
      view.setUint16(1, (q6(one!) << 1) | 1, true);
      view.setUint16(3, one!.mm * 4, true);
      return done(view);
    },
  }),
  rplidar(0x82, 84, 32, {
    checked: true,
    mm: exact,
    intensity: none,
    frame(shots) {
      const view = bytes(84);
      view.setUint16(2, q6(shots[0]!), true);
      for (let k = 0; k < 32; k += 2) {
        view.setUint16(4 + 2.5 * k, shots[k]!.mm * 4, true);
        view.setUint16(6 + 2.5 * k, shots[k + 1]!.mm * 4, true);
      }
      return seal(view);
    },
  }),
  rplidar(0x85, 84, 40, {
    checked: true,
    mm: exact,
    intensity: none,
    frame(shots) {
      const view = bytes(84);
      view.setUint16(2, q6(shots[0]!), true);
      shots.forEach(({ mm }, k) => view.setUint16(4 + 2 * k, mm, true));
      return seal(view);
    },
  }),
  rplidar(0x86, 170, 64, {
    checked: true,
    mm: ({ mm }) => DENSE_STEPS.find(([below]) => mm < below)![1] / 2,
    intensity: (value) => value & 0xf8,
    frame(shots) {
      const view = bytes(170);
      view.setUint16(8, q6(shots[0]!), true);
      for (let k = 0; k < 64; k += 2) {
        const [low, high] = [shots[k]!, shots[k + 1]!].map(({ mm, intensity }) => {
          const scale = DENSE_STEPS.findIndex(([below]) => mm < below), [, step, base] = DENSE_STEPS[scale]!;
          return scale | (Math.round((mm - base) / step) << 2) | ((intensity & 0xf8) >> scale << (12 + scale));
        }) as [number, number];
        view.setUint16(10 + 2.5 * k, low & 0xffff, true);
        view.setUint16(12 + 2.5 * k, high & 0xffff, true);
        view.setUint8(14 + 2.5 * k, (low >> 16) | ((high >> 16) << 4));
      }
      return seal(view);
    },
  }),
  rplidar(0x83, 781, 96, {
    checked: true,
    mm: exact,
    intensity: (value) => value,
    frame(shots) {
      const view = bytes(784);
      view.setUint8(0, 0xa5);
      shots.forEach(({ mm, degrees, intensity }, k) => {
        view.setUint16(9 + 8 * k, Math.round((degrees / 90) * 16384) & 0xffff, true);
        view.setUint32(11 + 8 * k, mm * 4, true);
        view.setUint8(15 + 8 * k, intensity);
        view.setUint8(16 + 8 * k, degrees === 0 ? 1 : 0);
      });
      const frame = done(view).subarray(0, 777);
      const sum = ~crcBitwise(Buffer.concat([frame, Buffer.alloc(3)]), 32, 0xedb88320, true, 0xffffffff) >>> 0;
      const sealed = Buffer.concat([frame, Buffer.alloc(4)]);
      sealed.writeUInt32LE(sum, 777);
      return sealed;
    },
  }),
];

/** Formats that turn each beam by its distance: their distances go round, their angles are tested by themselves. */
export const TURNED_ENCODINGS: readonly SerialEncoding[] = [
  ydlidar("ydlidar", 2, 40),
  ydlidar("ydlidar-intensity", 3, 40),
  rplidar(0x84, 132, 96, {
    checked: true,
    mm: ({ mm }) => 2 ** ultraRange(mm)[1] * 4,
    intensity: none,
    frame(shots, _index, next) {
      const view = bytes(132);
      view.setUint16(2, q6(shots[0]!), true);
      for (let k = 0; k < 96; k += 3) {
        const base = shots[k]!.mm, after = (shots[k + 3] ?? next[0] ?? { mm: 0 }).mm;
        const first = base === 0 && after !== 0 ? after : base;
        const differences = [ultraDifference(shots[k + 1]!, first) & 0x3ff, ultraDifference(shots[k + 2]!, after) & 0x3ff] as const;
        view.setUint32(4 + (4 * k) / 3, (ultraWhole(base) | (differences[0] << 12) | (differences[1] << 22)) >>> 0, true);
      }
      return seal(view);
    },
  }),
];

/** Whole frames of the shots, those that are left over at the end left out. */
export function framesOf(encoding: SerialEncoding, shots: readonly Shot[]): Uint8Array[] {
  const { shots: each } = encoding, count = Math.floor(shots.length / each);
  return Array.from({ length: count }, (_, i) =>
    encoding.frame(shots.slice(i * each, (i + 1) * each), i, shots.slice((i + 1) * each, (i + 1) * each + 1)));
}

export const streamOf = (encoding: SerialEncoding, shots: readonly Shot[]): Buffer =>
  Buffer.concat([encoding.head, ...framesOf(encoding, shots)]);

/** SCIP 2.0: an answer with 3 characters a distance. */
export function hokuyoAnswer(millis: number, distances: readonly number[], first = 44): Buffer {
  const six = (value: number, characters: number): string =>
    Array.from({ length: characters }, (_, i) => String.fromCharCode(((value >> (6 * (characters - 1 - i))) & 0x3f) + 0x30)).join("");
  const total = (text: string): number => [...text].reduce((all, letter) => all + letter.charCodeAt(0), 0);
  const sum = (text: string): string => `${text}${String.fromCharCode((total(text) & 0x3f) + 0x30)}`;
  const data = distances.map((mm) => six(mm, 3)).join("");
  const lines = data.match(/.{1,64}/g) ?? [];
  const command = `MD${String(first).padStart(4, "0")}${String(first + distances.length - 1).padStart(4, "0")}01000`;
  return Buffer.from([command, sum("99"), sum(six(millis, 4)), ...lines.map(sum), "", ""].join("\n"), "latin1");
}

/** TFmini: 9 bytes. */
export function tfminiFrame(distance: number, strength: number): Buffer {
  const frame = Buffer.from([0x59, 0x59, distance & 0xff, distance >> 8, strength & 0xff, strength >> 8, 0x10, 0x09, 0]);
  frame[8] = frame.subarray(0, 8).reduce((sum, byte) => sum + byte, 0) & 0xff;
  return frame;
}
