import { PlanField } from "../../assembly/abi.js";
import type { DeviceDecision, DeviceLogits, DeviceResult } from "../decoders/bridge-results.js";
import { ClassificationHead } from "../heads/head.js";
import { logitFractionBits } from "../heads/logit-scale.js";
import { LatencyHistogram } from "../latency.js";
import { createAuthor, type Author } from "../publishers/author.js";
import { systemClock } from "../publishers/clock.js";
import { Tally } from "../tally.js";
import type { Decision, Micros } from "../types.js";
import type { LineOptions } from "./line.js";

/**
 * A model that runs on the device: what it says of each window to messages, as if the engine here had said it. Where the device sends
 * logits, labels and vote are the package's. Dropped, by reason:
 *   result_foreign    logits of another network than the package's
 *   result_malformed  so many logits as the package has no labels
 */
export class BoardLine {
  readonly tally = new Tally();
  #latencies = new LatencyHistogram();
  readonly #identity: number;
  #head: ClassificationHead | undefined;
  #author: Author | undefined;
  #resets = 0;
  /** When each label of the device's own decisions began. */
  readonly #begun = new Map<string, Micros>();

  /** @param onForeign called when the device's network turns out to be another one, once a connection */
  constructor(readonly options: LineOptions, readonly onForeign: (identity: number) => void) {
    const { plan } = options.model.pkg;
    this.#identity = new DataView(plan.buffer, plan.byteOffset).getUint32(PlanField.Identity * 4, true);
  }

  get model(): string {
    return this.options.model.name;
  }

  async take(result: DeviceResult): Promise<void> {
    if (result.resets !== this.#resets) await this.end();
    this.#resets = result.resets;
    await this.#publish(result.form === "logits" ? this.#vote(result) : [this.#decided(result)]);
  }

  /** The connection is over, or the device begins anew: so is what was held. */
  async end(): Promise<void> {
    if (this.#head !== undefined) await this.#publish(this.#head.end());
    this.#head = this.#author = undefined;
    this.#begun.clear();
  }

  takeLatencies(): LatencyHistogram {
    const taken = this.#latencies;
    this.#latencies = new LatencyHistogram();
    return taken;
  }

  *#vote({ identity, logits, window: index, start, end, events, inferMicros }: DeviceLogits): Generator<Decision> {
    const { card, plan } = this.options.model.pkg;
    this.tally.windows++;
    if (identity !== this.#identity) {
      if ((this.tally.dropped["result_foreign"] ?? 0) === 0) this.onForeign(identity);
      return this.tally.drop("result_foreign", 1);
    }
    if (logits.length !== card.labels.length) return this.tally.drop("result_malformed", 1);
    this.#count(inferMicros);
    this.#head ??= new ClassificationHead({ ...card, fractionBits: logitFractionBits(plan) });
    yield* this.#head.decide({ window: { index, start, end, events }, logits, inferMicros });
  }

  #decided({ kind, label: index, score, start, end }: DeviceDecision): Decision {
    const label = this.options.model.pkg.card.labels[index] ?? String(index);
    this.tally.windows++;
    this.#count(0);
    const begun = kind === "new" || kind === "once" ? start : (this.#begun.get(label) ?? start);
    if (kind === "new" || kind === "update") this.#begun.set(label, begun);
    else this.#begun.delete(label);
    const over = kind === "end" || kind === "once";
    return { kind, label, score, start: begun, end: over ? end : null, window: { index: this.tally.windows - 1, start, end, events: 0 }, inferMicros: 0 };
  }

  #count(inferMicros: Micros): void {
    this.tally.inferences++;
    this.#latencies.add(inferMicros);
  }

  async #publish(decisions: Iterable<Decision>): Promise<void> {
    const { gateway, source, boot, numbers, model, publishers } = this.options;
    const { card, digest } = model.pkg;
    for (const decision of decisions) {
      this.#author ??= createAuthor({ gateway, source, boot, numbers, clock: systemClock(), model: { name: card.name, version: card.version, sha256: digest } });
      const message = this.#author.write(decision);
      if (message !== undefined) for (const publisher of publishers) await publisher.publish(message);
    }
  }
}

/** The results of one connection to the models that the configuration names, in the device's order. Those of others are counted. */
export class BoardResults {
  readonly drops: Record<string, number> = {};
  constructor(readonly lines: readonly BoardLine[]) {}

  async take(results: readonly DeviceResult[]): Promise<void> {
    for (const result of results) {
      const line = this.lines[result.model];
      if (line !== undefined) await line.take(result);
      else this.drops["result_unnamed"] = (this.drops["result_unnamed"] ?? 0) + 1;
    }
  }

  async end(): Promise<void> {
    for (const line of this.lines) await line.end();
  }
}
