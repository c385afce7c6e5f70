import type { Micros } from "../types.js";

/** A fall of the time by no more than this is out of order; by more, it may be that the time before was corrupt: 10 s. */
export const JUMP_MICROS: Micros = 10_000_000;

/**
 * Tells a corrupt time from a clock that has really moved. One time stamp that lies far ahead would hold back all events after it, for
 * none may be earlier; so when two events that follow each other both lie more than JUMP_MICROS before it, and near each other, time
 * is taken anew from the second. A pause needs no such care: the events after it agree with it.
 */
export class TimeJump {
  /** The event that fell so far, and the time that it fell from. */
  #doubted: Micros = -Infinity;
  #from: Micros = -Infinity;

  /** @param time of an event  @param latest time before it, later than `time`  @returns whether time is taken anew */
  isReal(time: Micros, latest: Micros): boolean {
    if (latest - time <= JUMP_MICROS) return false;
    const agreed = this.#from === latest && Math.abs(time - this.#doubted) <= JUMP_MICROS;
    this.#doubted = agreed ? -Infinity : time;
    this.#from = agreed ? -Infinity : latest;
    return agreed;
  }
}
