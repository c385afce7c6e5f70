import type { Drops } from "../types.js";
import { monotonicMicros, type Chunk } from "./connection.js";

/** What a full queue does with more: forget the oldest chunk, forget the newest, or ask the writer to wait (`hold`). */
export type Overload = "drop-oldest" | "drop-newest" | "block";

export interface ChunkQueueOptions {
  /** Bytes that may wait. Default 4 MiB: a second of what any port here can bring. */
  readonly capacity?: number;
  readonly overload?: Overload;
  /** For `block`: true when the writer shall wait, false when it may go on. */
  readonly hold?: (full: boolean) => void;
}

const CAPACITY = 4 << 20;

/** Chunks between whoever reads a port and whoever decodes: bounded, and every byte that is dropped is counted. */
export class ChunkQueue implements AsyncIterable<Chunk> {
  /** bytes: `queue_full` */
  readonly drops: Drops = {};
  readonly #capacity: number;
  readonly #overload: Overload;
  readonly #hold: (full: boolean) => void;
  #chunks: Chunk[] = [];
  #first = 0;
  #bytes = 0;
  #ended = false;
  #held = false;
  #wake: (() => void) | undefined;

  constructor({ capacity = CAPACITY, overload = "drop-oldest", hold = () => undefined }: ChunkQueueOptions = {}) {
    this.#capacity = capacity;
    this.#overload = overload;
    this.#hold = hold;
  }

  /** Takes bytes over: they may not be changed afterwards. */
  put(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#ended) return;
    if (this.#overload === "drop-newest" && this.#bytes + bytes.length > this.#capacity) {
      this.#drop(bytes.length);
      return;
    }
    this.#chunks.push({ bytes, at: monotonicMicros() });
    this.#bytes += bytes.length;
    if (this.#overload === "drop-oldest") while (this.#bytes > this.#capacity && this.#waiting > 1) this.#drop(this.#take().bytes.length);
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

  #drop(bytes: number): void {
    this.drops["queue_full"] = (this.drops["queue_full"] ?? 0) + bytes;
  }
}
