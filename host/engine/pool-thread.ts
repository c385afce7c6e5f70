import { Worker } from "node:worker_threads";
import { SaccadeError } from "../errors.js";
import { BELL_BYTES, ORDERS, TO_ENGINE, TO_HOST, type Answer, type Order, type ThreadData } from "./pool-protocol.js";
import type { PoolStream, Seat } from "./pool-stream.js";

export interface ThreadOptions {
  readonly data: Omit<ThreadData, "bells">;
  /** Windows that have waited so long without a result: the thread hangs. */
  readonly patienceMillis: number;
  /** Hears that a thread has died, why, and of how many streams it held what they remembered. */
  readonly onDeath: (reason: string, statesLost: number) => void;
}

/** A thread that dies sooner has not come up well: the next one waits. */
const SETTLED_MILLIS = 10_000;
const FIRST_WAIT_MILLIS = 100, LONGEST_WAIT_MILLIS = 5000;
/** µs of work count half after so long. */
const LOAD_HALF_LIFE_MILLIS = 1000;

interface Asking {
  readonly resolve: (state: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with its engines, and the streams that stick to it. When it dies another takes its place. */
export class PoolThread {
  readonly #options: ThreadOptions;
  readonly #streams = new Map<number, PoolStream>();
  readonly #asking = new Map<number, Asking>();
  #bells = new Int32Array(new SharedArrayBuffer(BELL_BYTES));
  #worker: Worker | undefined;
  #closing = false;
  #failures = 0;
  #startedAt = 0;
  #asked = 0;
  #retry: NodeJS.Timeout | undefined;
  readonly #watch: NodeJS.Timeout;
  /** ms, of the last result or of coming up; undefined before that. */
  #progressAt: number | undefined;
  #reason = "";
  #busyMicros = 0;
  #busyAt = 0;

  private constructor(options: ThreadOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#lookForHang(), options.patienceMillis / 4).unref();
  }

  /** @throws SaccadeError ENGINE_LOST when the thread does not come up */
  static async start(options: ThreadOptions): Promise<PoolThread> {
    const thread = new PoolThread(options);
    await thread.#start().catch(async (error: unknown) => {
      await thread.close();
      throw error;
    });
    return thread;
  }

  /** How much it has to do: its share of the last second or so, then its number of streams. */
  get load(): number {
    const decay = 2 ** ((this.#busyAt - performance.now()) / LOAD_HALF_LIFE_MILLIS);
    return (this.#busyMicros * decay) / (LOAD_HALF_LIFE_MILLIS * 1000) + this.#streams.size / 100;
  }

  /** @param make the stream, from the seat that it sits on */
  open(id: number, make: (seat: Seat) => PoolStream): PoolStream {
    const stream = make({
      ring: () => this.#ring(),
      worked: micros => this.#worked(micros),
      reset: () => this.#order({ kind: "reset", stream: id }),
      save: async () => (await this.#ask(ask => ({ kind: "save", stream: id, ask })))!,
      restore: async state => void (await this.#ask(ask => ({ kind: "restore", stream: id, ask, state }))),
      close: () => {
        if (this.#streams.delete(id)) this.#order({ kind: "close", stream: id });
      },
    });
    this.#streams.set(id, stream);
    this.#order({ kind: "open", stream: id, rings: stream.rings });
    return stream;
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    await this.#worker?.terminate();
  }

  /** Resolves when the thread is ready. */
  #start(): Promise<void> {
    this.#bells = new Int32Array(new SharedArrayBuffer(BELL_BYTES));
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const workerData: ThreadData = { ...this.#options.data, bells: this.#bells };
    const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData });
    this.#worker = worker;
    this.#startedAt = performance.now();
    this.#progressAt = undefined;
    this.#reason = "it ended";
    for (const [id, stream] of this.#streams) this.#order({ kind: "open", stream: id, rings: stream.rings });
    worker.on("error", error => (this.#reason = error.message));
    void this.#listen(worker);
    return new Promise((resolve, reject) => {
      worker.on("message", (answer: Answer) => {
        if (answer.kind !== "ready") return this.#hear(answer);
        this.#progressAt = performance.now();
        resolve();
      });
      worker.once("exit", () => {
        reject(lost(this.#reason));
        this.#end();
      });
    });
  }

  /** Takes results whenever the bell rings. */
  async #listen(worker: Worker): Promise<void> {
    const bells = this.#bells;
    while (this.#worker === worker) {
      const rung = Atomics.load(bells, TO_HOST);
      for (const stream of this.#streams.values()) if (stream.drain()) this.#progressAt = performance.now();
      const waiting = Atomics.waitAsync(bells, TO_HOST, rung);
      if (waiting.async) await waiting.value;
    }
  }

  #ring(): void {
    Atomics.add(this.#bells, TO_ENGINE, 1);
    Atomics.notify(this.#bells, TO_ENGINE);
  }

  /** Orders for a thread that is down are made anew when another comes up. */
  #order(order: Order): void {
    if (this.#worker === undefined) return;
    this.#worker.postMessage(order);
    Atomics.add(this.#bells, ORDERS, 1);
    this.#ring();
  }

  #ask(order: (ask: number) => Order): Promise<Uint8Array | undefined> {
    if (this.#worker === undefined) return Promise.reject(lost(this.#reason));
    const ask = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#asking.set(ask, { resolve, reject });
      this.#order(order(ask));
    });
  }

  #hear(answer: Exclude<Answer, { kind: "ready" }>): void {
    const asking = this.#asking.get(answer.ask);
    this.#asking.delete(answer.ask);
    if (answer.kind === "done") asking?.resolve(answer.state);
    else asking?.reject(new SaccadeError("STATE_REFUSED", answer.message, answer.remedy));
  }

  #end(): void {
    this.#worker = undefined;
    // Lets #listen see that its thread is gone.
    Atomics.add(this.#bells, TO_HOST, 1);
    Atomics.notify(this.#bells, TO_HOST);
    for (const { reject } of this.#asking.values()) reject(lost(this.#reason));
    this.#asking.clear();
    if (this.#closing) return;
    let statesLost = 0;
    for (const stream of this.#streams.values()) statesLost += Number(stream.moveOver());
    this.#options.onDeath(this.#reason, statesLost);
    this.#failures = performance.now() - this.#startedAt >= SETTLED_MILLIS ? 0 : this.#failures + 1;
    const wait = this.#failures <= 1 ? 0 : Math.min(FIRST_WAIT_MILLIS * 2 ** (this.#failures - 2), LONGEST_WAIT_MILLIS);
    this.#retry = setTimeout(() => void this.#start().catch(() => undefined), wait);
  }

  /** A thread without a result for too long, although windows wait, is ended: its exit does the rest. */
  #lookForHang(): void {
    if (this.#progressAt === undefined) return;
    let hangs = false;
    for (const stream of this.#streams.values()) {
      if (stream.drain()) this.#progressAt = performance.now();
      hangs ||= stream.underWay > 0;
    }
    if (!hangs) this.#progressAt = performance.now();
    if (performance.now() - this.#progressAt < this.#options.patienceMillis) return;
    this.#progressAt = undefined;
    this.#reason = `it gave no result for ${Math.round(this.#options.patienceMillis)} ms`;
    void this.#worker?.terminate();
  }

  #worked(micros: number): void {
    const now = performance.now();
    this.#busyMicros = this.#busyMicros * 2 ** ((this.#busyAt - now) / LOAD_HALF_LIFE_MILLIS) + micros;
    this.#busyAt = now;
  }
}

function lost(reason: string): SaccadeError {
  return new SaccadeError("ENGINE_LOST", `an engine's thread ended: ${reason}`, "it is started again by itself; try again");
}
