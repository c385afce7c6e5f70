import type { Drops } from "../types.js";
import { eventCbor } from "./cbor.js";
import { eventJson } from "./json.js";
import { hexCode, WILL_DELAY_SECONDS, type Link, type LinkPublishOptions } from "../mqtt/link.js";
import type { EventMessage } from "./messages.js";
import { Outbox, type Held } from "./outbox.js";
import { eventProperties, retainedProperties } from "./properties.js";
import { RetainedBoard } from "./retained.js";
import type { Topics } from "./topics.js";

export interface DeliveryOptions {
  readonly topics: Topics;
  readonly cbor: boolean;
  readonly queueLimit: number;
  readonly expirySeconds: number;
  /** A clock that never goes back, ms. */
  readonly now?: () => number;
}

/** Messages without acknowledgement, at most; the broker may allow fewer. */
const WINDOW = 64;
/** Bytes of a PUBLISH beside topic and payload: header, packet id and our properties, with room to spare. */
const PACKET_OVERHEAD = 256;
const QUOTA_EXCEEDED = 0x97;
const QUOTA_PAUSE_MILLIS = 1000;

interface Form {
  readonly held: Held;
  readonly content: "json" | "cbor";
}

/** Carries events and retained messages over whichever link is up, within the window, and accounts for every one. */
export class Delivery {
  readonly drops: Drops = {};
  readonly board = new RetainedBoard();
  acknowledged = 0;
  readonly #outbox: Outbox;
  readonly #now: () => number;
  #link: Link | undefined;
  #unsent: Form[] = [];
  #underWay = 0;
  #window = 0;
  #pausedUntil = 0;
  #soon: NodeJS.Immediate | undefined;
  #watchers: (() => void)[] = [];

  constructor(readonly options: DeliveryOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#outbox = new Outbox(options.queueLimit);
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }
  get full(): boolean {
    return this.#outbox.size >= this.#outbox.limit;
  }
  /** Nothing waits, nothing is under way. */
  get idle(): boolean {
    return this.#outbox.size === 0 && this.#underWay === 0 && (this.board.unsaid === 0 || this.#link === undefined);
  }

  put(event: EventMessage): void {
    const dropped = this.#outbox.put({ event, since: this.#now(), unacknowledged: 0, refusal: undefined, repeated: false });
    if (dropped !== undefined) this.#drop("queue_full");
    const alone = this.#outbox.waiting === 1 && this.#unsent.length === 0;
    if (alone && this.#link !== undefined && this.#open) {
      this.#sendNext(this.#link);
      this.#link.flush();
      this.pumpSoon();
    } else this.pump();
  }

  /** Pumps in the next turn of the loop: what has been sent leaves this process first, and is not held up by what is less urgent. */
  pumpSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.pump();
    });
  }

  up(link: Link): void {
    this.#link = link;
    this.#underWay = 0;
    this.#window = Math.min(WINDOW, link.receiveMaximum);
    this.board.sayAllAgain();
    this.pump();
  }

  down(): void {
    this.#link = undefined;
    this.#unsent = [];
    this.#underWay = 0;
    this.#outbox.takeBack();
    this.wake();
  }

  /** Sends once, if there is a link and its broker takes up with us. */
  tell(topic: string, payload: string, expirySeconds: number): void {
    if (this.#link === undefined || !this.#open) return;
    const properties = this.#link.protocol === "5" ? { properties: { ...retainedProperties("json"), messageExpiryInterval: expirySeconds } } : {};
    this.#link.tell(topic, payload, { retain: false, ...properties });
  }

  /** Gives up what is left, counted. */
  abandon(): void {
    const left = this.#outbox.clear();
    if (left > 0) this.#drop("unsent_at_close", left);
    this.wake();
  }

  /** Counts an event that came after the end. */
  refuse(): void {
    this.#drop("unsent_at_close");
  }

  /** Resolves at the next settlement, loss of link, end or wake: look again then. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }
  wake(): void {
    for (const call of this.#watchers.splice(0)) call();
  }

  /** Sends while there is something to send and the window is open. */
  pump(): void {
    while (this.#link !== undefined && this.#open) if (!this.#sendRetained(this.#link) && !this.#sendNext(this.#link)) return;
  }

  /** Whether the window has room. */
  get #open(): boolean {
    return this.#underWay < this.#window && this.#now() >= this.#pausedUntil;
  }

  #sendNext(link: Link): boolean {
    const form = this.#nextForm();
    if (form !== undefined) this.#sendEvent(link, form);
    return form !== undefined;
  }

  #sendRetained(link: Link): boolean {
    const message = this.board.take();
    if (message === undefined) return false;
    const { topic, payload, content } = message;
    const properties = link.protocol === "5" ? { properties: retainedProperties(content) } : {};
    this.#send(link, topic, payload, { retain: link.retainAvailable, ...properties }, (code) => {
      if (code !== 0) this.#drop(`refused_${hexCode(code)}`);
    });
    return true;
  }

  /** An event's forms go out one after the other, so that a window of one message is enough. */
  #nextForm(): Form | undefined {
    while (this.#unsent.length === 0) {
      const held = this.#outbox.take();
      if (held === undefined) return undefined;
      if (this.#ageSeconds(held) >= this.options.expirySeconds) {
        this.#outbox.settle(held);
        this.#drop("expired");
        continue;
      }
      this.#unsent.push({ held, content: "json" });
      if (this.options.cbor) this.#unsent.push({ held, content: "cbor" });
      held.unacknowledged = this.#unsent.length;
      held.refusal = undefined;
    }
    return this.#unsent.shift();
  }

  #sendEvent(link: Link, { held, content }: Form): void {
    const { topics, expirySeconds } = this.options;
    const age = this.#ageSeconds(held);
    // Past the will delay the broker has told everyone that we are gone: what happened meanwhile is history.
    const event = age > WILL_DELAY_SECONDS ? { ...held.event, historical: true } : held.event;
    const topic = content === "json" ? topics.event(event.source) : topics.eventCbor(event.source);
    const payload = content === "json" ? eventJson(event) : eventCbor(event);
    const five = link.protocol === "5";
    const properties = five ? { properties: eventProperties(content, event, Math.max(1, Math.floor(expirySeconds - age))) } : {};
    this.#send(link, topic, payload, { dup: held.repeated, ...properties }, (code) => {
      if (code !== 0) held.refusal ??= code;
      if (--held.unacknowledged > 0) return;
      this.#outbox.settle(held);
      if (held.refusal === undefined) this.acknowledged++;
      else this.#drop(held.refusal === TOO_LARGE ? "too_large" : `refused_${hexCode(held.refusal)}`);
    });
  }

  #send(link: Link, topic: string, payload: string | Uint8Array, how: LinkPublishOptions, settle: (code: number) => void): void {
    if (Buffer.byteLength(payload) + Buffer.byteLength(topic) + PACKET_OVERHEAD > link.maximumPacketSize) {
      settle(TOO_LARGE);
      this.wake();
      return;
    }
    this.#underWay++;
    void link.publish(topic, payload, how).then((code) => {
      if (code === undefined || link !== this.#link) return;
      this.#underWay--;
      settle(code);
      if (code === QUOTA_EXCEEDED) this.#pause();
      this.wake();
      this.pump();
    });
  }

  #pause(): void {
    this.#pausedUntil = this.#now() + QUOTA_PAUSE_MILLIS;
    setTimeout(() => this.pump(), QUOTA_PAUSE_MILLIS + 1);
  }

  #ageSeconds(held: Held): number {
    return (this.#now() - held.since) / 1000;
  }

  #drop(reason: string, count = 1): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + count;
  }

}

/** Our own answer for a packet that the broker would close the connection for: MQTT 5's "packet too large". */
const TOO_LARGE = 0x95;
