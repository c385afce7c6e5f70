import type { Micros } from "../../types.js";

/** A step from one frame to the next teaches the period only within these multiples of it: more and frames were lost between. */
const LEAST_RATIO = 1 / 6, MOST_RATIO = 1.5;
/** How much of an error of the period, once it was learnt, and of the phase, one frame corrects. */
const PERIOD_GAIN = 1 / 16, PHASE_GAIN = 1 / 8;
/** The phase goes back by no more than this part of a period at a frame, so that samples stay in order. */
const MOST_BACK = 1 / 2;

/**
 * Times of samples that are taken evenly but told of a frame at a time, by a clock that is coarse or uneven: a sensor's milliseconds, or
 * the arrivals of frames. A loop follows rate and phase; an error beyond the tolerance is a gap, after which it starts from what is told.
 */
export class SampleClock {
  /** Of the latest frame: its first sample, and from sample to sample. */
  start: Micros = 0;
  period: Micros;
  #end = NaN;
  #told = NaN;
  #lessons = 0;

  /** @param period between samples, a first guess   @param tolerance of what is told */
  constructor(
    period: Micros,
    readonly tolerance: Micros,
  ) {
    this.period = period;
  }

  /** @param told when the last sample of a frame was taken   @param samples in it */
  frame(told: Micros, samples: number): void {
    const ratio = (told - this.#told) / (samples * this.period);
    if (ratio >= LEAST_RATIO && ratio <= MOST_RATIO) this.period *= 1 + (ratio - 1) * Math.max(PERIOD_GAIN, 1 / ++this.#lessons);
    this.#told = told;
    const predicted = this.#end + samples * this.period;
    const error = told - predicted;
    this.#end = Math.abs(error) <= this.tolerance ? predicted + Math.max(error * PHASE_GAIN, -MOST_BACK * this.period) : told;
    this.start = this.#end - (samples - 1) * this.period;
  }
}
