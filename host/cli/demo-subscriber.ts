import { Decoder } from "cbor-x";
import mqtt, { type MqttClient } from "mqtt";
import { EVENT_KEYS } from "../publishers/cbor.js";
import type { EventMessage } from "../publishers/messages.js";
import type { Micros } from "../types.js";
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

/** A client of the broker like any other: it knows only what the messages say. */
export class DemoSubscriber {
  /** Messages received. */
  json = 0;
  cbor = 0;
  readonly #lives = new Map<string, Heard>();
  #watchers: (() => void)[] = [];

  private constructor(readonly client: MqttClient, jsonTopic: string) {
    client.on("message", (topic, payload) => {
      if (topic === jsonTopic) this.#hear(JSON.parse(payload.toString("utf8")) as EventMessage);
      else if ((decoder.decode(payload) as Map<number, unknown>).has(EVENT_KEYS.seq)) this.cbor++;
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

  /** The event that was on for the longest part of an interval; undefined when there was none. */
  heardBetween(start: Micros, end: Micros): Heard | undefined {
    return longestWithin(this.#lives.values(), start, end);
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

  #hear({ id, label, score, ts, start, end }: EventMessage): void {
    this.json++;
    const known = this.#lives.get(id);
    this.#lives.set(id, { label, score: Math.max(score, known?.score ?? 0), toldAt: known?.toldAt ?? ts, start, end });
  }
}
