import { randomBytes } from "node:crypto";
import { SaccadeError } from "../errors.js";
import { checkBrokerUrl, checkTopic } from "../mqtt/address.js";
import { brokerError, withoutPassword } from "../mqtt/broker-errors.js";
import { openNewest } from "../mqtt/connection.js";
import { hexCode, LinkError, type Link, type LinkOptions } from "../mqtt/link.js";
import type { Notice } from "../mqtt/notices.js";
import type { Drops } from "../types.js";
import { ChunkQueue, type Overload } from "./chunk-queue.js";
import type { Connection, Device } from "./connection.js";

export interface MqttDeviceOptions {
  /** mqtt://, mqtts://, ws:// or wss://, with or without a port. */
  readonly url: string;
  /** In full, without + and #. */
  readonly topic: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** What the client's id begins with; the rest is chance, for sources of one gateway must not throw each other out. Default "saccade". */
  readonly clientId?: string | undefined;
  readonly overload?: Overload;
  /** Default 10,000 ms. */
  readonly connectTimeoutMillis?: number;
  /** Hears that the broker speaks MQTT 3.1.1 only. */
  readonly notify?: (notice: Notice) => void;
}

/** No packet of a sensor is longer (docs/messages.cddl). */
const MOST_BYTES = 65_536;
const CONNECT_TIMEOUT_MILLIS = 10_000;
const REFUSALS_FROM = 0x80;

/**
 * A topic as a source: each chunk is the payload of one message. It subscribes to that topic alone, with QoS 0 and as a client of its own
 * that the broker forgets at its end. Nothing is ever sent. Drops of its connections, in messages: `retained`, what was sent before the
 * source came; `too_long`, payloads beyond 64 KiB; and bytes of the queue, as its policy says. With `block` the broker is not read on.
 * @throws SaccadeError CONFIG_INVALID when the address or the topic is none; its open: BROKER_UNREACHABLE, BROKER_REFUSED
 */
export function mqttDevice(options: MqttDeviceOptions): Device {
  const { url, topic } = options;
  checkBrokerUrl(url);
  checkTopic(topic);
  return {
    name: `${withoutPassword(url)} ${topic}`,
    isPresent: async () => true,
    open: (signal = new AbortController().signal) => openTopic(options, signal),
  };
}

async function openTopic(options: MqttDeviceOptions, signal: AbortSignal): Promise<Connection> {
  const { url, overload } = options;
  const link = await openNewest(linkOptions(options, signal), options.notify ?? (() => undefined)).catch((error: unknown) => {
    throw error instanceof LinkError ? brokerError(url, error) : error;
  });
  const drops: Drops = {};
  const room = new Room();
  const chunks = new ChunkQueue({ hold: (full) => room.is(full), ...(overload === undefined ? {} : { overload }) }, drops);
  const ended = link.closed.then((reason) => {
    chunks.end();
    return reason;
  });
  await subscribe(link, options, (payload, retained) => {
    const reason = retained ? "retained" : payload.length > MOST_BYTES ? "too_long" : undefined;
    if (reason === undefined) chunks.put(payload);
    else drops[reason] = (drops[reason] ?? 0) + 1;
    return room.free;
  });
  return {
    chunks,
    ended,
    drops,
    write: () => Promise.resolve(false),
    async close() {
      room.is(false);
      await link.end();
      await ended;
    },
  };
}

function linkOptions({ url, username, password, clientId = "saccade", connectTimeoutMillis }: MqttDeviceOptions, signal: AbortSignal): LinkOptions {
  const id = `${clientId}-${randomBytes(4).toString("hex")}`;
  return { url, clientId: id, username, password, connectTimeoutMillis: connectTimeoutMillis ?? CONNECT_TIMEOUT_MILLIS, signal };
}

/** @throws SaccadeError BROKER_REFUSED, BROKER_UNREACHABLE */
async function subscribe(link: Link, { url, topic }: MqttDeviceOptions, receive: Parameters<Link["subscribe"]>[1]): Promise<void> {
  const code = await link.subscribe(topic, receive);
  if (code !== undefined && code < REFUSALS_FROM) return;
  await link.end();
  const where = withoutPassword(url);
  throw code === undefined
    ? new SaccadeError("BROKER_UNREACHABLE", `${where} went away: ${await link.closed}`, "look into the broker's log")
    : new SaccadeError("BROKER_REFUSED", `${where} refuses ${topic}, reason ${hexCode(code)}`, "allow this user to read the topic, in the broker's access list");
}

/** Whether more may come; whoever brings it waits for `free`. */
class Room {
  free: Promise<void> | undefined;
  #release: () => void = () => undefined;

  is(full: boolean): void {
    this.#release();
    this.free = full ? new Promise<void>((resolve) => (this.#release = resolve)) : undefined;
  }
}
