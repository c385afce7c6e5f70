/**
 * A small generator with 128 bits of integer state: the same seed gives the same numbers on every machine.
 * Source: sfc32 of Doty-Humphrey's PractRand; the seed is spread with the finaliser of MurmurHash3.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;
  #spareNormal: number | undefined;

  /** @param words  integers; only their low 32 bits count. Every word changes the whole sequence. */
  constructor(...words: readonly number[]) {
    for (const word of words) {
      this.#a = mix(this.#a ^ word);
      this.#b = mix(this.#b + this.#a);
      this.#c = mix(this.#c ^ this.#b);
    }
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits, 0 .. 2^32 − 1. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 ≤ u < 1, in steps of 2^−32. */
  uniform(): number {
    return this.bits() / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** 0 .. n − 1, n ≤ 2^32. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Mean 0, deviation 1. Source: Box and Muller. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Time to the next of events that come at this rate; Infinity for rate 0. */
  wait(ratePerMicro: number): number {
    return ratePerMicro > 0 ? -Math.log(1 - this.uniform()) / ratePerMicro : Number.POSITIVE_INFINITY;
  }
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x9e3779b9;
}
