import type { Decision, Micros } from "../types.js";
import { uuidv7, type RandomBytes } from "./uuid.js";
import type { MessageClock } from "./clock.js";
import { EVENT_VERSION, type EventMessage, type EventType, type ModelName } from "./messages.js";
import { checkName } from "./topics.js";

export interface AuthorOptions {
  readonly gateway: string;
  readonly source: string;
  /** Starts of this gateway so far, 0 .. 2^32 − 1. */
  readonly boot: number;
  readonly model: ModelName;
  readonly clock: MessageClock;
  /** Numbers of the source's messages, where several authors write them. Default: from 0. */
  readonly numbers?: Numbers;
  /** True for recordings. Default: whether the clock is a recording's. */
  readonly historical?: boolean;
  /** Updates of one event are at least this far apart in sensor time, µs, and say something new. Default 250,000; 0 passes all. */
  readonly updateEveryMicros?: number;
  /** Where ids get their random bits; default the system's. A recording gives the same ids when this gives the same bytes. */
  readonly random?: RandomBytes;
}

/** The number of a source's next message. */
export interface Numbers {
  next: number;
}

interface Life {
  readonly id: string;
  /** Its start, as its first message told it, less the sensor's: a clock that is set meanwhile moves no event, and makes none longer. */
  readonly offset: Micros;
  /** The last message, to tell whether an update is news. */
  score: number;
  saidAt: Micros;
}

/** Writes the messages of one model on one source: gives each decision its id, number and times. */
export interface Author {
  /** @returns the message, or undefined for an update that is too soon or says nothing new. */
  write(decision: Decision): EventMessage | undefined;
}

export function createAuthor(options: AuthorOptions): Author {
  checkName("gateway", options.gateway);
  checkName("source", options.source);
  const { clock, model, random, updateEveryMicros = 250_000, numbers = { next: 0 } } = options;
  const historical = options.historical ?? clock.name === "recording";
  const lives = new Map<string, Life>();

  function write(decision: Decision): EventMessage | undefined {
    const { kind, label, score, window } = decision;
    const ts = clock.now(window.end);
    const known = kind === "update" || kind === "end" ? lives.get(label) : undefined;
    if (kind === "update" && known !== undefined && !isNews(known, decision, updateEveryMicros)) return undefined;
    const offset = known?.offset ?? clock.at(decision.start) - decision.start;
    const start = decision.start + offset;
    const id = known?.id ?? uuidv7(start, random);
    if (kind === "new" || kind === "update") lives.set(label, { id, offset, score, saidAt: window.end });
    else lives.delete(label);
    const end = clock.at(window.end);
    return {
      v: EVENT_VERSION,
      event_type: eventType(kind, label),
      type: kind,
      id,
      seq: numbers.next++,
      boot: options.boot,
      ts,
      gateway: options.gateway,
      source: options.source,
      label,
      score,
      start,
      end: decision.end === null ? null : decision.end + offset,
      model,
      latency_us: { window: window.end - window.start, infer: decision.inferMicros, total: Math.max(decision.inferMicros, ts - end) },
      clock: clock.name,
      historical,
    };
  }
  return { write };
}

function isNews(known: Life, decision: Decision, updateEveryMicros: number): boolean {
  if (updateEveryMicros === 0) return true;
  return decision.score !== known.score && decision.window.end - known.saidAt >= updateEveryMicros;
}

function eventType(kind: EventType, label: string): string {
  return kind === "new" || kind === "once" ? label : `${label}_${kind}`;
}
