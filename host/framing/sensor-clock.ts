import type { Events, Micros } from "../types.js";

/** What was seen is forgotten after one to two of these, ms: a sensor whose clock drifts or stood still is followed. */
const MEMORY_MILLIS = 5000;
/** Added to the unevenness that was seen, µs: a stall may be longer than any before. It delays windows only where no event follows. */
const MARGIN_MICROS = 5000;
/** An event that comes later than this after the quickest is not waited for, µs. */
const LONGEST_GRACE_MICROS = 50_000;

/** A time that is farther than this from where it should be: the sensor's clock has jumped, or the time is corrupt. */
const JUMP_MICROS = 10_000_000;

/** The quickest and the slowest delivery of an event in a span of time: µs from the sensor's clock to ours. */
interface Span {
  quickest: number;
  slowest: number;
}

/**
 * What time it is at a live sensor, when no event says so. Events arrive in bunches, some later than others: the quickest delivery
 * gives the offset of the two clocks, the slowest how long an event of a window that is over may still be under way.
 */
export class SensorClock {
  readonly #now: () => number;
  #current = nothingSeen();
  #before: Span = this.#current;
  #turnedAt: number;

  /** @param now a clock that never goes back, ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#turnedAt = now();
  }

  /** Events have arrived just now. */
  hear({ count, t }: Events): void {
    if (count === 0) return;
    const now = this.#now();
    if (Math.abs(now * 1000 - t[count - 1]! - this.#quickest()) > JUMP_MICROS) this.#before = this.#current = nothingSeen();
    if (now - this.#turnedAt > MEMORY_MILLIS) {
      this.#before = this.#current;
      this.#current = nothingSeen();
      this.#turnedAt = now;
    }
    this.#current.quickest = Math.min(this.#current.quickest, now * 1000 - t[count - 1]!);
    this.#current.slowest = Math.max(this.#current.slowest, now * 1000 - t[0]!);
  }

  /** The sensor's time by which every event has arrived; −Infinity before the first. µs */
  settled(): Micros {
    return this.#now() * 1000 - this.#delay();
  }

  /** ms until `settled` reaches a time of the sensor; Infinity before the first event. */
  millisUntil(time: Micros): number {
    return (time + this.#delay()) / 1000 - this.#now();
  }

  #quickest(): number {
    return Math.min(this.#current.quickest, this.#before.quickest);
  }

  /** From the sensor's clock to when the slowest event has come, µs. */
  #delay(): number {
    const quickest = this.#quickest();
    const slowest = Math.max(this.#current.slowest, this.#before.slowest);
    if (quickest === Infinity) return Infinity;
    return quickest + Math.min(slowest - quickest + MARGIN_MICROS, LONGEST_GRACE_MICROS);
  }
}

function nothingSeen(): Span {
  return { quickest: Infinity, slowest: -Infinity };
}
