import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { checkBrokerUrl } from "../mqtt/address.js";
import { brokerError } from "../mqtt/broker-errors.js";
import { wallMicros } from "./clock.js";
import { keepConnected, openNewest } from "../mqtt/connection.js";
import { Delivery } from "./delivery.js";
import { LinkError, type Link, type LinkOptions, type Protocol } from "../mqtt/link.js";
import { EVENT_SCHEMA, stateAfter, type StateMessage } from "./messages.js";
import { seldom, type Notice } from "../mqtt/notices.js";
import type { Publisher } from "./publisher.js";
import { checkName, topicsOf } from "./topics.js";

export interface MqttPublisherOptions {
  /** mqtt://, mqtts://, ws:// or wss://, with or without a port. */
  readonly url: string;
  readonly gateway: string;
  /** Default "saccade"; may hold slashes. */
  readonly base?: string;
  readonly username?: string;
  readonly password?: string;
  /** Default <base>-<gateway>-<hash of the machine>; two clients with one id throw each other out. */
  readonly clientId?: string;
  /** Also publish each event as CBOR under …/event/cbor. Default true. */
  readonly cbor?: boolean;
  /** Published retained at <base>/<gateway>/info on every connect; no paths, no secrets. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** "fail": reject when the first connect fails. Default "retry": go on trying, for a gateway that starts before its broker. */
  readonly firstConnect?: "fail" | "retry";
  /** Full queue: "drop-oldest" (default, for live sensors) or "wait" (for recordings: publish resolves when there is room). */
  readonly whenFull?: "drop-oldest" | "wait";
  /** Events held while the broker is away or slow. Default 4096. */
  readonly queueLimit?: number;
  /** Events older than this are worthless. Default 86,400 s. */
  readonly expirySeconds?: number;
  /** Default 10,000 ms. */
  readonly connectTimeoutMillis?: number;
  /** Hears of connections made, lost and refused, the same thing at most once a minute. */
  readonly notify?: (notice: Notice) => void;
}

export interface MqttPublisher extends Publisher {
  readonly connected: boolean;
  /** Of the last connection; undefined before the first. */
  readonly protocol: Protocol | undefined;
  /** Events that the broker has acknowledged in all their forms. */
  readonly acknowledged: number;
  /** Resolves true when all that was published is acknowledged, false when that takes longer. */
  flush(withinMillis: number): Promise<boolean>;
}

const QUEUE_LIMIT = 4096;
const EXPIRY_SECONDS = 86_400;
const STATS_EXPIRY_SECONDS = 30;
const CONNECT_TIMEOUT_MILLIS = 10_000;
/** Together with the goodbye and the DISCONNECT below the 5 s that a stop may take. */
const LAST_EVENTS_MILLIS = 3000;
const GOODBYE_MILLIS = 1000;

/**
 * Publishes to an MQTT broker: events with QoS 1 and never retained, state and status retained, `offline` as the last will.
 * Nothing grows while the broker is away: past queueLimit events are dropped, oldest first, and counted.
 * @throws SaccadeError CONFIG_INVALID; with firstConnect "fail" also BROKER_UNREACHABLE and BROKER_REFUSED
 */
export async function createMqttPublisher(options: MqttPublisherOptions): Promise<MqttPublisher> {
  const { gateway, base = "saccade", queueLimit = QUEUE_LIMIT } = options;
  checkBrokerUrl(options.url);
  const topics = topicsOf(base, gateway);
  const notify = seldom(options.notify ?? (() => undefined));
  const stop = new AbortController();
  const link = linkOptions(options, base, topics.status, stop.signal);
  const delivery = new Delivery({ topics, queueLimit, cbor: options.cbor ?? true, expirySeconds: options.expirySeconds ?? EXPIRY_SECONDS });
  const { board } = delivery;
  board.set({ topic: topics.status, payload: "online", content: "text" });
  board.set({ topic: topics.info, payload: JSON.stringify({ ...options.info, schemas: [EVENT_SCHEMA] }), content: "json" });

  const first = options.firstConnect === "fail" ? await openNewest(link, notify).catch(rethrowFor(options.url)) : undefined;
  let current: Link | undefined;
  const up = (next: Link): void => delivery.up((current = next));
  const kept = keepConnected({ link, notify, first, up, down: () => delivery.down() });
  const sources = new Set<string>();
  let closing: Promise<void> | undefined;

  async function flush(withinMillis: number): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      delivery.wake();
    }, withinMillis);
    while (!delivery.idle && !late) await delivery.changed();
    clearTimeout(timer);
    return delivery.idle;
  }

  async function close(): Promise<void> {
    await flush(LAST_EVENTS_MILLIS);
    for (const source of sources) board.set({ topic: topics.sourceStatus(source), payload: "offline", content: "text" });
    board.set({ topic: topics.status, payload: "offline", content: "text" });
    delivery.pump();
    if (delivery.connected) await flush(GOODBYE_MILLIS);
    stop.abort();
    if (delivery.connected) await current?.end();
    await kept;
    delivery.abandon();
  }

  return {
    drops: delivery.drops,
    flush,
    get connected() {
      return delivery.connected;
    },
    get protocol() {
      return current?.protocol;
    },
    get acknowledged() {
      return delivery.acknowledged;
    },
    async publish(event) {
      if (options.whenFull === "wait") while (delivery.full && closing === undefined) await delivery.changed();
      if (closing !== undefined) return delivery.refuse();
      delivery.put(event);
      board.set({ topic: topics.state(event.source), payload: JSON.stringify(stateAfter(event)), content: "json" });
      delivery.pumpSoon();
    },
    async sourceStatus(source, status) {
      checkName("source", source);
      if (!sources.has(source)) {
        const nothing: StateMessage = { label: null, score: 0, since: wallMicros(), active: false };
        board.set({ topic: topics.state(source), payload: JSON.stringify(nothing), content: "json" });
      }
      sources.add(source);
      board.set({ topic: topics.sourceStatus(source), payload: status, content: "text" });
      delivery.pump();
    },
    stats(source, stats) {
      delivery.tell(topics.stats(source), JSON.stringify(stats), STATS_EXPIRY_SECONDS);
    },
    close() {
      return (closing ??= close());
    },
  };
}

function linkOptions(options: MqttPublisherOptions, base: string, statusTopic: string, signal: AbortSignal): LinkOptions {
  return {
    url: options.url,
    clientId: options.clientId ?? `${base.replaceAll("/", "-")}-${options.gateway}-${machineHash()}`,
    username: options.username,
    password: options.password,
    will: { topic: statusTopic, payload: "offline", retain: true },
    connectTimeoutMillis: options.connectTimeoutMillis ?? CONNECT_TIMEOUT_MILLIS,
    signal,
  };
}

function rethrowFor(url: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof LinkError ? brokerError(url, error) : error;
  };
}

/** Six hex digits that differ from machine to machine and tell nothing of it. */
function machineHash(): string {
  return createHash("sha256").update(`saccade ${machineId()}`).digest("hex").slice(0, 6);
}

function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return hostname();
  }
}
