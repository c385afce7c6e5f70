import { availableParallelism } from "node:os";
import type { LoadedPackage } from "../types.js";
import type { Engine } from "./engine.js";
import { PoolStream, type PoolStreamOptions } from "./pool-stream.js";
import { PoolThread } from "./pool-thread.js";
import type { MessageSizes } from "./slots.js";

export type { PoolResult, PoolStream, PoolStreamOptions } from "./pool-stream.js";

export interface PoolOptions {
  /** Threads, 1 or more. Default: one for each core but the one that decodes. */
  readonly workers?: number;
  /** Streams that one engine has room for; a thread with more makes another engine. Default 8. */
  readonly streamsPerEngine?: number;
  /** Windows of one stream that may wait. Default 4. */
  readonly depth?: number;
  /** µs that a thread looks for the next window before it sleeps. Default 0. */
  readonly spinMicros?: number;
  /** A thread that gives no result for so long, although windows wait, is replaced. Default 10,000 ms. */
  readonly patienceMillis?: number;
  /** Hears that a thread has died and is started again: why, and how many streams lost what they remembered. */
  readonly onDeath?: (reason: string, statesLost: number) => void;
}

const STREAMS_PER_ENGINE = 8;
const DEPTH = 4;
const PATIENCE_MILLIS = 10_000;

/** Threads for this machine: one core is left for decoding and publishing. */
export function usualWorkers(): number {
  return Math.max(1, availableParallelism() - 1);
}

/**
 * Engines of one package in threads of their own. A stream sticks to the thread that it was opened on, since its state is there;
 * streams are spread by load.
 */
export class EnginePool {
  readonly #threads: readonly PoolThread[];
  readonly #framer: Engine;
  readonly #sizes: MessageSizes;
  readonly #depth: number;
  #opened = 0;

  private constructor(threads: readonly PoolThread[], framer: Engine, sizes: MessageSizes, depth: number) {
    this.#threads = threads;
    this.#framer = framer;
    this.#sizes = sizes;
    this.#depth = depth;
  }

  /**
   * @param engine the package in an engine on this thread, which has passed its self-test; the threads use the same build
   * @throws SaccadeError ENGINE_LOST when a thread does not come up
   */
  static async start(pkg: LoadedPackage, engine: Engine, options: PoolOptions = {}): Promise<EnginePool> {
    const { workers = usualWorkers(), depth = DEPTH, onDeath = () => undefined, patienceMillis = PATIENCE_MILLIS } = options;
    if (!Number.isInteger(workers) || workers < 1) throw new RangeError(`a pool of ${workers} threads`);
    const sizes = { timesteps: engine.timesteps, frameBytes: engine.input.length, logits: engine.logits.length };
    const { plan, constants } = pkg;
    const streams = options.streamsPerEngine ?? STREAMS_PER_ENGINE;
    const data = { plan, constants, build: engine.build, streams, sizes, spinMicros: options.spinMicros ?? 0 };
    const started = Array.from({ length: workers }, () => PoolThread.start({ data, patienceMillis, onDeath }));
    const threads = await Promise.all(started).catch(async (error: unknown) => {
      for (const each of await Promise.allSettled(started)) if (each.status === "fulfilled") await each.value.close();
      throw error;
    });
    return new EnginePool(threads, engine, sizes, depth);
  }

  /** A stream at rest, on the thread that has least to do. */
  open(options: PoolStreamOptions = {}): PoolStream {
    const [thread] = this.#threads.toSorted((a, b) => a.load - b.load);
    return thread!.open(this.#opened++, seat => new PoolStream(this.#sizes, this.#depth, this.#framer, seat, options));
  }

  /** Ends the threads. What is under way is not waited for. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.close()));
  }
}
