import { setTimeout as sleep } from "node:timers/promises";
import { wallMicros } from "../publishers/clock.js";
import type { Command, SensorControl } from "../sensors/control.js";
import type { Chunk, Connection } from "../sources/connection.js";

export interface TalkOptions {
  /** What is said to the sensor; undefined where it streams by itself. */
  readonly control: SensorControl | undefined;
  /** What a bridge wants to send: asked after each chunk, and all the time. */
  readonly poll?: ((nowMicros: number) => Uint8Array[]) | undefined;
  /** Hears what the sensor says of itself, for people. */
  readonly tell: (what: string) => void;
}

/** How often a bridge is asked what it wants to send, ms. */
const POLL_MILLIS = 100;

/** The way back to a sensor for as long as a connection lasts: what makes it stream and what it answers; a bridge's credit and time. */
export class Talk {
  readonly #timer: NodeJS.Timeout | undefined;
  /** What comes now is of an earlier setting of the sensor, and not to be decoded. */
  foreign: boolean;
  /** What is said stays in order. */
  #said: Promise<void> = Promise.resolve();

  constructor(readonly connection: Connection, readonly options: TalkOptions) {
    this.foreign = options.control?.foreignUntilStarted ?? false;
    if (options.poll !== undefined) this.#timer = setInterval(() => this.#poll(), POLL_MILLIS);
  }

  begin(): void {
    this.#poll();
    const start = this.options.control?.start ?? [];
    this.#say(start.slice(0, -1));
    // Before the last is written, not after: what it asks for may come before its write is known to be done.
    this.#said = this.#said.then(() => void (this.foreign = false));
    this.#say(start.slice(-1));
  }

  /** Before the port is closed by us. */
  async end(): Promise<void> {
    this.#say(this.options.control?.stop);
    await this.#said;
  }

  hear({ bytes }: Chunk): void {
    const told = this.options.control?.hear?.(bytes);
    if (told !== undefined) this.options.tell(told);
    this.#say(this.options.control?.due?.());
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
    for (const bytes of this.options.poll?.(wallMicros()) ?? []) void this.connection.write(bytes);
  }
}
