import { setTimeout as sleep } from "node:timers/promises";
import type { Command, SensorControl } from "../../host/sensors/control.js";
import type { Connection } from "../../host/sources/connection.js";
import { serialDevice } from "../../host/sources/serial.js";
import type { Cable } from "../sources/pty.js";
import type { SimulatedSensor } from "./simulated.js";

const BAUD = 1_000_000;
const PATIENCE_MILLIS = 10_000, QUIET_MILLIS = 100;

/** A port's owner and a simulated sensor on either end of a cable: the owner does what `SensorControl` asks of it. */
export class Talk {
  /** What came, in the order in which it came. */
  readonly received: Buffer[] = [];
  /** What was told to people. */
  readonly told: string[] = [];
  readonly #waiting: Command[] = [];
  #sending = Promise.resolve();
  #wake = (): void => undefined;
  #ended = false;

  private constructor(
    readonly control: SensorControl,
    readonly sensor: SimulatedSensor,
    readonly port: Connection,
    readonly device: Connection,
  ) {}

  static async begin(cable: Cable, control: SensorControl, sensor: SimulatedSensor): Promise<Talk> {
    await cable.plug();
    const device = await serialDevice({ port: cable.device, baudRate: BAUD }).open();
    const port = await serialDevice({ port: cable.port, baudRate: BAUD }).open();
    const talk = new Talk(control, sensor, port, device);
    sensor.attach(device);
    void talk.#listen();
    talk.#send(control.start);
    return talk;
  }

  get bytes(): number {
    return this.received.reduce((sum, { length }) => sum + length, 0);
  }

  /** @throws when it does not come to pass in time */
  async until(done: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MILLIS);
    late.addEventListener("abort", () => this.#wake());
    while (!done()) {
      if (late.aborted || this.#ended) throw new Error(`still waiting for ${done}; told: ${this.told.join(" | ")}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Whether nothing comes for a while, once what was under way has come. */
  async isQuiet(): Promise<boolean> {
    await sleep(QUIET_MILLIS);
    const before = this.bytes;
    await sleep(QUIET_MILLIS);
    return this.bytes === before;
  }

  /** Says the last words. */
  async stop(): Promise<void> {
    this.#send(this.control.stop);
    await this.#sending;
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.sensor.detach();
    await Promise.all([this.port.close(), this.device.close()]);
  }

  async #listen(): Promise<void> {
    for await (const { bytes } of this.port.chunks) {
      this.received.push(Buffer.from(bytes));
      const line = this.control.hear?.(bytes);
      if (line !== undefined) this.told.push(line);
      this.#send(this.control.due?.() ?? []);
      this.#wake();
    }
  }

  /** One writer, so that what is due waits until `start` is through. */
  #send(commands: readonly Command[]): void {
    this.#waiting.push(...commands);
    this.#sending = this.#sending.then(async () => {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.port.write(next.bytes);
        await sleep(next.restMillis);
      }
    });
  }
}
