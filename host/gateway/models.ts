import type { Config, ModelConfig } from "../config/config.js";
import type { Engine } from "../engine/engine.js";
import { EnginePool } from "../engine/pool.js";
import { openNetwork, openPackage } from "../network.js";
import type { Network } from "../pipeline.js";
import type { LoadedPackage } from "../types.js";
import type { Journal } from "./journal.js";

/** A package in engines, for all sources that name it. */
export interface Model {
  readonly name: string;
  readonly pkg: LoadedPackage;
  /** Threads, or undefined: in line. */
  readonly pool: EnginePool | undefined;
  /** The engine on this thread with a stream of its own for each source. */
  networkOf(source: string): Network;
  close(): Promise<void>;
}

/**
 * Opens the models that sources name, each once.
 * @throws what openPackage, loadEngine and EnginePool.start throw
 */
export async function openModels({ models, sources }: Config, journal: Journal): Promise<ReadonlyMap<string, Model>> {
  const opened = new Map<string, Model>();
  for (const [name, config] of models) {
    const users = [...sources].filter(([, source]) => source.models.includes(name)).map(([source]) => source);
    if (users.length > 0) opened.set(name, await openModel(name, config, users, journal));
    else if ([...sources.values()].some((source) => source.results.includes(name))) opened.set(name, await openCard(name, config));
  }
  return opened;
}

async function openModel(name: string, config: ModelConfig, users: readonly string[], journal: Journal): Promise<Model> {
  const { pkg, engine } = await openNetwork(config.package, { streams: config.workers === 0 ? users.length : 1 });
  const onDeath = (reason: string, lost: number): void =>
    journal(undefined, "warn", `a thread of model ${name} ended (${reason}) and is started again; ${lost} sources go on from rest`);
  const pool = config.workers === 0 ? undefined : await EnginePool.start(pkg, engine, { workers: config.workers, onDeath });
  return {
    name, pkg, pool,
    networkOf: (source) => ({ pkg, engine, stream: streamOf(engine, pool, users.indexOf(source)) }),
    close: async () => pool?.close(),
  };
}

/** A model that runs on devices alone: of its package only what it says of itself is used. */
async function openCard(name: string, config: ModelConfig): Promise<Model> {
  const networkOf = (source: string): never => {
    throw new RangeError(`${name} runs on the device at ${source}`);
  };
  return { name, pkg: await openPackage(config.package), pool: undefined, networkOf, close: async () => undefined };
}

/** With a pool the engine on this thread only frames. */
function streamOf(engine: Engine, pool: EnginePool | undefined, user: number): Network["stream"] {
  return engine.stream(pool === undefined ? user : 0);
}
