import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { loadConfig } from "../../host/config/load.js";
import { runGateway } from "../../host/gateway/gateway.js";
import { openModels } from "../../host/gateway/models.js";
import type { EventMessage, SourceStatus, StatsMessage } from "../../host/publishers/messages.js";
import { until } from "../publishers/brokers.js";

/** A gateway in this process, and all that it says. */
export interface Running {
  readonly events: readonly EventMessage[];
  readonly statuses: Readonly<Record<string, readonly SourceStatus[]>>;
  readonly journal: readonly string[];
  /** The latest of a source. */
  stats(source: string): StatsMessage | undefined;
  /** Resolves when the statistics of a source fit; rejects after a minute. */
  untilStats(source: string, what: string, fit: (stats: StatsMessage) => boolean): Promise<void>;
  /** Resolves when all sources have ended by themselves. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const STATS_MILLIS = 100;

/** A folder of this test's own. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "saccade-gateway-"));

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * Stops with the test at the latest.
 * @param yaml  a configuration without `gateway` and `state-folder`
 */
export async function startRunning(t: Test, folder: Folder, yaml: string): Promise<Running> {
  const file = folder.file("saccade.yaml");
  writeFileSync(file, `gateway: test\nstate-folder: ${folder.file("state")}\n${yaml}`);
  const config = await loadConfig(file);
  const events: EventMessage[] = [], statuses: Record<string, SourceStatus[]> = {}, latest = new Map<string, StatsMessage>(), journal: string[] = [];
  const say = (source: string | undefined, level: string, what: string): void => void journal.push(`${source}: ${level}: ${what}`);
  const models = await openModels(config, say);
  const publisher = {
    drops: {},
    publish: async (event: EventMessage) => void events.push(event),
    sourceStatus: async (source: string, status: SourceStatus) => void (statuses[source] ??= []).push(status),
    stats: (source: string, stats: StatsMessage) => void latest.set(source, stats),
    close: async () => undefined,
  };
  const stop = new AbortController();
  const ended = runGateway({ config, models, publishers: [publisher], journal: say, statsMillis: STATS_MILLIS }, stop.signal)
    .finally(() => Promise.all([...models.values()].map((model) => model.close())));
  ended.catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  t.teardown(end);
  return {
    events, statuses, journal, ended,
    stats: (source) => latest.get(source),
    untilStats: (source, what, fit) => until(() => `${source}: ${what}; ${JSON.stringify(latest.get(source))} ${journal.join("\n")}`, () => {
      const stats = latest.get(source);
      return stats !== undefined && fit(stats);
    }),
    stop: end,
  };
}
