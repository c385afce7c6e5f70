import type { Micros } from "../../types.js";

/** On the wire a byte has a start bit and a stop bit. */
const BITS_A_BYTE = 10;

/** What is known of a serial line. */
export interface Line {
  /** Bits a second. Without it, bytes of one chunk are taken to have come together, as over USB. */
  readonly baud?: number | undefined;
}

/**
 * When a byte of a serial stream had come. The last byte of a chunk came with the chunk; those before it came one after the other at the
 * line's rate. Without arrivals (a capture that has none) the line is taken to have never rested, at its rate or else the usual one.
 * So, on a line that never rests, the times are the same however the stream is cut.
 */
export class LineClock {
  readonly #byteMicros: Micros;
  readonly #usualByteMicros: Micros;
  #bytes = 0;
  #arrival: Micros | undefined;

  constructor({ baud }: Line, usualBaud: number) {
    this.#byteMicros = baud === undefined ? 0 : (BITS_A_BYTE * 1e6) / baud;
    this.#usualByteMicros = (BITS_A_BYTE * 1e6) / (baud ?? usualBaud);
  }

  /** A chunk has come. */
  hear(bytes: number, arrival: Micros | undefined): void {
    this.#bytes += bytes;
    this.#arrival = arrival;
  }

  /** Whether arrivals are told, so that times are those of a clock. */
  get told(): boolean {
    return this.#arrival !== undefined;
  }

  /** When the first `bytes` bytes of the stream had come, where the last of them is of the latest chunk. */
  timeAfter(bytes: number): Micros {
    if (this.#arrival === undefined) return bytes * this.#usualByteMicros;
    return this.#arrival - (this.#bytes - bytes) * this.#byteMicros;
  }
}
