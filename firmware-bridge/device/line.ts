export interface LineOptions {
  /** Bits a second on a UART, 10 a byte; undefined: as fast as it goes. */
  readonly baud?: number | undefined;
  /** Chance that a bit is flipped. */
  readonly bitErrors?: number | undefined;
  /** Chance that a byte vanishes. */
  readonly loss?: number | undefined;
  /** Bytes that wait to be sent, at most: a UART's buffer. */
  readonly buffer?: number | undefined;
  /** In 0..1, as Math.random. */
  readonly random?: () => number;
}

const BITS_A_BYTE = 10, MICROS = 1e6;

/** A line of bytes that is as slow and as bad as it is told to be, in one direction. */
export class Line {
  /** Bytes that were flipped or that vanished. */
  damaged = 0;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #budget = 0;
  #at: number | undefined;
  #nextFlip: number;
  #nextLoss: number;

  constructor(
    readonly options: LineOptions,
    readonly out: (bytes: Uint8Array) => void,
  ) {
    this.#nextFlip = this.#gap(options.bitErrors);
    this.#nextLoss = this.#gap(options.loss);
  }

  /** Takes all bytes, or none when the buffer is full. They are copied. */
  send(bytes: Uint8Array): boolean {
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > (this.options.buffer ?? 65536)) return false;
    if (this.options.baud === undefined) this.out(this.#damage(bytes));
    else {
      this.#waiting.push(bytes.slice());
      this.#waitingBytes += bytes.length;
    }
    return true;
  }

  /** Lets through what a line of this speed would have let through by now, µs. Call it every few ms. */
  poll(now: number): void {
    const { baud } = this.options;
    if (baud === undefined) return;
    const rate = baud / BITS_A_BYTE / MICROS;
    this.#budget = Math.min(this.#budget + (now - (this.#at ?? now)) * rate, this.#waitingBytes);
    this.#at = now;
    while (this.#budget >= 1) {
      const first = this.#waiting[0]!, taken = Math.min(first.length, Math.floor(this.#budget));
      this.out(this.#damage(first.subarray(0, taken)));
      this.#budget -= taken;
      this.#waitingBytes -= taken;
      if (taken === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(taken);
    }
  }

  /** How many bits or bytes until the next accident of this chance. */
  #gap(chance: number | undefined): number {
    if (!chance) return Infinity;
    return Math.floor(Math.log(1 - (this.options.random ?? Math.random)()) / Math.log(1 - Math.min(chance, 0.999)));
  }

  #damage(bytes: Uint8Array): Uint8Array {
    if (this.#nextFlip === Infinity && this.#nextLoss === Infinity) return bytes;
    const out = bytes.slice(), bits = 8 * bytes.length;
    for (; this.#nextFlip < bits; this.#nextFlip += 1 + this.#gap(this.options.bitErrors)) {
      out[this.#nextFlip >> 3]! ^= 1 << (this.#nextFlip & 7);
      this.damaged++;
    }
    this.#nextFlip -= bits;
    let to = 0;
    for (let from = 0; from < out.length; from++) {
      if (this.#nextLoss-- > 0) out[to++] = out[from]!;
      else {
        this.#nextLoss = this.#gap(this.options.loss);
        this.damaged++;
      }
    }
    return out.subarray(0, to);
  }
}
