import type { EventMessage } from "./messages.js";

/** An event on its way: held until each of its forms is acknowledged. */
export interface Held {
  readonly event: EventMessage;
  /** ms of the monotonic clock when it came. */
  readonly since: number;
  /** Forms (JSON, CBOR) without an acknowledgement on this connection; 0 settles it. */
  unacknowledged: number;
  /** The first refusal that one of its forms met. */
  refusal: number | undefined;
  /** Sent before, on a connection that broke: the broker may have it already. */
  repeated: boolean;
}

/**
 * The events that the broker has not acknowledged: those that wait, oldest first, and those under way. Both count against the limit.
 * When it is full, the oldest that waits makes room.
 */
export class Outbox {
  #waiting: Held[] = [];
  #head = 0;
  #underWay = new Set<Held>();

  constructor(readonly limit: number) {}

  get size(): number {
    return this.waiting + this.#underWay.size;
  }
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }
  get underWay(): number {
    return this.#underWay.size;
  }

  /** @returns the event that had to go to make room: the oldest, or the new one itself when all others are under way. */
  put(held: Held): Held | undefined {
    let dropped: Held | undefined;
    if (this.size >= this.limit) {
      if (this.waiting === 0) return held;
      dropped = this.#shift();
    }
    this.#waiting.push(held);
    return dropped;
  }

  /** The oldest that waits, now under way. */
  take(): Held | undefined {
    if (this.waiting === 0) return undefined;
    const held = this.#shift();
    this.#underWay.add(held);
    return held;
  }

  /** Delivered or given up. */
  settle(held: Held): void {
    this.#underWay.delete(held);
  }

  /** The connection broke: all that was under way waits again, in its old order, before the rest. */
  takeBack(): void {
    const back = [...this.#underWay];
    for (const held of back) held.repeated = true;
    this.#waiting = [...back, ...this.#waiting.slice(this.#head)];
    this.#head = 0;
    this.#underWay.clear();
  }

  /** Gives up all that is held. @returns how many. */
  clear(): number {
    const given = this.size;
    this.#waiting = [];
    this.#head = 0;
    this.#underWay.clear();
    return given;
  }

  #shift(): Held {
    const held = this.#waiting[this.#head]!;
    this.#head++;
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return held;
  }
}
