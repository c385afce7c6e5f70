/** The first bytes of a stream: of a sensor that streams, what comes later holds no answers, and looking for them would cost time. */
export class FirstBytes {
  #left: number;
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @returns what of a chunk is among them: nothing, once they are over */
  of(chunk: Uint8Array): Uint8Array {
    const among = chunk.subarray(0, this.#left);
    this.#left -= among.length;
    return among;
  }
}
