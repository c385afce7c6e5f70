const RANGE = 2 ** 32;

/**
 * The device's time without wraps: µs since its reset, below 2^53. Frames come at least every second, so the nearest time to the one before
 * is the right one; after a silence of more than 35 minutes the uptime of HELLO and HEARTBEAT, in ms, says how often t0 has wrapped.
 */
export class DeviceClock {
  #latest: number | undefined;
  #uptime = 0;
  /** What the first uptime said beyond the time that frames before it were given: those keep their zero. */
  #ahead: number | undefined;

  /** The device was reset, or another one came. */
  restart(): void {
    this.#latest = undefined;
    this.#ahead = undefined;
  }

  /** @param t0 of a frame   @returns µs */
  unwrap(t0: number): number {
    const nearest = this.#latest === undefined ? t0 : this.#latest + ((t0 - (this.#latest % RANGE)) | 0);
    return (this.#latest = nearest < 0 ? nearest + RANGE : nearest);
  }

  /** As unwrap. @param uptime ms modulo 2^32, of the same moment as `t0` */
  anchor(t0: number, uptime: number): number {
    const first = this.#latest === undefined, near = this.unwrap(t0);
    this.#uptime = this.#ahead === undefined ? uptime : this.#uptime + ((uptime - (this.#uptime % RANGE)) >>> 0);
    const stated = t0 + Math.round((this.#uptime * 1000 - t0) / RANGE) * RANGE;
    this.#ahead ??= first ? 0 : stated - near;
    return (this.#latest = stated - this.#ahead);
  }
}
