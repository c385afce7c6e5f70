import { setTimeout as sleep } from "node:timers/promises";
import { lineOf } from "../errors.js";
import type { Drops } from "../types.js";
import type { Chunk, Connection, Device } from "./connection.js";

/**
 * absent: the device is not there. opening: it is, and is being opened. probing: it is open and has said nothing yet.
 * streaming: bytes come. stalled: none came for a while.
 */
export type SourceState = "absent" | "opening" | "probing" | "streaming" | "stalled";

export interface SuperviseOptions {
  /** Ends the source. */
  readonly signal: AbortSignal;
  /** Without bytes for this long a source has stalled; for as long again, and it is opened anew. Infinity: never. Default 5 s. */
  readonly stallMillis?: number;
  /** Hears of every change, and why. */
  readonly onState?: (state: SourceState, why: string) => void;
}

/** How often an absent device is looked for, ms. */
const LOOK_MILLIS = 200;
/** Waits between openings that fail, ms; a connection that has brought bytes begins with the first again. */
const WAITS_MILLIS = [200, 500, 1000, 2000, 5000] as const;
const STALL_MILLIS = 5000;

/**
 * Keeps a device open: gives one connection after the other, as long as there is a device and until the signal. A device that goes away,
 * falls silent or does not open is never an error: the source waits, looks and opens again.
 * The connection that was given is closed when the generator is resumed.
 */
export async function* supervise(device: Device, { signal, stallMillis = STALL_MILLIS, onState }: SuperviseOptions): AsyncGenerator<Connection> {
  const state = new Announced(onState);
  for (let failures = 0; !signal.aborted; ) {
    if (!(await presence(device, state))) {
      await pause(LOOK_MILLIS, signal);
      continue;
    }
    state.is("opening", "found");
    const opened = await device.open(signal).catch((error: unknown) => error);
    if (!isConnection(opened)) {
      state.is("opening", lineOf(opened));
      await pause(WAITS_MILLIS[Math.min(failures++, WAITS_MILLIS.length - 1)]!, signal);
      continue;
    }
    if (signal.aborted) return opened.close();
    state.is("probing", "open");
    const watched = new Watched(opened, stallMillis, state, signal);
    try {
      yield watched;
    } finally {
      await watched.close();
    }
    failures = watched.heard ? 0 : failures + 1;
    if (!signal.aborted) {
      state.is("absent", await opened.ended);
      if (!watched.heard) await pause(WAITS_MILLIS[Math.min(failures, WAITS_MILLIS.length) - 1]!, signal);
    }
  }
}

async function presence(device: Device, state: Announced): Promise<boolean> {
  const present = await device.isPresent().catch((error: unknown) => {
    state.is("absent", lineOf(error));
    return undefined;
  });
  if (present === false) state.is("absent", "not there");
  return present === true;
}

function isConnection(opened: unknown): opened is Connection {
  return typeof opened === "object" && opened !== null && "chunks" in opened;
}

async function pause(millis: number, signal: AbortSignal): Promise<void> {
  await sleep(millis, undefined, { signal }).catch(() => undefined);
}

/** Says a state once, until it or its reason changes. */
class Announced {
  #said = "";
  constructor(readonly listener: SuperviseOptions["onState"]) {}

  is(state: SourceState, why: string): void {
    const said = `${state} ${why}`;
    if (said === this.#said) return;
    this.#said = said;
    this.listener?.(state, why);
  }
}

/** A connection with an eye on its silence. */
class Watched implements Connection {
  heard = false;
  readonly ended: Promise<string>;
  readonly drops: Drops;
  readonly #under: Connection;
  readonly #stallMillis: number;
  readonly #state: Announced;
  readonly #stop: () => void;
  readonly #signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  #silences = 0;
  #lastHeard = performance.now();

  constructor(under: Connection, stallMillis: number, state: Announced, signal: AbortSignal) {
    this.#under = under;
    this.ended = under.ended;
    this.drops = under.drops;
    this.#stallMillis = stallMillis;
    this.#state = state;
    this.#signal = signal;
    this.#stop = () => void under.close();
    signal.addEventListener("abort", this.#stop, { once: true });
    if (stallMillis !== Infinity) this.#watch(stallMillis);
  }

  get chunks(): AsyncIterable<Chunk> {
    return this.#listen();
  }

  write(bytes: Uint8Array): Promise<boolean> {
    return this.#under.write(bytes);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#stop);
    await this.#under.close();
  }

  async *#listen(): AsyncGenerator<Chunk> {
    for await (const chunk of this.#under.chunks) {
      this.heard = true;
      this.#silences = 0;
      this.#lastHeard = performance.now();
      this.#state.is("streaming", "bytes come");
      yield chunk;
    }
  }

  /** One timer a stall time, not one a chunk. */
  #watch(millis: number): void {
    this.#timer = setTimeout(() => {
      const silent = performance.now() - this.#lastHeard;
      if (silent < this.#stallMillis) return this.#watch(this.#stallMillis - silent);
      this.#state.is("stalled", `silent for ${Math.round(this.#stallMillis)} ms`);
      if (++this.#silences >= 2) return this.#stop();
      this.#watch(this.#stallMillis);
    }, millis);
  }
}
