import { Decoder } from "cbor-x";
import mqtt, { type MqttClient } from "mqtt";
import { EVENT_KEYS } from "../publishers/cbor.js";
import type { EventMessage } from "../publishers/messages.js";
import type { Drops, Micros } from "../types.js";
import { longestWithin } from "./longest.js";

/** One recognised event, as the messages of its life told it. */
export interface Heard {
  readonly label: string;
  readonly score: number;
  /** When it was first told, on the messages' clock. */
  readonly toldAt: Micros;
  readonly start: Micros;
  readonly end: Micros | null;
}

const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });

/** A client of the broker like any other: it knows only what the messages say. What is none of ours is counted as `foreign_message`. */
export class DemoSubscriber {
  readonly drops: Drops = {};
  /** Messages received. */
  json = 0;
  cbor = 0;
  readonly #lives = new Map<string, Heard>();
  #watchers: (() => void)[] = [];

  private constructor(readonly client: MqttClient, jsonTopic: string) {
    client.on("message", (topic, payload) => {
      const ours = topic === jsonTopic ? this.#hearJson(payload) : this.#hearCbor(payload);
      if (!ours) this.drops["foreign_message"] = (this.drops["foreign_message"] ?? 0) + 1;
      for (const wake of this.#watchers.splice(0)) wake();
    });
  }

  /** Connects and subscribes to a source's events in both forms. */
  static async connect(url: string, jsonTopic: string, cborTopic: string): Promise<DemoSubscriber> {
    const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
    const subscriber = new DemoSubscriber(client, jsonTopic);
    await client.subscribeAsync([jsonTopic, cborTopic], { qos: 1 });
    return subscriber;
  }

  /** Of the events that were told after an interval's start the one that was on for its longest part; undefined when there was none. */
  heardBetween(start: Micros, end: Micros): Heard | undefined {
    return longestWithin([...this.#lives.values()].filter(({ toldAt }) => toldAt > start), start, end);
  }

  /** Forgets events that ended before `time`. */
  forgetBefore(time: Micros): void {
    for (const [id, { end }] of this.#lives) if (end !== null && end < time) this.#lives.delete(id);
  }

  /** Resolves once `count` messages have come in each form, or when that takes too long. */
  async received(count: number, withinMillis: number): Promise<void> {
    const deadline = performance.now() + withinMillis;
    while (this.json < count || this.cbor < count) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left);
        this.#watchers.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  async close(): Promise<void> {
    await this.client.endAsync();
  }

  #hearJson(payload: Uint8Array): boolean {
    const event = eventOf(payload);
    if (event === undefined) return false;
    const { id, label, score, ts, start, end } = event;
    this.json++;
    const known = this.#lives.get(id);
    this.#lives.set(id, { label, score: Math.max(score, known?.score ?? 0), toldAt: known?.toldAt ?? ts, start, end });
    return true;
  }

  #hearCbor(payload: Uint8Array): boolean {
    const ours = isCborEvent(payload);
    if (ours) this.cbor++;
    return ours;
  }
}

/** A message of ours; undefined for what others may send to the topic. */
function eventOf(payload: Uint8Array): EventMessage | undefined {
  try {
    const event = JSON.parse(new TextDecoder().decode(payload)) as Partial<EventMessage> | null;
    return typeof event?.id === "string" && typeof event.label === "string" && typeof event.start === "number" ? (event as EventMessage) : undefined;
  } catch {
    return undefined;
  }
}

function isCborEvent(payload: Uint8Array): boolean {
  try {
    const event: unknown = decoder.decode(payload);
    return event instanceof Map && event.has(EVENT_KEYS.seq);
  } catch {
    return false;
  }
}
