import { chooseForm, MAX_SIDE } from "../../firmware-bridge/protocol/events.js";
import { EventsWriter } from "../../firmware-bridge/protocol/events-writer.js";
import { DEFAULT_FRAME_BYTES, FRAMES, NO_LIMIT, VERSION } from "../../firmware-bridge/protocol/fields.js";
import { SCHEMA } from "../../firmware-bridge/protocol/layout.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";
import { SaccadeError } from "../errors.js";
import type { Events } from "../types.js";
import type { RecordingWriter, WriterOptions } from "./recording-writer.js";

/** A device's uptime is told in ms of 32 bits. */
const UPTIME_RANGE = 2 ** 32 * 1000;
const SECOND = 1_000_000;

/**
 * What a device that saw these events would have sent, with no pause between its frames: HELLO, EVENTS, and a HEARTBEAT wherever a device
 * would have sent several, so that no wrap of its clock is missed.
 */
export class BridgeWriter implements RecordingWriter {
  timeShift = 0;
  readonly #frames = new FrameWriter(DEFAULT_FRAME_BYTES);
  readonly #events: EventsWriter;
  #before: number | undefined;
  #items = 0;

  /** @throws SaccadeError RECORDING_UNSUPPORTED when rows have more numbers than the field */
  constructor(readonly options: WriterOptions) {
    const { width, height } = options.size;
    if (height > MAX_SIDE)
      throw new SaccadeError("RECORDING_UNSUPPORTED", `the bridge names ${MAX_SIDE} rows, not ${height}`, "convert to aedat4, csv or npz");
    this.#events = new EventsWriter(this.#frames, chooseForm(width, height));
  }

  begin(): Uint8Array {
    const { width, height } = this.options.size;
    return this.#frames.message("HELLO", {
      version: VERSION,
      sends: 1 << FRAMES.EVENTS.code,
      width,
      height,
      maxFrame: DEFAULT_FRAME_BYTES,
      maxReceive: DEFAULT_FRAME_BYTES,
      tick: 1000,
      schema: SCHEMA,
      firmware: 0,
      boot: 1,
      uptime: 0,
      id: "",
      name: "recording",
    });
  }

  *write({ count, t, x, y, p }: Events): Generator<Uint8Array> {
    if (count > 0 && this.#before === undefined) this.timeShift = Math.floor(t[0]! / UPTIME_RANGE) * UPTIME_RANGE;
    const shifted = this.timeShift === 0 ? t : t.map((time) => time - this.timeShift);
    const columns = { t: shifted, x, y, p };
    for (let at = 0; at < count;) {
      const end = this.#pause(shifted, at, count);
      if (shifted[at]! - (this.#before ?? 0) > SECOND) yield* this.#beat(shifted[at]!);
      while (at < end) {
        at = this.#events.add(columns, at, end);
        if (at < end) yield* this.#flush();
      }
      this.#before = shifted[end - 1]!;
    }
  }

  end(): Iterable<Uint8Array> {
    return this.#flush();
  }

  /** Where, behind event `from`, the next pause of more than a second begins. */
  #pause(t: Float64Array, from: number, to: number): number {
    let at = from + 1;
    while (at < to && t[at]! - t[at - 1]! <= SECOND) at++;
    return at;
  }

  *#flush(): Generator<Uint8Array> {
    const held = this.#events.held, bytes = this.#events.flush();
    if (bytes === undefined) return;
    this.#items += held;
    yield bytes;
  }

  *#beat(time: number): Generator<Uint8Array> {
    yield* this.#flush();
    yield this.#frames.message("HEARTBEAT", {
      boot: 1,
      frames: this.#frames.sent,
      uptime: Math.floor(time / 1000) % 2 ** 32,
      items: this.#items,
      lostSensor: 0,
      lostRing: 0,
      lostCredit: 0,
      received: 0,
      damaged: 0,
      answers: 0,
      credit: NO_LIMIT,
      streaming: 1,
    }, time);
  }
}
