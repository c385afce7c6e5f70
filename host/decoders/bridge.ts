import { frameEvents, MAX_SIDE } from "../../firmware-bridge/protocol/events.js";
import { FRAMES, MAX_FRAME_BYTES } from "../../firmware-bridge/protocol/fields.js";
import { Inbox, type LinkCounters } from "../../firmware-bridge/protocol/inbox.js";
import type { Drops, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { drop, type DropReason } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize, sizeOf } from "./sensor-size.js";
import { TimeJump } from "./time-jump.js";

const BLOCK_BYTES = 1 << 16;
/** A capture states its sensor by the HELLO that a conversation begins with; one that was cut out of a stream may not have it. */
const HEAD_LIMIT = 1 << 16;

/** What counters of the link are called as drops; the others tell of no loss. */
const REASONS: Readonly<Partial<Record<keyof LinkCounters, DropReason>>> = {
  tooLong: "packet_corrupt",
  notCobs: "packet_corrupt",
  short: "packet_corrupt",
  badCrc: "packet_corrupt",
  badPayload: "packet_corrupt",
  lost: "frame_lost",
  repeated: "frame_repeated",
  unknown: "other_stream",
};

/** Counters of HEARTBEAT: what was lost before it came to the line. */
const DEVICE_LOSSES = ["lostSensor", "lostRing", "lostCredit"] as const;

/**
 * A bridge's bytes, as they came from the device: a capture, or a port. `HELLO` states the sensor's size. Frames of points, results and other
 * protocols' bytes are counted and left out. Source: firmware-bridge/PROTOCOL.md.
 */
export function bridgeLayout(given: SensorSize | undefined): Layout {
  return {
    format: "bridge",
    headLimit: HEAD_LIMIT,
    open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined {
      const stated = statedSize(head);
      if (!stated && !ended && head.length < HEAD_LIMIT) return undefined;
      const size = agreeOnSize(stated, given);
      return { bodyAt: 0, size, body: new BridgeBody(drops, size) };
    },
  };
}

/** Whether bytes hold at least one good frame of a device: a CRC of 32 bits says so. */
export function holdsBridgeFrame(head: Uint8Array): boolean {
  const inbox = new Inbox();
  for (let at = 0; at < head.length;) {
    at = inbox.read(head, at, head.length);
    if (inbox.ready || inbox.hello || inbox.heartbeat) return true;
  }
  return false;
}

function statedSize(head: Uint8Array): SensorSize | undefined {
  const inbox = new Inbox();
  for (let at = 0; at < head.length && !inbox.hello;) at = inbox.read(head, at, head.length);
  return inbox.hello && sizeOf(inbox.hello.width, inbox.hello.height);
}

/** Takes a data frame that holds no events; one that it does not take, as all without it, is dropped and counted. */
export type OtherFrame = (inbox: Inbox) => boolean;

/** Reads a bridge's bytes. A HELLO on the way says anew what sensor it is. */
export class BridgeBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(2 * frameEvents(MAX_FRAME_BYTES));
  readonly inbox = new Inbox(MAX_FRAME_BYTES);
  #width: number;
  #height: number;
  #hellos = 0;
  #resets = 0;
  readonly #jump = new TimeJump();
  #latest = 0;
  #counted: LinkCounters = this.inbox.counters;
  readonly #deviceLosses = { boot: -1, items: 0 };

  constructor(
    readonly drops: Drops,
    size: SensorSize | undefined,
    readonly other?: OtherFrame,
  ) {
    this.#width = size?.width ?? MAX_SIDE * 2;
    this.#height = size?.height ?? MAX_SIDE;
  }

  /** What the latest HELLO said. */
  get size(): SensorSize | undefined {
    const { hello } = this.inbox;
    return hello && sizeOf(hello.width, hello.height);
  }

  get understood(): boolean {
    return this.inbox.reader.counters.good > 0;
  }

  /** Every byte is taken: what a cut packet needs, the inbox keeps. */
  read(from: number, to: number): number {
    const { inbox, batch, block } = this;
    const room = batch.capacity - frameEvents(MAX_FRAME_BYTES);
    while (from < to && batch.count <= room) {
      from = inbox.read(block.u8, from, to);
      if (inbox.seen.hello > this.#hellos) this.#resize();
      if (!inbox.ready) continue;
      if (inbox.frame.type === FRAMES.EVENTS.code) this.#accept(inbox.events(batch, batch.count));
      else if (!this.other?.(inbox)) drop(this.drops, "other_stream");
    }
    this.#countLosses();
    return from;
  }

  /** @returns the end: the bytes of a cut packet are counted here, they are no longer in the block */
  finish(from: number): number {
    drop(this.drops, "torn_tail", this.inbox.reader.waiting);
    return from;
  }

  #resize(): void {
    this.#hellos = this.inbox.seen.hello;
    this.#width = this.size?.width ?? this.#width;
    this.#height = this.size?.height ?? this.#height;
  }

  /** Checks `found` events behind the batch's last, and keeps those of the sensor, in order of time. */
  #accept(found: number): void {
    const { batch } = this, { t, x, y, p } = batch, width = this.#width, height = this.#height;
    let to = batch.count, latest = this.#latest, outside = 0, backwards = 0, jumps = 0;
    for (let i = batch.count, end = i + found; i < end; i++) {
      const column = x[i]!, row = y[i]!, time = t[i]!;
      if (column >= width || row >= height) {
        outside++;
        continue;
      }
      if (time >= latest) latest = time;
      else if (this.#jump.isReal(time, latest)) {
        latest = time;
        jumps++;
      } else backwards++;
      t[to] = latest;
      x[to] = column;
      y[to] = row;
      p[to++] = p[i]!;
    }
    this.#latest = latest;
    batch.count = to;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
  }

  #countLosses(): void {
    const now = this.inbox.counters, before = this.#counted;
    drop(this.drops, "device_reset", this.inbox.seen.resets - this.#resets);
    this.#resets = this.inbox.seen.resets;
    for (const [name, reason] of Object.entries(REASONS) as [keyof LinkCounters, DropReason][]) drop(this.drops, reason, now[name] - before[name]);
    this.#counted = now;
    const { heartbeat } = this.inbox, known = this.#deviceLosses;
    if (heartbeat === undefined) return;
    const items = DEVICE_LOSSES.reduce((sum, name) => sum + heartbeat[name], 0);
    // What was lost before the first heartbeat of a reset that we saw may be older than the recording.
    if (known.boot === heartbeat.boot) drop(this.drops, "device_lost", (items - known.items) >>> 0);
    known.boot = heartbeat.boot;
    known.items = items;
  }
}
