import { ANSWERS_FLAG, FRAMES, MAX_FRAME_BYTES, NO_LIMIT, VERSION } from "./fields.js";
import type { Inbox } from "./inbox.js";
import { FrameWriter, type HeadOf, type RecordOf } from "./writer.js";

export interface ControlOptions {
  /** What the device shall send. */
  readonly wants: readonly ("EVENTS" | "POINTS" | "VENDOR" | "RESULT")[];
  /** Wished form of EVENTS: an index of its forms. */
  readonly form: number;
  /** Frames that may be on their way, 1..32767; undefined: no flow control, for lines that hold the device back by themselves. */
  readonly window?: number | undefined;
  readonly maxFrame?: number | undefined;
}

/** What the host knows of the device's clock: both at the same moment, give or take. */
export interface ClockPair {
  readonly deviceMicros: number;
  readonly hostMicros: number;
  readonly giveOrTakeMicros: number;
}

export type LinkState = "greeting" | "starting" | "streaming" | "refused";

const GREET_MICROS = 1_000_000, SILENCE_MICROS = 3_000_000, TIME_MICROS = 10_000_000;

/**
 * The host's side of the conversation. It looks at what came in, and says what to send: STOP until HELLO comes, START until the device
 * streams, then credit and time. It starts again by itself when the device was reset or fell silent.
 *
 *     for (const bytes of control.poll(nowMicros)) port.write(bytes);    after each chunk, and every 100 ms
 */
export class HostControl {
  state: LinkState = "greeting";
  clock: ClockPair | undefined;
  readonly #writer = new FrameWriter();
  readonly #seen = { hello: 0, heartbeat: 0, frames: 0 };
  #askedAt = -Infinity;
  #heardAt = -Infinity;
  #timeSentAt = -Infinity;
  #timeSeq: number | undefined;
  #creditedAt = 0;

  constructor(
    readonly inbox: Inbox,
    readonly options: ControlOptions,
  ) {}

  /** @param now µs since 1970, of a clock that never falls (performance.timeOrigin + performance.now())   @returns frames to send, in order */
  poll(now: number): Uint8Array[] {
    const { inbox } = this, out: Uint8Array[] = [];
    const news = inbox.seen.frames - this.#seen.frames;
    this.#seen.frames = inbox.seen.frames;
    if (news > 0 || this.#heardAt === -Infinity) this.#heardAt = now;
    const greeted = inbox.seen.hello > this.#seen.hello;
    this.#seen.hello = inbox.seen.hello;
    const beaten = inbox.seen.heartbeat > this.#seen.heartbeat;
    this.#seen.heartbeat = inbox.seen.heartbeat;
    if (this.state !== "greeting" && now - this.#heardAt > SILENCE_MICROS) this.state = "greeting";
    if (greeted) out.push(...this.#start());
    else if (beaten && this.state === "starting" && inbox.heartbeat!.streaming === 1) this.state = "streaming";
    else if (beaten && this.state === "streaming" && inbox.heartbeat!.streaming === 0) this.state = "greeting";
    if (this.state === "starting" && news > 0 && inbox.ready) this.state = "streaming";
    if (this.state === "greeting" && now - this.#askedAt >= GREET_MICROS) {
      this.#askedAt = now;
      out.push(this.stop());
    }
    if (this.state === "starting" || this.state === "streaming") out.push(...this.#keepGoing(now, beaten));
    return out;
  }

  /** A STOP frame; the device falls silent and says HELLO. */
  stop(): Uint8Array {
    return this.#writer.message("STOP", {}).slice();
  }

  /** A CONFIG frame. */
  configure(settings: readonly RecordOf<"CONFIG">[]): Uint8Array {
    return this.#writer.records("CONFIG", 0, {}, settings).slice();
  }

  #start(): Uint8Array[] {
    const hello = this.inbox.hello!, { wants, form, window, maxFrame } = this.options;
    this.state = hello.version === VERSION ? "starting" : "refused";
    if (this.state === "refused") return [];
    this.#creditedAt = this.inbox.seq;
    const start: HeadOf<"START"> = {
      version: VERSION,
      form,
      wants: wants.reduce((bits, name) => bits | (1 << FRAMES[name].code), 0),
      flow: window === undefined ? 0 : 1,
      maxFrame: maxFrame ?? MAX_FRAME_BYTES,
      limit: this.#limit(),
    };
    return [this.#writer.message("START", start).slice()];
  }

  /** The first sequence number that may not go out. */
  #limit(): number {
    return this.options.window === undefined ? NO_LIMIT : (this.inbox.seq + 1 + this.options.window) & 0xffff;
  }

  #keepGoing(now: number, beaten: boolean): Uint8Array[] {
    const out: Uint8Array[] = [], { window } = this.options, { inbox } = this;
    if (beaten && inbox.heartbeatFlags & ANSWERS_FLAG && inbox.heartbeat!.answers === this.#timeSeq) {
      const half = (now - this.#timeSentAt) / 2;
      this.clock = { deviceMicros: inbox.time, hostMicros: now - half, giveOrTakeMicros: half };
      this.#timeSeq = undefined;
    }
    const used = (inbox.seq - this.#creditedAt) & 0xffff;
    if (window !== undefined && (beaten || used >= window / 2)) {
      this.#creditedAt = inbox.seq;
      out.push(this.#writer.message("CREDIT", { limit: this.#limit() }).slice());
    }
    if (now - this.#timeSentAt >= TIME_MICROS) {
      this.#timeSentAt = now;
      this.#timeSeq = this.#writer.sent & 0xffff;
      out.push(this.#writer.message("TIME", { low: now % 2 ** 32, high: Math.floor(now / 2 ** 32) }).slice());
    }
    return out;
  }
}
