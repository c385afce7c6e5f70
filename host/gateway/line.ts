import { LatencyHistogram } from "../latency.js";
import { runPipeline, type EventSource } from "../pipeline.js";
import { createAuthor, type Numbers } from "../publishers/author.js";
import { systemClock, type MessageClock } from "../publishers/clock.js";
import type { Publisher } from "../publishers/publisher.js";
import { Tally } from "../tally.js";
import type { Model } from "./models.js";

export interface LineOptions {
  readonly gateway: string;
  readonly source: string;
  readonly boot: number;
  /** Of the source's messages, shared by all its lines. */
  readonly numbers: Numbers;
  readonly model: Model;
  readonly publishers: readonly Publisher[];
}

/** One model on one source: the pipeline from events to messages, run anew for each connection; what it counts goes on. */
export class Line {
  readonly tally = new Tally();
  /** From a window's closing to its result, µs; since `takeLatencies` was last called. */
  #latencies = new LatencyHistogram();

  constructor(readonly options: LineOptions) {}

  get model(): string {
    return this.options.model.name;
  }

  /** Until the events end. @throws what runPipeline throws: SENSOR_MISMATCH, ENGINE_LOST */
  async run(source: EventSource, speed: "max" | "real" = "max", clock: MessageClock = systemClock()): Promise<void> {
    const { gateway, source: name, boot, numbers, model, publishers } = this.options;
    const { card, digest } = model.pkg;
    const author = createAuthor({
      gateway, source: name, boot, numbers, clock, model: { name: card.name, version: card.version, sha256: digest },
    });
    const onInference = ({ latencyMicros }: { readonly latencyMicros: number }): void => this.#latencies.add(latencyMicros);
    await runPipeline({ ...model.networkOf(name), pool: model.pool, source, speed, author, publishers, onInference }, this.tally);
  }

  takeLatencies(): LatencyHistogram {
    const taken = this.#latencies;
    this.#latencies = new LatencyHistogram();
    return taken;
  }
}
