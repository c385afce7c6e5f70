/** An angle falls by at least this when the sensor goes round past its zero; by less, angles are uneven. Degrees. */
const LEAST_FALL = 10;

/**
 * Tells where one turn ends and the next begins: a sensor turns one way only, so its angle falls only at its zero, also where measurements
 * were lost. Angles are those of the sensor's own sense of turning, in which they rise.
 */
export class TurnCutter {
  #last = -Infinity;
  readonly #fall: number;

  /** @param turn units of a whole turn: 360 for degrees, 36000 for hundredths   @param leastFall degrees */
  constructor(turn: number, leastFall = LEAST_FALL) {
    this.#fall = (leastFall * turn) / 360;
  }

  /** @param angle 0 to a turn   @returns whether a new turn has begun with it */
  begins(angle: number): boolean {
    const begins = angle < this.#last - this.#fall;
    this.#last = angle;
    return begins;
  }
}
