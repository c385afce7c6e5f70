import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPACT } from "../../firmware-bridge/protocol/events.js";
import { MIN_FRAME_BYTES } from "../../firmware-bridge/protocol/fields.js";
import { ColumnDigest } from "../../host/cli/decode-columns.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { createDecoder } from "../../host/decoders/formats.js";
import { createPointDecoder } from "../../host/decoders/points/formats.js";
import type { Connection } from "../../host/sources/connection.js";
import { serialDevice } from "../../host/sources/serial.js";
import { supervise } from "../../host/sources/supervise.js";
import type { Decoder, Drops, PointDecoder } from "../../host/types.js";
import { Cable } from "../sources/pty.js";
import { BAUD, EDVS_START, type Kind, type Orders, type Sent } from "./protocol.js";
import { digestText } from "./streams.js";

/** Frames on their way: seconds of the line, so that a host which is held up loses nothing, and less than its queue holds. */
const WINDOW = 1024;
const POLL_MILLIS = 100, QUIET_MILLIS = 500;
/** The device's process takes its time to start; a port that is opened anew meanwhile would lose what it says first. */
const PATIENCE_MILLIS = 120_000;

export interface Heard {
  readonly items: number;
  readonly bytes: number;
  readonly digest: string;
  readonly drops: Drops;
  readonly bridge: LiveBridge | undefined;
  /** How often the port was opened. */
  readonly openings: number;
}

/** A device in a process of its own, a cable, and a source that supervises the port and decodes what comes. */
export class Listener {
  items = 0;
  bytes = 0;
  #openings = 0;
  #heardAt = 0;
  readonly #digest = new ColumnDigest();
  readonly #decoder: Decoder | PointDecoder;
  readonly #bridge: LiveBridge | undefined;
  readonly #cable = new Cable();
  readonly #stop = new AbortController();
  #device: ChildProcess | undefined;

  constructor(
    readonly kind: Kind,
    readonly seconds: number,
    readonly bitErrors = 0,
  ) {
    this.#bridge = kind === "bridge" ? new LiveBridge({ wants: ["EVENTS"], form: COMPACT, window: WINDOW,
      ...(bitErrors > 0 ? { maxFrame: MIN_FRAME_BYTES } : {}) }) : undefined;
    const line = { baud: BAUD[kind] };
    this.#decoder = this.#bridge ?? (kind === "edvs" ? createDecoder("edvs-e2", line) : createPointDecoder("ld06", line));
  }

  /** Until the device has sent all and what came of it is read. */
  async run(): Promise<{ readonly sent: Sent; readonly heard: Heard }> {
    await this.#cable.plug();
    // Paced processes do not share an event loop with who listens.
    this.#device = fork(new URL("device.js", import.meta.url));
    const orders: Orders = { kind: this.kind, path: this.#cable.device, seconds: this.seconds, bitErrors: this.bitErrors };
    const listening = this.#listen(() => void this.#device!.send(orders));
    const [sent] = (await Promise.race([once(this.#device, "message"), died(this.#device)])) as [Sent];
    while (performance.now() - this.#heardAt < QUIET_MILLIS) await sleep(20);
    this.#stop.abort();
    await listening;
    // Unplugged first: the device may hang in a read.
    await this.#cable.dispose();
    const gone = once(this.#device, "exit");
    this.#device.disconnect();
    await gone;
    this.#take(this.#decoder.end());
    const { items, bytes } = this;
    return { sent, heard: { items, bytes, digest: digestText(this.#digest), drops: this.#decoder.drops, bridge: this.#bridge, openings: this.#openings } };
  }

  async #listen(ready: () => void): Promise<void> {
    const device = serialDevice({ port: this.#cable.port, baudRate: BAUD[this.kind] });
    for await (const connection of supervise(device, { signal: this.#stop.signal, stallMillis: PATIENCE_MILLIS })) {
      if (this.#openings++ === 0) ready();
      if (this.kind === "edvs") await connection.write(Buffer.from(EDVS_START));
      const timer = setInterval(() => this.#control(connection), POLL_MILLIS);
      for await (const { bytes, at } of connection.chunks) {
        this.#heardAt = performance.now();
        this.bytes += bytes.length;
        this.#take(this.#decoder.push(bytes, at));
        this.#control(connection);
      }
      clearInterval(timer);
    }
  }

  #control(connection: Connection): void {
    const now = Math.round(1000 * (performance.timeOrigin + performance.now()));
    for (const bytes of this.#bridge?.control.poll(now) ?? []) void connection.write(bytes);
  }

  #take(batches: ReturnType<(Decoder | PointDecoder)["push"]>): void {
    for (const batch of batches) {
      this.items += batch.count;
      if ("p" in batch) this.#digest.update(batch);
    }
  }
}

async function died(device: ChildProcess): Promise<never> {
  const [code] = (await once(device, "exit")) as [number];
  throw new Error(`the device ended with ${code}`);
}
