import { setTimeout as sleep } from "node:timers/promises";
import { Talk as OwnersTalk } from "../../host/gateway/talk.js";
import type { SensorControl } from "../../host/sensors/control.js";
import type { Connection } from "../../host/sources/connection.js";
import { serialDevice } from "../../host/sources/serial.js";
import type { Cable } from "../sources/pty.js";
import type { SimulatedSensor } from "./simulated.js";

const BAUD = 1_000_000;
const PATIENCE_MILLIS = 10_000, QUIET_MILLIS = 100, LOOK_MILLIS = 20;

/** A port's owner and a simulated sensor on either end of a cable: the owner talks as the gateway does. */
export class Talk {
  /** What came for the decoder, in the order in which it came. */
  readonly received: Buffer[] = [];
  /** What was told to people. */
  readonly told: string[] = [];
  readonly #owner: OwnersTalk;
  #wake = (): void => undefined;
  #ended = false;
  #bytes = 0;

  private constructor(
    control: SensorControl,
    readonly sensor: SimulatedSensor,
    readonly port: Connection,
    readonly device: Connection,
  ) {
    this.#owner = new OwnersTalk(port, { control, tell: (line) => void this.told.push(line) });
  }

  /** @param earlier what another program told the sensor, and left it so */
  static async begin(cable: Cable, control: SensorControl, sensor: SimulatedSensor, earlier?: string): Promise<Talk> {
    await cable.plug();
    const device = await serialDevice({ port: cable.device, baudRate: BAUD }).open();
    const port = await serialDevice({ port: cable.port, baudRate: BAUD }).open();
    const talk = new Talk(control, sensor, port, device);
    sensor.attach(device);
    if (earlier !== undefined) sensor.tell(earlier);
    void talk.#listen();
    talk.#owner.begin();
    return talk;
  }

  /** @throws when it does not come to pass in time */
  async until(done: () => boolean): Promise<void> {
    const late = performance.now() + PATIENCE_MILLIS;
    while (!done()) {
      if (performance.now() > late || this.#ended) throw new Error(`still waiting for ${done}; told: ${this.told.join(" | ")}`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), sleep(LOOK_MILLIS)]);
    }
  }

  /** Until nothing has come for a while, once what was under way has come. @throws when that does not come to pass in time */
  async untilQuiet(): Promise<void> {
    const late = performance.now() + PATIENCE_MILLIS;
    for (let before = -1; before !== this.#bytes; await sleep(QUIET_MILLIS)) {
      if (performance.now() > late) throw new Error("it is never quiet");
      before = this.#bytes;
    }
  }

  /** Says the last words. */
  stop(): Promise<void> {
    return this.#owner.end();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.sensor.detach();
    this.#owner.close();
    await Promise.all([this.port.close(), this.device.close()]);
  }

  async #listen(): Promise<void> {
    for await (const chunk of this.port.chunks) {
      this.#bytes += chunk.bytes.length;
      this.#owner.hear(chunk);
      if (!this.#owner.foreign) this.received.push(Buffer.from(chunk.bytes));
      this.#wake();
    }
  }
}
