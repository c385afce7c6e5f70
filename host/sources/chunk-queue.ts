import type { Drops } from "../types.js";
import { monotonicMicros, type Chunk } from "./connection.js";

/**
 * What a full queue does with more: forget the oldest chunk, forget the newest, keep every second one (then every fourth …) until it has
 * drained, or ask the writer to wait (`hold`). `decimate` suits datagrams, each of which stands for itself; bytes of a line lose their frames.
 */
export type Overload = "drop-oldest" | "drop-newest" | "decimate" | "block";

export interface ChunkQueueOptions {
  /** Bytes that may wait. Default 4 MiB: a second of what any port here can bring. */
  readonly capacity?: number;
  readonly overload?: Overload;
  /** For `block`: true when the writer shall wait, false when it may go on. */
  readonly hold?: (full: boolean) => void;
}

const CAPACITY = 4 << 20;
/** Of so many chunks one is kept, at most; a queue that is full even so forgets the oldest. */
const MOST_STEP = 1024;

/** A chunk that waits, and how many came before it since the queue was last empty. */
interface Waiting extends Chunk {
  readonly turn: number;
}

/** Chunks between whoever reads a port and whoever decodes: bounded, and every byte that is dropped is counted. */
export class ChunkQueue implements AsyncIterable<Chunk> {
  readonly #capacity: number;
  readonly #overload: Overload;
  readonly #hold: (full: boolean) => void;
  #chunks: Waiting[] = [];
  #first = 0;
  #bytes = 0;
  #ended = false;
  #held = false;
  #wake: (() => void) | undefined;
  /** `decimate` keeps the chunks whose turn is a multiple of this. */
  #step = 1;
  #turn = 0;

  /** @param drops  what is dropped, in bytes: `queue_full`, with `decimate` also `decimated` */
  constructor({ capacity = CAPACITY, overload = "drop-oldest", hold = () => undefined }: ChunkQueueOptions = {}, readonly drops: Drops = {}) {
    this.#capacity = capacity;
    this.#overload = overload;
    this.#hold = hold;
  }

  /** Takes bytes over: they may not be changed afterwards. */
  put(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#ended) return;
    if (this.#waiting === 0) this.#begin();
    const turn = this.#turn++;
    if (turn % this.#step !== 0) return this.#drop("decimated", bytes.length);
    if (this.#overload === "drop-newest" && this.#bytes + bytes.length > this.#capacity) return this.#drop("queue_full", bytes.length);
    this.#chunks.push({ bytes, at: monotonicMicros(), turn });
    this.#bytes += bytes.length;
    this.#makeRoom();
    if (this.#overload === "block" && !this.#held && this.#bytes >= this.#capacity) this.#hold((this.#held = true));
    this.#notify();
  }

  /** Nothing more comes; what waits is still given. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk> {
    for (;;) {
      while (this.#waiting > 0) yield this.#take();
      if (this.#ended) return;
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
  }

  get #waiting(): number {
    return this.#chunks.length - this.#first;
  }

  #begin(): void {
    this.#step = 1;
    this.#turn = 0;
  }

  #makeRoom(): void {
    if (this.#overload !== "drop-oldest" && this.#overload !== "decimate") return;
    while (this.#bytes > this.#capacity && this.#waiting > 1)
      if (this.#overload === "decimate" && this.#step < MOST_STEP) this.#thin();
      else this.#drop("queue_full", this.#take().bytes.length);
  }

  /** Keeps every second of the chunks that wait, and from now on of those that come. */
  #thin(): void {
    this.#step *= 2;
    const before = this.#bytes;
    this.#chunks = this.#chunks.slice(this.#first).filter(({ turn }) => turn % this.#step === 0);
    this.#first = 0;
    this.#bytes = this.#chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#drop("decimated", before - this.#bytes);
  }

  #take(): Chunk {
    const chunk = this.#chunks[this.#first++]!;
    this.#bytes -= chunk.bytes.length;
    if (this.#first === this.#chunks.length || this.#first >= 1024) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    if (this.#held && this.#bytes <= this.#capacity / 2) this.#hold((this.#held = false));
    return chunk;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #drop(reason: "queue_full" | "decimated", bytes: number): void {
    if (bytes > 0) this.drops[reason] = (this.drops[reason] ?? 0) + bytes;
  }
}
