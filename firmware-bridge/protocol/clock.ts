const RANGE = 2 ** 32;

/**
 * The device's time without wraps: µs, below 2^53. Frames come at least every second, so the nearest time to the one before is the right
 * one; after a silence of more than 35 minutes the uptime of HELLO and HEARTBEAT, in ms, says how often t0 has wrapped. When the device was
 * reset its time goes on from the latest before, so that nobody waits until it comes there again.
 */
export class DeviceClock {
  /** Of the device since its reset. */
  #latest: number | undefined;
  #uptime = 0;
  /** What the first uptime said beyond the time that frames before it were given: those keep their zero. */
  #ahead: number | undefined;
  /** Added for the resets before. */
  #zero = 0;
  /** Where the time of the next frame shall be, after a reset. */
  #goOn: number | undefined;

  /** The device was reset, or another one came. */
  restart(): void {
    if (this.#latest !== undefined) this.#goOn = this.#zero + this.#latest;
    this.#latest = undefined;
    this.#ahead = undefined;
  }

  /** @param t0 of a frame   @returns µs */
  unwrap(t0: number): number {
    return this.#told(this.#nearest(t0));
  }

  /** As unwrap. @param uptime ms modulo 2^32, of the same moment as `t0` */
  anchor(t0: number, uptime: number): number {
    const first = this.#latest === undefined, near = this.#nearest(t0);
    this.#uptime = this.#ahead === undefined ? uptime : this.#uptime + ((uptime - (this.#uptime % RANGE)) >>> 0);
    const stated = t0 + Math.round((this.#uptime * 1000 - t0) / RANGE) * RANGE;
    this.#ahead ??= first ? 0 : stated - near;
    return this.#told(stated - this.#ahead);
  }

  #nearest(t0: number): number {
    const nearest = this.#latest === undefined ? t0 : this.#latest + ((t0 - (this.#latest % RANGE)) | 0);
    return nearest < 0 ? nearest + RANGE : nearest;
  }

  #told(time: number): number {
    this.#latest = time;
    if (this.#goOn !== undefined) this.#zero = this.#goOn - time;
    this.#goOn = undefined;
    return Math.max(0, this.#zero + time);
  }
}
