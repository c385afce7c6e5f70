import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Config } from "../config/config.js";
import { findConfig, loadConfig } from "../config/load.js";
import { runGateway } from "../gateway/gateway.js";
import { lineJournal, type Journal } from "../gateway/journal.js";
import { openModels, type Model } from "../gateway/models.js";
import { createNdjsonPublisher } from "../publishers/ndjson.js";
import type { Publisher } from "../publishers/publisher.js";
import { packageRoot } from "../root.js";

interface RunOptions {
  readonly config?: string;
  readonly record?: string;
}

/** `saccade run`: the gateway. Messages go to the broker of its configuration, or without one to stdout; what happens is told on stderr. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("run the gateway: sensors, models and messages as a configuration says, until Ctrl-C")
    .option("--config <file>", "the configuration; without it saccade.yaml here, or the one in /etc/saccade")
    .option("--record <folder>", "also keep the raw bytes of every live source there")
    .action(run);
}

async function run({ config: file, record }: RunOptions): Promise<void> {
  const config = recording(await loadConfig(file ?? (await findConfig())), record);
  const journal = lineJournal((line) => process.stderr.write(line));
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  const models = await openModels(config, journal);
  const publishers = [await openPublisher(config, models, journal)];
  try {
    await runGateway({ config, models, publishers, journal }, stop.signal);
  } finally {
    for (const publisher of publishers) await publisher.close();
    for (const model of models.values()) await model.close();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, interrupt);
  }
}

/** `--record` stands for the `record` of sources that have none. */
function recording(config: Config, folder: string | undefined): Config {
  if (folder === undefined) return config;
  const sources = [...config.sources].map(([name, source]) => [name, { ...source, record: source.record ?? folder }] as const);
  return { ...config, sources: new Map(sources) };
}

async function openPublisher({ gateway, mqtt, sources }: Config, models: ReadonlyMap<string, Model>, journal: Journal): Promise<Publisher> {
  if (mqtt === undefined) return createNdjsonPublisher(process.stdout);
  const { createMqttPublisher } = await import("../publishers/mqtt.js");
  const info = {
    version: (JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")) as { version: string }).version,
    node: process.versions.node,
    sources: [...sources].map(([name, { input, format, models: used }]) => ({ name, input: input.kind, format, models: used })),
    models: [...models.values()].map(({ name, pkg: { card, digest } }) =>
      ({ name, package: card.name, version: card.version, sha256: digest, labels: card.labels })),
  };
  const { url, base, username, password, clientId, cbor, queueLimit, expirySeconds } = mqtt;
  return createMqttPublisher({
    url, gateway, base, cbor, queueLimit, expirySeconds, info,
    ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }), ...(clientId === undefined ? {} : { clientId }),
    notify: ({ code, message, remedy }) =>
      code === "BROKER_CONNECTED" ? journal(undefined, "info", message) : journal(undefined, "warn", `${code}: ${message}; ${remedy}`),
  });
}
