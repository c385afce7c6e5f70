import { chooseForm, COMPACT, type EventColumns } from "../protocol/events.js";
import { EventsWriter } from "../protocol/events-writer.js";
import { ANSWERS_FLAG, DEFAULT_FRAME_BYTES, ERRORS, FRAMES, MIN_FRAME_BYTES, NO_LIMIT, VERSION } from "../protocol/fields.js";
import { type Frame, nameOf } from "../protocol/frame.js";
import { SCHEMA } from "../protocol/layout.js";
import { fits, formOf, headOf } from "../protocol/payload.js";
import { FrameReader } from "../protocol/reader.js";
import { FrameWriter, type HeadOf } from "../protocol/writer.js";

export interface DeviceOptions {
  readonly width: number;
  readonly height: number;
  readonly name?: string | undefined;
  readonly maxFrame?: number | undefined;
  /** Another number after each reset. */
  readonly boot?: number | undefined;
}

const SECOND = 1_000_000, LATENCY_MICROS = 5000;
const SENDS = (1 << FRAMES.EVENTS.code) | (1 << FRAMES.VENDOR.code);

/** The device's side of the conversation, as firmware/bridge_device.c has it, for tests and demos. Times are µs since its reset. */
export class SimulatedDevice {
  readonly status: HeadOf<"HEARTBEAT">;
  readonly hello: HeadOf<"HELLO">;
  #writer: FrameWriter;
  #events: EventsWriter;
  readonly #inbox = new FrameReader(DEFAULT_FRAME_BYTES);
  readonly #maxFrame: number;
  #pending: { readonly bytes: Uint8Array; readonly items: number } | undefined;
  #wants = 0;
  #limited = false;
  #helloDue = true;
  #heartbeatDue = false;
  #answerDue = false;
  #spokeAt = 0;
  #heldAt = 0;
  #now = 0;

  /** @param send takes a whole frame, or gives false when the line is busy */
  constructor(
    { width, height, name = "simulated", maxFrame = DEFAULT_FRAME_BYTES, boot = 1 }: DeviceOptions,
    readonly send: (bytes: Uint8Array) => boolean,
  ) {
    this.#maxFrame = maxFrame;
    this.#writer = new FrameWriter(maxFrame);
    this.#events = new EventsWriter(this.#writer, undefined);
    this.hello = { version: VERSION, sends: SENDS, width, height, maxFrame, maxReceive: DEFAULT_FRAME_BYTES, tick: 1000, schema: SCHEMA,
      firmware: 0, boot, uptime: 0, id: "", name };
    this.status = { boot, frames: 0, uptime: 0, items: 0, lostSensor: 0, lostRing: 0, lostCredit: 0, received: 0, damaged: 0, answers: 0,
      credit: NO_LIMIT, streaming: 0 };
  }

  /** Bytes of the host. Replies at once. */
  receive(bytes: Uint8Array, now: number): void {
    for (let at = 0; at < bytes.length;) {
      at = this.#inbox.read(bytes, at, bytes.length);
      if (this.#inbox.ready) this.#obey(this.#inbox.frame);
    }
    this.poll(now);
  }

  /** HELLO, heartbeat, and events that have waited long enough. Call it every 10 ms. */
  poll(now: number): void {
    this.#now = now;
    this.#settle();
    if (this.#events.held > 0 && now - this.#heldAt >= LATENCY_MICROS) this.flush();
    if (now - this.#spokeAt >= SECOND) {
      if (this.status.streaming) this.#heartbeatDue = true;
      else this.#helloDue = true;
    }
    if (this.#helloDue) this.#sayHello();
    if (this.#heartbeatDue || this.#answerDue) this.#beat();
  }

  /** Events[from .. to), whose times are the device's. What cannot go is dropped and counted; nothing is counted while it is stopped. */
  push(events: EventColumns, from: number, to: number): void {
    if (!this.#wanted(FRAMES.EVENTS.code)) return;
    while (from < to) {
      if (this.#events.held === 0 && !this.#mayBegin(to - from)) return;
      if (this.#events.held === 0) this.#heldAt = this.#now;
      from = this.#events.add(events, from, to);
      if (from < to) this.flush();
    }
  }

  /** Bytes of another protocol, at most a frame's. As push. */
  vendor(head: HeadOf<"VENDOR">, bytes: Uint8Array, t0: number): void {
    if (this.#wanted(FRAMES.VENDOR.code) && this.#mayBegin(bytes.length)) this.#close(this.#writer.vendor(head, bytes, t0), bytes.length);
  }

  /** Sends the events that are held. */
  flush(): void {
    const { held } = this.#events, bytes = this.#events.flush();
    if (bytes) this.#close(bytes, held);
  }

  #wanted(code: number): boolean {
    return this.status.streaming === 1 && ((this.#wants >> code) & 1) === 1;
  }

  #mayBegin(items: number): boolean {
    const reason = !this.#canBegin() ? "lostRing" : this.#limited && this.status.credit === 0 ? "lostCredit" : undefined;
    if (reason) this.status[reason] += items;
    return reason === undefined;
  }

  #canBegin(): boolean {
    if (!this.#settle()) return false;
    this.flush();
    return this.#pending === undefined;
  }

  #settle(): boolean {
    if (this.#pending === undefined) return true;
    if (!this.send(this.#pending.bytes)) return false;
    this.status.items = (this.status.items + this.#pending.items) >>> 0;
    this.#pending = undefined;
    return true;
  }

  #close(bytes: Uint8Array, items = 0): void {
    this.#pending = { bytes, items };
    if (this.#limited && this.status.credit > 0) this.status.credit--;
    this.#settle();
  }

  #sayHello(): void {
    if (!this.#canBegin()) return;
    this.hello.uptime = this.#uptime();
    this.#close(this.#writer.message("HELLO", this.hello, this.#now));
    this.#helloDue = false;
    this.#spokeAt = this.#now;
  }

  #beat(): void {
    if (!this.#canBegin()) return;
    const { tooLong, notCobs, short, badCrc } = this.#inbox.counters;
    Object.assign(this.status, { frames: this.#writer.sent, uptime: this.#uptime(), damaged: tooLong + notCobs + short + badCrc });
    this.#close(this.#writer.message("HEARTBEAT", this.status, this.#now, this.#answerDue ? ANSWERS_FLAG : 0));
    this.#heartbeatDue = this.#answerDue = false;
    this.#spokeAt = this.#now;
  }

  #uptime(): number {
    return Math.floor(this.#now / 1000) % 2 ** 32;
  }

  #obey(frame: Frame): void {
    const name = nameOf(frame.type), form = formOf(frame);
    // The open frame was begun under the old rules: it goes first.
    this.flush();
    this.status.received++;
    if (!form || !fits(frame, form)) return this.#complain(form ? ERRORS.payload : ERRORS.type, frame.type, "not understood");
    switch (name) {
      case "START":
        return this.#start(headOf("START", frame));
      case "STOP":
        this.status.streaming = 0;
        this.#helloDue = true;
        return;
      case "CREDIT":
        return this.#setLimit(headOf("CREDIT", frame).limit);
      case "TIME":
        this.status.answers = frame.seq;
        this.#answerDue = true;
        return;
      default:
        return this.#complain(name === "CONFIG" ? ERRORS.setting : ERRORS.type, frame.type, "not known");
    }
  }

  #start({ version, form, wants, flow, maxFrame, limit }: HeadOf<"START">): void {
    if (version !== VERSION) return this.#complain(ERRORS.version, version, "this device speaks version 1");
    const sent = this.#writer.sent;
    this.#settle();
    this.#writer = new FrameWriter(Math.min(this.#maxFrame, Math.max(MIN_FRAME_BYTES, maxFrame)));
    this.#writer.sent = sent;
    this.#events = new EventsWriter(this.#writer, form === COMPACT ? chooseForm(this.hello.width, this.hello.height) : undefined);
    this.#wants = wants & this.hello.sends;
    this.#limited = flow !== 0;
    this.status.streaming = 1;
    this.#setLimit(limit);
    this.#helloDue = false;
    this.#heartbeatDue = true;
  }

  #setLimit(limit: number): void {
    const ahead = (limit - this.#writer.sent) & 0xffff;
    this.status.credit = !this.#limited ? NO_LIMIT : ahead < 0x8000 ? ahead : 0;
  }

  #complain(code: number, about: number, text: string): void {
    if (this.#canBegin()) this.#close(this.#writer.message("ERROR", { code, about, text }, this.#now));
  }
}
