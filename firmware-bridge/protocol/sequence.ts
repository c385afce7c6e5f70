const HALF = 0x8000;

/** What the sequence numbers of good frames tell. */
export interface SequenceCounters {
  /** Frames that were sent and did not arrive whole. */
  lost: number;
  /** Frames that came twice. */
  repeated: number;
  /** Resets of the device that were noticed. */
  restarts: number;
}

/**
 * Counts the frames that are missing. A gap counts at the next good frame, so good + lost = sent from the first good frame to the latest.
 * `seq` has 16 bits; a HEARTBEAT says the number in 32, and puts right what a gap of 65536 frames or more hid.
 */
export class Sequence {
  readonly counters: SequenceCounters = { lost: 0, repeated: 0, restarts: 0 };
  /** The number of the frame that is expected: exact once a HEARTBEAT came, modulo 2^16 before. */
  #next: number | undefined;
  #exact = false;
  #boot: number | undefined;

  /**
   * @param seq of a good frame   @param boot that it states   @param frames its number since reset, when it states that
   * @returns false when the frame is one that came before
   */
  take(seq: number, boot?: number, frames?: number): boolean {
    const restarted = boot !== undefined && this.#boot !== undefined && boot !== this.#boot;
    if (boot !== undefined) this.#boot = boot;
    if (this.#next === undefined) return this.#follow(frames ?? seq, frames !== undefined, 0);
    if (restarted) return this.#restart(frames ?? seq, frames !== undefined);
    const gap = (seq - this.#next) & 0xffff;
    if (gap === 0xffff) {
      this.counters.repeated++;
      return false;
    }
    if (gap >= HALF && frames === undefined) {
      this.#boot = boot;
      return this.#restart(seq, false);
    }
    if (frames === undefined) return this.#follow((this.#next + gap) >>> 0, this.#exact, gap);
    return this.#follow(frames, true, this.#exact ? (frames - this.#next) >>> 0 : gap);
  }

  #follow(number: number, exact: boolean, lost: number): boolean {
    this.#next = (number + 1) >>> 0;
    this.#exact = exact;
    this.counters.lost += lost;
    return true;
  }

  /** All frames since the reset but this one are missing. */
  #restart(number: number, exact: boolean): boolean {
    this.counters.restarts++;
    return this.#follow(number, exact, number);
  }
}
