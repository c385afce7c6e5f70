import type { Socket } from "node:net";
import mqtt, { type IClientOptions, type IClientPublishOptions, type IConnackPacket, type MqttClient } from "mqtt";

/** One connection to a broker, from CONNECT to its end; it does not come back by itself. */
export interface Link {
  readonly protocol: Protocol;
  /** What the broker allows: QoS 1 messages without acknowledgement, bytes of a packet, retained messages. */
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  readonly retainAvailable: boolean;
  /** Whether the broker remembers this client from an earlier connection. */
  readonly sessionPresent: boolean;
  /** Resolves when the connection has ended, with the reason. */
  readonly closed: Promise<string>;
  /** QoS 1. @returns the reason code of the acknowledgement (below 0x80 is success), or undefined when the connection broke first. */
  publish(topic: string, payload: string | Uint8Array, options: LinkPublishOptions): Promise<number | undefined>;
  /** QoS 0: sent once, or lost with the connection. */
  tell(topic: string, payload: string, options: LinkPublishOptions): void;
  /** Writes now what was published: packets of one turn are held back to be written together, which delays the first of them. */
  flush(): void;
  /**
   * QoS 0, one topic a link. The broker's next message is not read before what `receive` gives has resolved.
   * @returns the reason code of the answer (below 0x80 is success), or undefined when the connection broke first
   */
  subscribe(topic: string, receive: (payload: Uint8Array, retained: boolean) => Promise<void> | undefined): Promise<number | undefined>;
  /** Says DISCONNECT, so that the will is not sent, and closes. */
  end(): Promise<void>;
}

export type Protocol = "5" | "3.1.1";
export type LinkPublishOptions = Pick<IClientPublishOptions, "retain" | "dup" | "properties">;

export interface LinkOptions {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Without one nobody is told when the connection breaks, and the broker keeps nothing of it. */
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean };
  readonly connectTimeoutMillis: number;
  /** Ends an attempt that is under way; an open link is ended by its own end(). */
  readonly signal: AbortSignal;
}

/** Why there is no connection. `answered`: TCP (and TLS) stood. `code`: the broker's CONNACK, when it sent one. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  constructor(message: string, readonly answered: boolean, readonly code: number | undefined, options?: ErrorOptions) {
    super(message, options);
  }
  /** Refused for the protocol's version, or closed without a word, as old brokers do. */
  get mayBeVersion(): boolean {
    return this.answered && (this.code === undefined || this.code === 0x01 || this.code === 0x84);
  }
}

const KEEPALIVE_SECONDS = 30;
/** How long the broker waits before it says that we are gone: a short cut of the network is not told to anyone. */
export const WILL_DELAY_SECONDS = 5;
const SESSION_EXPIRY_SECONDS = 3600;
const OUR_RECEIVE_MAXIMUM = 64;
const OUR_MAXIMUM_PACKET = 262_144;
const END_MILLIS = 1000;
/** What a broker answers that refuses and does not say why. */
const REFUSED = 0x80;

function clientOptions(options: LinkOptions, protocol: Protocol): IClientOptions {
  const { will } = options;
  const five = protocol === "5";
  return {
    protocolVersion: five ? 5 : 4,
    clientId: options.clientId,
    clean: will === undefined,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: options.connectTimeoutMillis,
    reconnectPeriod: 0,
    manualConnect: true,
    queueQoSZero: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(will === undefined ? {} : { will: willOf(will, five) }),
    ...(five
      ? {
          properties: {
            ...(will === undefined ? {} : { sessionExpiryInterval: SESSION_EXPIRY_SECONDS }),
            receiveMaximum: OUR_RECEIVE_MAXIMUM,
            maximumPacketSize: OUR_MAXIMUM_PACKET,
            requestProblemInformation: true,
          },
        }
      : {}),
  };
}

function willOf({ topic, payload, retain }: NonNullable<LinkOptions["will"]>, five: boolean): NonNullable<IClientOptions["will"]> {
  const properties = { willDelayInterval: WILL_DELAY_SECONDS, contentType: "text/plain", payloadFormatIndicator: true };
  return { topic, payload: Buffer.from(payload), qos: 1, retain, ...(five ? { properties } : {}) };
}

/** Connects once. @throws LinkError */
export function openLink(options: LinkOptions, protocol: Protocol): Promise<Link> {
  const client = mqtt.connect(options.url, clientOptions(options, protocol));
  let answered = false;
  let reason = "the broker closed the connection";
  const { promise: closed, resolve: close } = settled<string>();
  const unacknowledged = new Set<(code: number | undefined) => void>();
  client.on("disconnect", (packet) => (reason = `the broker said DISCONNECT, reason ${hexCode(packet.reasonCode ?? 0)}`));
  client.on("error", (error) => {
    reason = textOf(error);
    client.stream.destroy();
  });
  client.on("close", () => {
    for (const settle of unacknowledged) settle(undefined);
    unacknowledged.clear();
    close(reason);
  });
  return new Promise((resolve, reject) => {
    client.once("connect", (connack) => {
      options.signal.removeEventListener("abort", stop);
      const publish = publisherOf(client, unacknowledged), subscribe = subscriberOf(client, protocol, closed);
      const tell: Link["tell"] = (topic, payload, how) => void client.publish(topic, payload, { ...how, qos: 0 });
      const flush = (): void => client.stream.uncork();
      const state = { protocol, ...limitsOf(connack), sessionPresent: connack.sessionPresent, closed };
      resolve({ ...state, publish, tell, flush, subscribe, end: () => end(client, closed) });
    });
    const stop = (): void => fail("stopped", undefined);
    const fail = (message: string, code: number | undefined, cause?: Error): void => {
      options.signal.removeEventListener("abort", stop);
      reject(new LinkError(message, answered, code, { cause }));
      client.end(true);
    };
    options.signal.addEventListener("abort", stop, { once: true });
    client.once("error", (error) => fail(textOf(error), connackCode(error), error));
    client.once("close", () => fail("the broker closed the connection without an answer", undefined));
    client.connect();
    sendAtOnce(client);
    client.stream.once(/^(mqtts|ssl|tls):/.test(options.url) ? "secureConnect" : "connect", () => (answered = true));
  });
}

/** Small packets must not wait for the acknowledgement of the one before (Nagle); a stream over WebSocket sees to it itself. */
function sendAtOnce({ stream }: MqttClient): void {
  if ("setNoDelay" in stream) (stream as Socket).setNoDelay(true);
}

function limitsOf(connack: IConnackPacket): Pick<Link, "receiveMaximum" | "maximumPacketSize" | "retainAvailable"> {
  const limits = connack.properties;
  return {
    receiveMaximum: limits?.receiveMaximum ?? 65_535,
    maximumPacketSize: limits?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    retainAvailable: limits?.retainAvailable ?? true,
  };
}

function publisherOf(client: MqttClient, unacknowledged: Set<(code: number | undefined) => void>): Link["publish"] {
  return (topic, payload, how) => {
    const { promise, resolve } = settled<number | undefined>();
    unacknowledged.add(resolve);
    const bytes = typeof payload === "string" ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    client.publish(topic, bytes, { ...how, qos: 1 }, (error) => {
      unacknowledged.delete(resolve);
      resolve(error ? connackCode(error as Error) : 0);
    });
    return promise;
  };
}

function subscriberOf(client: MqttClient, protocol: Protocol, closed: Promise<string>): Link["subscribe"] {
  return (topic, receive) => {
    client.handleMessage = ({ payload, retain }, done) => {
      const taken = receive(typeof payload === "string" ? Buffer.from(payload) : payload, retain);
      if (taken === undefined) done();
      else void taken.then(() => done());
    };
    const answered = new Promise<number | undefined>((resolve) => {
      client.subscribe(topic, { qos: 0, ...(protocol === "5" ? { nl: true } : {}) }, (error, granted) => {
        resolve(error ? (connackCode(error) ?? REFUSED) : granted?.[0]?.qos);
      });
    });
    return Promise.race([answered, closed.then(() => undefined)]);
  };
}

/** The number in an error that stands for an answer of the broker. */
function connackCode(error: Error): number | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === "number" ? code : undefined;
}

/** Node gives the errors of several addresses as one without a message. */
function textOf(error: Error): string {
  return error.message || String((error as { code?: unknown }).code ?? error.name);
}

function settled<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((take) => (resolve = take));
  return { promise, resolve };
}

async function end(client: MqttClient, closed: Promise<string>): Promise<void> {
  const late = setTimeout(() => client.stream.destroy(), END_MILLIS);
  client.end(false);
  await closed;
  clearTimeout(late);
}

/** 0x87, as the standard writes reason codes. */
export function hexCode(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}
