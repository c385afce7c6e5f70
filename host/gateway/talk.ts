import { setTimeout as sleep } from "node:timers/promises";
import type { SourceConfig } from "../config/config.js";
import { wallMicros } from "../publishers/clock.js";
import type { Command, SensorControl } from "../sensors/control.js";
import { sensorControl } from "../sensors/sensors.js";
import type { Chunk, Connection } from "../sources/connection.js";
import type { Hearing } from "./hearing.js";
import type { Journal } from "./journal.js";

export interface TalkOptions {
  readonly name: string;
  readonly config: SourceConfig;
  readonly journal: Journal;
}

/** How often a bridge is asked what it wants to send, ms. */
const POLL_MILLIS = 100;

/** The way back to the sensor: what makes it stream and what it answers; a bridge's credit and time. */
export class Talk {
  readonly #control: SensorControl | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  /** What comes now is of an earlier setting of the sensor, and not to be decoded. */
  foreign: boolean;
  /** What is said stays in order. */
  #said: Promise<void> = Promise.resolve();

  constructor(readonly connection: Connection, readonly hearing: Hearing, format: string, readonly options: TalkOptions) {
    this.#control = options.config.input.kind === "serial" ? sensorControl(format) : undefined;
    this.foreign = this.#control?.foreignUntilStarted ?? false;
    if (hearing.poll !== undefined) this.#timer = setInterval(() => this.#poll(), POLL_MILLIS);
  }

  begin(): void {
    this.#poll();
    this.#say(this.#control?.start);
    void this.#said.then(() => (this.foreign = false));
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
