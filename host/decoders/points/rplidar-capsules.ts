/** What the samples of one capsule say; entry k is of sample k. */
export interface CapsuleSamples {
  /** 0.1 mm; 0 when nothing was seen; NaN when only the next capsule could tell. */
  readonly distance: Float64Array;
  /** Degrees by which the sample lies behind its even place. */
  readonly behind: Float64Array;
  readonly quality: Uint8Array;
}

/** One kind of capsule: samples at even angles, from its own start angle to that of the capsule after it. */
export interface CapsuleKind {
  readonly bytes: number;
  readonly samples: number;
  /** Where the checksum, whose halves are in the first two bytes, begins; and the start angle. */
  readonly angleAt: number;
  /** µs between samples, a first guess, after which the stream tells. */
  readonly period: number;
  /** @param next where the capsule after it begins in `bytes`, −1 when it was lost */
  unpack(bytes: Uint8Array, at: number, next: number, out: CapsuleSamples): void;
}

const QUARTER = 2.5, MILLIMETRE = 10;
const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

/** 16 × {u16, u16, u8}: two distances in quarters of a mm, whose two low bits, with a nibble each, are the angles behind, 1/8°. */
export const EXPRESS: CapsuleKind = {
  bytes: 84,
  samples: 32,
  angleAt: 2,
  period: 250,
  unpack(bytes, at, _next, { distance, behind, quality }) {
    quality.fill(0);
    for (let k = 0, from = at + 4; k < this.samples; k += 2, from += 5) {
      const first = u16(bytes, from), second = u16(bytes, from + 2), nibbles = bytes[from + 4]!;
      distance[k] = (first & 0xfffc) * QUARTER;
      distance[k + 1] = (second & 0xfffc) * QUARTER;
      behind[k] = ((nibbles & 15) | ((first & 3) << 4)) / 8;
      behind[k + 1] = ((nibbles >> 4) | ((second & 3) << 4)) / 8;
    }
  },
};

/** 40 × u16 mm. */
export const DENSE: CapsuleKind = {
  bytes: 84,
  samples: 40,
  angleAt: 2,
  period: 100,
  unpack(bytes, at, _next, { distance, behind, quality }) {
    quality.fill(0);
    behind.fill(0);
    for (let k = 0; k < this.samples; k++) distance[k] = u16(bytes, at + 4 + 2 * k) * MILLIMETRE;
  },
};

/** Of a 12-bit number that is coarser the farther: from which value on, how it is scaled, and what it begins with, mm. */
const SCALES: readonly (readonly [from: number, shift: number, base: number])[] = [
  [3328, 4, 1 << 14],
  [1792, 3, 1 << 12],
  [1280, 2, 1 << 11],
  [512, 1, 1 << 9],
  [0, 0, 0],
];
const scaleOf = (value: number): (typeof SCALES)[number] => SCALES.find(([from]) => value >= from)!;
/** Differences that mean "nothing seen". */
const NONE_LOW = -512, NONE_HIGH = 511;

/** 32 × u32 of three samples: one whole, 12 bits, and two as 10-bit differences, one to it and one to the next whole. */
export const ULTRA: CapsuleKind = {
  bytes: 132,
  samples: 96,
  angleAt: 2,
  period: 63,
  unpack(bytes, at, next, { distance, behind, quality }) {
    quality.fill(0);
    for (let k = 0, from = at + 4; k < this.samples; k += 3, from += 4) {
      const whole = wholeAt(bytes, from);
      const nextFrom = k + 3 < this.samples ? from + 4 : next < 0 ? -1 : next + 4;
      const after = nextFrom < 0 ? undefined : wholeAt(bytes, nextFrom);
      const word = u16(bytes, from) | (u16(bytes, from + 2) << 16);
      const first = (word << 10) >> 22, second = word >> 22;
      const base = whole.mm === 0 && after !== undefined && after.mm !== 0 ? after : whole;
      distance[k] = whole.mm * MILLIMETRE;
      distance[k + 1] = differs(first) ? Math.max(0, base.mm + first * 2 ** base.shift) * MILLIMETRE : 0;
      if (!differs(second)) distance[k + 2] = 0;
      else distance[k + 2] = after === undefined ? NaN : Math.max(0, after.mm + second * 2 ** after.shift) * MILLIMETRE;
      for (let i = k; i < k + 3; i++) behind[i] = ultraBehind(distance[i]! / QUARTER);
    }
  },
};

const differs = (difference: number): boolean => difference !== NONE_LOW && difference !== NONE_HIGH;

function wholeAt(bytes: Uint8Array, at: number): { mm: number; shift: number } {
  const value = u16(bytes, at) & 0xfff;
  const [from, shift, base] = scaleOf(value);
  return { mm: base + ((value - from) << shift), shift };
}

/** How far a triangulating sensor's beam is behind, in degrees. @param quarters distance in quarters of a mm */
function ultraBehind(quarters: number): number {
  if (!(quarters >= 50 * 4)) return 7.5;
  const inverse = Math.trunc(98361 / quarters);
  const radians = (inverse * 64 + Math.trunc(inverse ** 3 / 98304)) / 65536;
  return 8 - (radians * 180) / Math.PI;
}

/** Of a 20-bit sample, whose two low bits say how coarse it is: the mask, the factor and what it begins with, quarters of a mm. */
const STEPS: readonly (readonly [mask: number, factor: number, base: number])[] = [
  [0xffc, 2, 0],
  [0x1ffc, 3, 2046 * 4],
  [0x3ffc, 4, 8187 * 4],
  [0x7ffc, 5, 24567 * 4],
];

/** u32 time, u16 status, u16 start angle, 32 × {u16, u16, u8}: two samples of 16 bits and a nibble more each; the high bits are quality. */
export const ULTRA_DENSE: CapsuleKind = {
  bytes: 170,
  samples: 64,
  angleAt: 8,
  period: 31,
  unpack(bytes, at, _next, { distance, behind, quality }) {
    behind.fill(0);
    for (let k = 0, from = at + 10; k < this.samples; k += 2, from += 5) {
      const nibbles = bytes[from + 4]!;
      for (let i = 0; i < 2; i++) {
        const sample = u16(bytes, from + 2 * i) | (((nibbles >> (4 * i)) & 15) << 16);
        const scale = sample & 3;
        const [mask, factor, base] = STEPS[scale]!;
        distance[k + i] = ((sample & mask) * factor + base) * QUARTER;
        quality[k + i] = (sample >> (12 + scale)) << scale;
      }
    }
  },
};
