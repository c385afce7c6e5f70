import type { Config, SourceConfig } from "../config/config.js";
import type { Publisher } from "../publishers/publisher.js";
import type { SourceStatus } from "../publishers/messages.js";
import { readInputFile } from "../sources/input-file.js";
import type { SourceState } from "../sources/supervise.js";
import { countStart } from "./boots.js";
import { BoardLine } from "./board-line.js";
import { Counters } from "./counters.js";
import { deviceOf } from "./devices.js";
import { runFileSource } from "./file-source.js";
import type { Journal } from "./journal.js";
import { Line, type LineOptions } from "./line.js";
import { runLiveSource } from "./live-source.js";
import type { Model } from "./models.js";
import { statsOf } from "./stats.js";

export interface GatewayOptions {
  readonly config: Config;
  readonly models: ReadonlyMap<string, Model>;
  readonly publishers: readonly Publisher[];
  readonly journal: Journal;
  /** How often sources say how they are, ms. Default 10,000. */
  readonly statsMillis?: number;
}

const STATS_MILLIS = 10_000;

const STATUS: Readonly<Record<SourceState, SourceStatus>> = {
  absent: "offline", opening: "offline", probing: "offline", streaming: "online", stalled: "stalled",
};

/**
 * All sources of a configuration with their models, until the signal: sources come and go, brokers too, and it lives on. When every
 * source is a file it ends with the last of them. The publishers and models are the caller's to close.
 * @throws SaccadeError CONFIG_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE, FILE_UNWRITABLE before anything has begun
 */
export async function runGateway(options: GatewayOptions, signal: AbortSignal): Promise<void> {
  const { config } = options;
  const boot = await countStart(config.stateFolder);
  const sources = await Promise.all([...config.sources].map(([name, source]) => Source.make(name, source, boot, options)));
  const timer = setInterval(() => sources.forEach((source) => source.sayStats()), options.statsMillis ?? STATS_MILLIS);
  try {
    await Promise.all(sources.map((source) => source.run(signal)));
  } finally {
    clearInterval(timer);
    for (const source of sources) source.sayStats();
  }
}

/** One source of the configuration: what it is made of, how it is now. */
class Source {
  readonly #counters = new Counters();
  #state: SourceState | "ended" = "absent";
  #said: SourceStatus | undefined;

  private constructor(
    readonly name: string, readonly config: SourceConfig, readonly lines: readonly Line[], readonly boardLines: readonly BoardLine[],
    readonly options: GatewayOptions,
    readonly sensorInfo: string | undefined,
  ) {}

  static async make(name: string, config: SourceConfig, boot: number, options: GatewayOptions): Promise<Source> {
    const { config: { gateway }, models, publishers, journal } = options;
    const numbers = { next: 0 };
    const lineOf = (model: string): LineOptions => ({ gateway, source: name, boot, numbers, model: models.get(model)!, publishers });
    const lines = config.models.map((model) => new Line(lineOf(model)));
    const boardLines = config.results.map((model) => new BoardLine(lineOf(model), (identity) =>
      journal(name, "warn", `the device runs another network than ${model}: its identity is ${identity.toString(16)}`)));
    const { sensorInfo } = config;
    const info = sensorInfo === undefined ? undefined : Buffer.from(await readInputFile(sensorInfo)).toString("utf8");
    return new Source(name, config, lines, boardLines, options, info);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { name, config, lines, boardLines, sensorInfo } = this, counters = this.#counters, { journal, config: { mqtt } } = this.options;
    if (config.input.kind === "file") {
      this.#is("streaming");
      await runFileSource({ name, config, input: config.input, lines, counters, journal }, signal);
      this.#state = "ended";
    } else {
      const onState = (state: SourceState): void => this.#is(state);
      await runLiveSource({ name, config, device: deviceOf(config, mqtt), sensorInfo, lines, boardLines, counters, journal, onState }, signal);
    }
    await this.#say("offline");
  }

  sayStats(): void {
    const stats = statsOf(this.#state, this.#counters, [...this.lines, ...this.boardLines]);
    for (const publisher of this.options.publishers) publisher.stats(this.name, stats);
  }

  #is(state: SourceState): void {
    this.#state = state;
    if (this.#said !== STATUS[state]) void this.#say(STATUS[state]);
  }

  async #say(status: SourceStatus): Promise<void> {
    this.#said = status;
    for (const publisher of this.options.publishers) await publisher.sourceStatus(this.name, status);
  }
}
