import type { Publisher } from "./publisher.js";

export interface MqttPublisherOptions {
  /** mqtt://host:1883, mqtts://…, or without a port for the usual one. */
  readonly url: string;
  readonly gateway: string;
  /** Default "saccade"; may hold slashes. */
  readonly base?: string;
  readonly username?: string;
  readonly password?: string;
  /** Also publish each event as CBOR under …/event/cbor. Default true. */
  readonly cbor?: boolean;
  /** Published retained at <base>/<gateway>/info on every connect; no paths, no secrets. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** "fail": reject with BROKER_UNREACHABLE or BROKER_REFUSED when the first connect fails. Default "retry": go on trying. */
  readonly firstConnect?: "fail" | "retry";
  /** Full queue: "drop-oldest" (default, for live sensors) or "wait" (for recordings: publish resolves when there is room). */
  readonly whenFull?: "drop-oldest" | "wait";
  /** Messages held while the broker is away or slow. Default 4096. */
  readonly queueLimit?: number;
}

export type LinkState = "connecting" | "connected" | "closed";

export interface MqttPublisher extends Publisher {
  readonly link: LinkState;
  /** "5" or "3.1.1" once connected. */
  readonly protocol: "5" | "3.1.1" | undefined;
  /** Messages that the broker has acknowledged. */
  readonly acknowledged: number;
  /** Resolves true when everything published so far is acknowledged, false after `withinMillis`. */
  flush(withinMillis?: number): Promise<boolean>;
}

