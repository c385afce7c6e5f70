import type { Drops, Micros } from "../types.js";

/** The schema that every event names; v in the message is its number. */
export const EVENT_SCHEMA = "saccade.event/1";
export const EVENT_VERSION = 1;

/** new, update and end share one id; once is a whole life in one message. The order is the CBOR number. */
export const EVENT_TYPES = ["new", "update", "end", "once"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Whose clock ts, start and end are: the machine's, or the recording's own (µs since its sensor's zero). The order is the CBOR number. */
export const CLOCKS = ["system", "recording"] as const;
export type ClockName = (typeof CLOCKS)[number];

/** Names in topics: gateways and sources. */
export const NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/**
 * One step in the life of a recognised event; docs/event.schema.json is its JSON, docs/messages.cddl its CBOR.
 * Every number is an integer: µs are below 2^53, score is per mille.
 */
export interface EventMessage {
  readonly v: typeof EVENT_VERSION;
  /** What an automation fires on: the label; label + "_update" and label + "_end" later in its life. */
  readonly event_type: string;
  readonly type: EventType;
  /** UUIDv7, the same for the event's whole life. */
  readonly id: string;
  /** Counts this source's messages since boot; a gap is a loss. */
  readonly seq: number;
  /** Counts starts of the gateway; receivers drop repeats by (gateway, source, boot, seq). */
  readonly boot: number;
  /** When it was said, µs since 1970 on the system clock. */
  readonly ts: Micros;
  readonly gateway: string;
  readonly source: string;
  readonly label: string;
  /** 0..1000 */
  readonly score: number;
  readonly start: Micros;
  readonly end: Micros | null;
  /** x, y, width, height in pixels, 0..65535. */
  readonly box?: readonly [x: number, y: number, width: number, height: number];
  readonly zones?: readonly string[];
  readonly model: ModelName;
  /** window: its length; infer: the engine's time; total: from the window's end to ts. */
  readonly latency_us: { readonly window: number; readonly infer: number; readonly total: number };
  readonly clock: ClockName;
  /** True for what happened before it was sent: recordings, and messages kept while the broker was away. */
  readonly historical: boolean;
}

export interface ModelName {
  readonly name: string;
  readonly version: string;
  /** The package's digest, 64 hex digits; JSON carries the first 8, CBOR the first 8 bytes. */
  readonly sha256: string;
}

/** What is true now at a source; retained (docs/state.schema.json). */
export interface StateMessage {
  readonly label: string | null;
  readonly score: number;
  /** When it became so, µs on the event's clock. */
  readonly since: Micros;
  readonly active: boolean;
}

/** How a source is, every few seconds; not retained (docs/stats.schema.json). Counters go up from the gateway's start. */
export interface StatsMessage {
  readonly v: 1;
  /** µs since 1970. */
  readonly ts: Micros;
  readonly state: "absent" | "opening" | "probing" | "streaming" | "stalled" | "ended";
  readonly in: {
    readonly bytes: number; readonly chunks: number; readonly events: number; readonly points: number; readonly scans: number;
    readonly connections: number;
  };
  /** By reason: bytes, events, datagrams or frames, as the reason says. */
  readonly drop: Drops;
  readonly models: readonly {
    readonly name: string; readonly windows: number; readonly inferences: number;
    /** From a window's closing to its result, since the message before. */
    readonly p50_us: number; readonly p99_us: number;
    readonly drop: Drops;
  }[];
  readonly rss_kb: number;
}

export const SOURCE_STATUSES = ["online", "offline", "stalled", "disabled"] as const;
export type SourceStatus = (typeof SOURCE_STATUSES)[number];

/** What is true after an event. */
export function stateAfter(event: EventMessage): StateMessage {
  const active = event.type === "new" || event.type === "update";
  return { label: event.label, score: event.score, since: active ? event.start : event.end ?? event.ts, active };
}
