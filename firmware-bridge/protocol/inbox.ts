import { DeviceClock } from "./clock.js";
import { type EventColumns, readEvents } from "./events.js";
import { type FrameName, MAX_FRAME_BYTES } from "./fields.js";
import { type Frame, nameOf, typeOf } from "./frame.js";
import { fits, formOf, headOf } from "./payload.js";
import { FrameReader, type PacketCounters } from "./reader.js";
import { Sequence, type SequenceCounters } from "./sequence.js";
import type { HeadOf } from "./writer.js";

/** Good frames that say nothing to this version. */
export interface ContentCounters {
  /** Of a type or form that is not known, or that only hosts send. */
  unknown: number;
  /** The payload is not of its form: the sender's fault. */
  badPayload: number;
}

export type LinkCounters = Readonly<PacketCounters & SequenceCounters & ContentCounters>;

/** A device's bytes to its data frames, with their times; keeps what HELLO, HEARTBEAT and ERROR said last. Never throws on bytes. */
export class Inbox {
  readonly reader: FrameReader;
  /** Whether `frame` is one of EVENTS, POINTS, VENDOR, RESULT whose payload fits its form. */
  ready = false;
  /** µs of `frame`'s t0, without wraps. */
  time = 0;
  hello: HeadOf<"HELLO"> | undefined;
  heartbeat: HeadOf<"HEARTBEAT"> | undefined;
  error: HeadOf<"ERROR"> | undefined;
  /** The flags of the latest heartbeat. */
  heartbeatFlags = 0;
  /** How many of each have come: whoever looks from time to time sees what is new. Resets: by another `boot`. */
  readonly seen = { hello: 0, heartbeat: 0, error: 0, frames: 0, resets: 0 };
  /** Sequence number of the latest good frame. */
  seq = 0;
  readonly #sequence = new Sequence();
  readonly #clock = new DeviceClock();
  readonly #content: ContentCounters = { unknown: 0, badPayload: 0 };
  #boot: number | undefined;

  /** @param maxFrame bytes of the longest frame that is taken */
  constructor(maxFrame = MAX_FRAME_BYTES) {
    this.reader = new FrameReader(maxFrame);
  }

  get frame(): Frame {
    return this.reader.frame;
  }

  get counters(): LinkCounters {
    return { ...this.reader.counters, ...this.#sequence.counters, ...this.#content };
  }

  /** Reads bytes[from .. to) up to the end of the next data frame, or all of them. @returns where it stopped */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.ready = false;
    while (from < to && !this.ready) {
      from = this.reader.read(bytes, from, to);
      if (this.reader.ready) this.#take(this.reader.frame);
    }
    return from;
  }

  /** Writes the events of `frame`, an EVENTS frame. @returns how many; none, and counted, when the payload is not of its form */
  events(out: EventColumns, at: number): number {
    const count = readEvents(this.frame, this.time, out, at);
    if (count < 0) this.#content.badPayload++;
    return Math.max(count, 0);
  }

  #take(frame: Frame): void {
    this.seen.frames++;
    this.seq = frame.seq;
    const name = nameOf(frame.type), form = formOf(frame);
    const known = name !== undefined && form !== undefined && typeOf(name).from === "device";
    const fitting = known && fits(frame, form);
    if (name === "HELLO" && fitting) return this.#greet(headOf("HELLO", frame));
    if (name === "HEARTBEAT" && fitting) return this.#beat(headOf("HEARTBEAT", frame));
    if (!this.#sequence.take(frame.seq)) return;
    if (!known) this.#content.unknown++;
    else if (!fitting) this.#content.badPayload++;
    else this.#deliver(name, frame);
  }

  #deliver(name: FrameName, frame: Frame): void {
    this.time = this.#clock.unwrap(frame.t0);
    if (name === "ERROR") {
      this.error = headOf("ERROR", frame);
      this.seen.error++;
    } else this.ready = true;
  }

  #greet(hello: HeadOf<"HELLO">): void {
    if (!this.#sequence.take(this.frame.seq, hello.boot)) return;
    this.#anchor(hello.boot, hello.uptime);
    this.hello = hello;
    this.seen.hello++;
  }

  #beat(heartbeat: HeadOf<"HEARTBEAT">): void {
    if (!this.#sequence.take(this.frame.seq, heartbeat.boot, heartbeat.frames)) return;
    this.#anchor(heartbeat.boot, heartbeat.uptime);
    this.heartbeat = heartbeat;
    this.heartbeatFlags = this.frame.flags;
    this.seen.heartbeat++;
  }

  #anchor(boot: number, uptime: number): void {
    if (this.#boot !== undefined && this.#boot !== boot) {
      this.#clock.restart();
      this.seen.resets++;
    }
    this.#boot = boot;
    this.time = this.#clock.anchor(this.frame.t0, uptime);
  }
}
