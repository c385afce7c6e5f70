/**
 * What the windows so far say, older ones ever less: e ← e − ⌊e / 2^forget⌋ + logits, in integers, so that every machine adds up alike.
 * forget 0: each window speaks for itself.
 */
export class LeakyEvidence {
  readonly #divisor: number;
  #sum = new Int32Array();

  /** @param forget 0..8 */
  constructor(forget: number) {
    this.#divisor = 2 ** forget;
  }

  /** @param logits i32[n], n the same in all calls    @returns i32[n], saturated, good until the next call */
  add(logits: Int32Array): Int32Array {
    if (this.#sum.length !== logits.length) this.#sum = new Int32Array(logits.length);
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) {
      const kept = sum[i]! - Math.floor(sum[i]! / this.#divisor);
      sum[i] = Math.max(-LIMIT, Math.min(LIMIT - 1, kept + logits[i]!));
    }
    return sum;
  }
}

const LIMIT = 2 ** 31;
