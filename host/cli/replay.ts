import { basename } from "node:path";
import { Option, type Command } from "commander";
import type { DenoiseOptions } from "../denoise/denoiser.js";
import { EnginePool } from "../engine/pool.js";
import { runPipeline, type Network } from "../pipeline.js";
import { createAuthor, type Author } from "../publishers/author.js";
import { recordingClock } from "../publishers/clock.js";
import { createNdjsonPublisher } from "../publishers/ndjson.js";
import type { Publisher } from "../publishers/publisher.js";
import { openRecording } from "../recording.js";
import { Tally } from "../tally.js";
import type { Inference, LoadedPackage, SensorSize } from "../types.js";
import { DENOISE_OPTION, denoisedRecording } from "./denoise-option.js";
import { LatencyHistogram } from "../latency.js";
import { LogitsDigest } from "./logits-digest.js";
import { openNetwork } from "../network.js";
import { parseSize, parseWhole } from "./parse.js";
import { dropsText, duration, whole } from "./text.js";
import { createTextPublisher } from "./text-publisher.js";
import { Turns, type Turn } from "./turns.js";

interface ReplayOptions {
  readonly model: string;
  readonly speed: "max" | "real";
  readonly as?: string;
  readonly size?: SensorSize;
  readonly denoise?: DenoiseOptions;
  readonly workers: number;
  readonly mqtt?: string;
  readonly json?: boolean;
}

/** The gateway's name in the topics of a replay. */
const GATEWAY = "replay";
const MOST_WORKERS = 256;

/** `saccade replay`: recordings through a package, one message a line, then a summary. */
export function addReplay(program: Command): void {
  program
    .command("replay")
    .description("run recordings through a package and print what is recognised")
    .argument("<file...>", "recordings, one after the other, each from a state at rest")
    .requiredOption("--model <package>", "a package file, or the name of one in the zoo")
    .addOption(new Option("--speed <speed>", "as fast as possible, or at the sensor's pace").choices(["max", "real"]).default("max"))
    .option("--as <format>", "the recordings' format, when it cannot be told from them")
    .option("--size <WxH>", "the sensor's size, when the recordings do not say it", parseSize)
    .option(...DENOISE_OPTION)
    .option("--workers <n>", "threads for the network, as many recordings side by side; 0: in line", parseWhole(0, MOST_WORKERS), 0)
    .option("--mqtt <url>", "also publish to this broker, as gateway “replay”")
    .option("--json", "print JSON, one message a line, then the summary")
    .action(replay);
}

/** What the whole replay shares, and what is measured of it. */
interface Run {
  readonly network: Network;
  readonly pool: EnginePool | undefined;
  readonly publishers: readonly Publisher[];
  /** By source: recordings of one name are one source, whose messages count on. */
  readonly authors: Map<string, Author>;
  readonly tally: Tally;
  readonly digest: LogitsDigest;
  readonly latencies: LatencyHistogram;
}

async function replay(files: readonly string[], options: ReplayOptions): Promise<void> {
  const network = await openNetwork(options.model);
  const publishers = await openPublishers(options);
  const measured = { tally: new Tally(), digest: new LogitsDigest(), latencies: new LatencyHistogram() };
  const { workers } = options;
  const pool = workers === 0 ? undefined : await EnginePool.start(network.pkg, network.engine, { workers, onDeath: sayDeath });
  const run: Run = { network, pool, publishers, authors: new Map(), ...measured };
  try {
    await replayAll(files, run, options);
  } finally {
    await pool?.close();
    for (const publisher of publishers) await publisher.close();
  }
  for (const publisher of publishers) run.tally.dropAll(publisher.drops);
  process.stdout.write(options.json ? summaryJson(run) : summaryText(run));
}

async function openPublishers({ json, mqtt }: ReplayOptions): Promise<Publisher[]> {
  const printed = json ? createNdjsonPublisher(process.stdout) : createTextPublisher(process.stdout);
  if (mqtt === undefined) return [printed];
  const { createMqttPublisher } = await import("../publishers/mqtt.js");
  return [printed, await createMqttPublisher({ url: mqtt, gateway: GATEWAY, firstConnect: "fail", whenFull: "wait" })];
}

/** As many recordings at a time as there are threads; what they say comes out in their order. */
async function replayAll(files: readonly string[], run: Run, options: ReplayOptions): Promise<void> {
  const turns = new Turns();
  const left = files.map(file => ({ file, turn: turns.next() }));
  const finished = new Map<string, Promise<void>>();
  const takeFiles = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { file, turn } = next;
      const name = sourceName(file);
      // Recordings of one source are read one after the other, for they share its messages' numbers.
      const replayed = Promise.resolve(finished.get(name)).then(() => replayFile(file, turn, run, options));
      finished.set(name, replayed.catch(() => undefined));
      // An error ends everything: no other recording is begun.
      await replayed.catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.max(1, options.workers) }, takeFiles));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function replayFile(file: string, turn: Turn, run: Run, { as, size, denoise, speed }: ReplayOptions): Promise<void> {
  const { network, pool, publishers, authors, tally, digest, latencies } = run;
  const name = sourceName(file);
  const inTurn = publishers.map(publisher => publishedIn(turn, publisher));
  const status = async (now: "online" | "offline"): Promise<void> => {
    for (const publisher of inTurn) await publisher.sourceStatus(name, now);
  };
  try {
    const source = denoisedRecording(await openRecording(file, { format: as, size }), denoise, network.pkg.card.sensor);
    const author = authors.get(name) ?? authorOf(name, network.pkg);
    authors.set(name, author);
    await status("online");
    const onInference = ({ logits, latencyMicros }: Inference): void => {
      latencies.add(latencyMicros);
      // An error of what came before is thrown by the turn's end.
      turn.do(() => digest.add(logits)).catch(() => undefined);
    };
    await runPipeline({ ...network, pool, source, speed, author, publishers: inTurn, onInference }, tally);
    await status("offline");
  } finally {
    await turn.end();
  }
}

/** The publisher, held back until the turn has come. */
function publishedIn(turn: Turn, publisher: Publisher): Publisher {
  return {
    drops: publisher.drops,
    publish: event => turn.do(() => publisher.publish(event)),
    sourceStatus: (name, now) => turn.do(() => publisher.sourceStatus(name, now)),
    stats: () => undefined,
    close: () => publisher.close(),
  };
}

function sayDeath(reason: string, statesLost: number): void {
  process.stderr.write(`an engine's thread ended (${reason}) and is started again; ${statesLost} recordings go on from rest\n`);
}

function authorOf(source: string, { card, digest }: LoadedPackage): Author {
  // A replay keeps no counter of its starts: seconds since 1970 tell its messages from an earlier replay's.
  const boot = Math.floor(Date.now() / 1000);
  const model = { name: card.name, version: card.version, sha256: digest };
  return createAuthor({ gateway: GATEWAY, source, boot, model, clock: recordingClock() });
}

/** A file's name as topics want it: a-z, 0-9, _ and -, at most 32. */
export function sourceName(file: string): string {
  const name = basename(file).replace(/\.[^.]*$/, "").toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-");
  return name.replace(/^[_-]+/, "").slice(0, 32) || "recording";
}

function summaryJson({ tally, digest, latencies }: Run): string {
  const { events, windows, inferences, dropped } = tally;
  const latency_us = { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) };
  return `${JSON.stringify({ summary: { events, windows, inferences, dropped, digest: digest.hex(), latency_us } })}\n`;
}

function summaryText({ tally, digest, latencies }: Run): string {
  const { events, windows, inferences, dropped } = tally;
  return (
    `${whole(events)} events, ${whole(windows)} windows, ${whole(inferences)} inferences; ${dropsText(dropped)}\n` +
    `latency of a window: median ${duration(latencies.quantile(0.5))}, p99 ${duration(latencies.quantile(0.99))}\n` +
    `digest of the logits: ${digest.hex()}\n`
  );
}
