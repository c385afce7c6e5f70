import { setTimeout as sleep } from "node:timers/promises";
import type { SourceConfig } from "../config/config.js";
import { createDenoiser, type Denoiser } from "../denoise/denoiser.js";
import { SaccadeError } from "../errors.js";
import { wallMicros } from "../publishers/clock.js";
import type { Command, SensorControl } from "../sensors/control.js";
import { sensorControl } from "../sensors/sensors.js";
import type { Chunk, Connection, Device } from "../sources/connection.js";
import { supervise, type SourceState } from "../sources/supervise.js";
import type { Decoder, Drops, Events, PointDecoder } from "../types.js";
import type { Counters } from "./counters.js";
import { FanOut } from "./fan-out.js";
import { endOf, hear, type Hearing } from "./hearing.js";
import type { Journal } from "./journal.js";
import type { Line } from "./line.js";

export interface LiveSourceOptions {
  readonly name: string;
  readonly config: SourceConfig;
  readonly device: Device;
  readonly sensorInfo: string | undefined;
  readonly lines: readonly Line[];
  readonly counters: Counters;
  readonly journal: Journal;
  readonly onState: (state: SourceState) => void;
}

/** How often a bridge is asked what it wants to send, ms. */
const POLL_MILLIS = 100;
/** A connection that could not be understood is tried again after this, ms. */
const RETRY_MILLIS = 5000;
/** What a sensor may take to hear that it shall be silent, ms. */
const GOODBYE_MILLIS = 500;

/** A device and its models for as long as the gateway lives: nothing that the device does ends it. Resolves after the signal. */
export async function runLiveSource(options: LiveSourceOptions, signal: AbortSignal): Promise<void> {
  const { name, config, device, journal, counters } = options;
  const onState = (state: SourceState, why: string): void => {
    journal(name, state === "stalled" ? "warn" : "info", `${state} (${why})`);
    options.onState(state);
  };
  const stop = new AbortController();
  let talk: Talk | undefined;
  // The sensor is told to be silent before its port closes.
  const goodbye = (): void => void Promise.race([talk?.end(), sleep(GOODBYE_MILLIS)]).finally(() => stop.abort());
  if (signal.aborted) return;
  signal.addEventListener("abort", goodbye, { once: true });
  for await (const connection of supervise(device, { signal: stop.signal, stallMillis: config.stallMillis, onState })) {
    counters.connections++;
    try {
      const hearing = hear(config.format, config, options.sensorInfo);
      talk = new Talk(connection, hearing, options);
      await listen(connection, hearing, talk, options);
    } catch (error) {
      journal(name, "warn", error instanceof SaccadeError ? error.line : String(error));
      await sleep(RETRY_MILLIS, undefined, { signal: stop.signal }).catch(() => undefined);
    } finally {
      talk?.close();
      talk = undefined;
    }
  }
}

/** One connection, from the words that make its sensor stream to its end. */
async function listen(connection: Connection, hearing: Hearing, talk: Talk, options: LiveSourceOptions): Promise<void> {
  const { counters, lines } = options;
  const followed = [counters.follow(() => connection.drops), counters.follow(() => hearing.decoder.drops)];
  const fan = new FanOut();
  const running = hearing.kind === "events" ? lines.map((line) => follow(line, fan, hearing.decoder, options)) : [];
  const take = hearing.kind === "events" ? new EventTaker(hearing.decoder, fan, options) : new PointTaker(hearing.decoder, counters);
  followed.push(counters.follow(() => take.drops));
  try {
    talk.begin();
    for await (const chunk of connection.chunks) {
      counters.chunks++;
      counters.bytes += chunk.bytes.length;
      talk.hear(chunk);
      await take.chunk(chunk);
    }
    await take.end();
  } finally {
    fan.end();
    await Promise.all(running);
    for (const done of followed) done();
  }
}

/** A model that does not fit the sensor stays out until the next connection; the others go on. */
async function follow(line: Line, fan: FanOut, decoder: Decoder, { name, journal }: LiveSourceOptions): Promise<void> {
  const events = fan.open();
  const source = { live: true, drops: {}, get size() { return decoder.size; }, decode: () => events };
  await line.run(source).catch((error: unknown) => {
    journal(name, "warn", `model ${line.model}: ${error instanceof SaccadeError ? error.line : String(error)}`);
  });
}

/** The way back to the sensor: what makes it stream and what it answers; a bridge's credit and time. */
class Talk {
  readonly #control: SensorControl | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  /** What is said stays in order. */
  #said: Promise<void> = Promise.resolve();

  constructor(readonly connection: Connection, readonly hearing: Hearing, readonly options: LiveSourceOptions) {
    const { format, input } = options.config;
    this.#control = input.kind === "serial" ? sensorControl(format) : undefined;
    if (hearing.poll !== undefined) this.#timer = setInterval(() => this.#poll(), POLL_MILLIS);
  }

  begin(): void {
    this.#poll();
    this.#say(this.#control?.start);
  }

  /** Before the port is closed by us. */
  async end(): Promise<void> {
    this.#say(this.#control?.stop);
    await this.#said;
  }

  hear({ bytes }: Chunk): void {
    const told = this.#control?.hear?.(bytes);
    if (told !== undefined) this.options.journal(this.options.name, "info", told);
    this.#say(this.#control?.due?.());
    this.#poll();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #say(commands: readonly Command[] = []): void {
    if (commands.length > 0) this.#said = this.#said.then(() => this.#write(commands));
  }

  async #write(commands: readonly Command[]): Promise<void> {
    for (const { bytes, restMillis } of commands) {
      if (!(await this.connection.write(bytes))) return;
      if (restMillis > 0) await sleep(restMillis);
    }
  }

  #poll(): void {
    for (const bytes of this.hearing.poll?.(wallMicros()) ?? []) void this.connection.write(bytes);
  }
}

/** decode ▶ denoise ▶ models, batch by batch. */
class EventTaker {
  #denoiser: Denoiser | undefined;
  constructor(readonly decoder: Decoder, readonly fan: FanOut, readonly options: LiveSourceOptions) {}

  async chunk({ bytes, at }: Chunk): Promise<void> {
    for (const events of this.decoder.push(bytes, at)) await this.#give(events);
  }

  async end(): Promise<void> {
    for (const events of endOf(this.decoder)) await this.#give(events);
  }

  get drops(): Drops {
    return this.#denoiser?.drops ?? {};
  }

  async #give(events: Events): Promise<void> {
    this.options.counters.events += events.count;
    this.#denoiser ??= this.#makeDenoiser();
    await this.fan.put(this.#denoiser.filter(events));
  }

  /** Made at the first batch: then the sensor has said its size, if it ever does. */
  #makeDenoiser(): Denoiser {
    const { denoise, size } = this.options.config;
    const filtering = Object.values(denoise).some((value) => value !== undefined);
    const sensor = this.decoder.size ?? size;
    if (filtering && sensor === undefined)
      throw new SaccadeError("SENSOR_SIZE_UNKNOWN", "noise cannot be told apart without the sensor's size", "write it as size: WIDTHxHEIGHT");
    return createDenoiser(denoise, sensor ?? { width: 1, height: 1 });
  }
}

class PointTaker {
  readonly drops: Drops = {};
  constructor(readonly decoder: PointDecoder, readonly counters: Counters) {}

  async chunk({ bytes, at }: Chunk): Promise<void> {
    for (const points of this.decoder.push(bytes, at)) this.#count(points);
  }

  async end(): Promise<void> {
    for (const points of endOf(this.decoder)) this.#count(points);
  }

  #count({ count, over }: { readonly count: number; readonly over: boolean }): void {
    this.counters.points += count;
    if (over) this.counters.scans++;
  }
}
