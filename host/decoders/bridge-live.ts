import { type ControlOptions, HostControl } from "../../firmware-bridge/protocol/control.js";
import type { Inbox } from "../../firmware-bridge/protocol/inbox.js";
import type { Decoder, Drops, Events, SensorSize } from "../types.js";
import { BridgeBody, type OtherFrame } from "./bridge.js";

/**
 * A device on the bridge, live: its bytes to events, and what to send it. The port is the caller's:
 *
 *     for (const events of bridge.push(chunk)) …                       each chunk as it comes
 *     for (const bytes of bridge.control.poll(nowMicros)) port.write(bytes);    after it, and every 100 ms
 *
 * After the port was opened again, make another: a device that was unplugged begins anew.
 */
export class LiveBridge implements Decoder {
  readonly format = "bridge";
  readonly drops: Drops = {};
  readonly control: HostControl;
  readonly #body: BridgeBody;

  /** @param options what the device shall send, and how   @param other takes frames of points, results and other protocols' bytes */
  constructor(options: ControlOptions, other?: OtherFrame) {
    this.#body = new BridgeBody(this.drops, undefined, other);
    this.control = new HostControl(this.#body.inbox, options);
  }

  /** What HELLO, HEARTBEAT and ERROR said last, and all counters of the link. */
  get inbox(): Inbox {
    return this.#body.inbox;
  }

  get size(): SensorSize | undefined {
    return this.#body.size;
  }

  *push(chunk: Uint8Array): Generator<Events> {
    const { block, batch } = this.#body;
    for (let at = 0; at < chunk.length; at += block.length) {
      const piece = chunk.subarray(at, at + block.length);
      block.u8.set(piece);
      for (let from = 0; from < piece.length;) {
        batch.count = 0;
        from = this.#body.read(from, piece.length);
        if (batch.count > 0) yield batch;
      }
    }
  }

  *end(): Generator<Events> {
    this.#body.finish(0);
  }
}
