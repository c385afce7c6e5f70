import type { Events } from "../types.js";

/** Gives each batch to several readers. A batch is its readers' until all have asked for the next one, so the decoder's arrays can be reused. */
export class FanOut {
  readonly #readers: Reader[] = [];

  /** Another reader, of what is put from now on. */
  open(): AsyncIterable<Events> {
    const reader = new Reader();
    this.#readers.push(reader);
    return reader;
  }

  /** Resolves when every reader is done with the batch, or has gone. */
  async put(events: Events): Promise<void> {
    if (this.#readers.length === 1) return this.#readers[0]!.give(events);
    await Promise.all(this.#readers.map((reader) => reader.give(events)));
  }

  end(): void {
    for (const reader of this.#readers) reader.end();
  }
}

const DONE: IteratorResult<Events> = { done: true, value: undefined };

class Reader implements AsyncIterableIterator<Events> {
  /** The reader waits for a batch. */
  #asking: ((result: IteratorResult<Events>) => void) | undefined;
  /** The writer waits until the reader is done with its batch, or asks for the first. */
  #whenFree: (() => void) | undefined;
  #ended = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Events>> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#asking = resolve;
      this.#free();
    });
  }

  async return(): Promise<IteratorResult<Events>> {
    this.end();
    return DONE;
  }

  async give(events: Events): Promise<void> {
    if (!this.#ended && this.#asking === undefined) await this.#freed();
    const ask = this.#asking;
    if (ask === undefined) return;
    this.#asking = undefined;
    ask({ done: false, value: events });
    await this.#freed();
  }

  end(): void {
    this.#ended = true;
    this.#asking?.(DONE);
    this.#asking = undefined;
    this.#free();
  }

  #freed(): Promise<void> {
    return new Promise((resolve) => (this.#whenFree = resolve));
  }

  #free(): void {
    this.#whenFree?.();
    this.#whenFree = undefined;
  }
}
