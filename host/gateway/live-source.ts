import { setTimeout as sleep } from "node:timers/promises";
import type { SourceConfig } from "../config/config.js";
import { AUTO } from "../config/format-facts.js";
import type { Transport } from "../decoders/live.js";
import { probeFormat } from "../decoders/probe.js";
import { lineOf } from "../errors.js";
import { sensorControl } from "../sensors/sensors.js";
import type { Connection, Device } from "../sources/connection.js";
import { peek } from "../sources/probe.js";
import { supervise, type SourceState } from "../sources/supervise.js";
import type { Decoder } from "../types.js";
import { BoardResults, type BoardLine } from "./board-line.js";
import type { Counters } from "./counters.js";
import { FanOut } from "./fan-out.js";
import { hear, type Hearing } from "./hearing.js";
import type { Journal } from "./journal.js";
import type { Line } from "./line.js";
import { Recorder } from "./recorder.js";
import { EventTaker, PointTaker } from "./takers.js";
import { Talk } from "./talk.js";

export interface LiveSourceOptions {
  readonly name: string;
  readonly config: SourceConfig;
  readonly device: Device;
  readonly sensorInfo: string | undefined;
  readonly lines: readonly Line[];
  /** Models that run on the device, in its order. */
  readonly boardLines: readonly BoardLine[];
  readonly counters: Counters;
  readonly journal: Journal;
  readonly onState: (state: SourceState) => void;
}

/** A connection that could not be understood is tried again after this, ms. */
const RETRY_MILLIS = 5000;
/** What a sensor may take to hear that it shall be silent, ms. */
const GOODBYE_MILLIS = 500;

/** A device and its models for as long as the gateway lives: nothing that the device does ends it. Resolves after the signal. */
export async function runLiveSource(options: LiveSourceOptions, signal: AbortSignal): Promise<void> {
  const { name, config, device, journal, counters } = options;
  const onState = (state: SourceState, why: string): void => {
    journal(name, state === "stalled" ? "warn" : "info", `${state} (${why})`);
    options.onState(state);
  };
  const stop = new AbortController();
  const recorder = new Recorder(name, config, options.sensorInfo, counters, (what) => journal(name, "warn", what));
  let talk: Talk | undefined;
  // The sensor is told to be silent before its port closes.
  const goodbye = (): void => void Promise.race([talk?.end(), sleep(GOODBYE_MILLIS)]).finally(() => stop.abort());
  if (signal.aborted) return;
  signal.addEventListener("abort", goodbye, { once: true });
  for await (const connection of supervise(device, { signal: stop.signal, stallMillis: config.stallMillis, onState })) {
    counters.connections++;
    try {
      const identified = await identify(connection, options);
      if (identified === undefined) continue;
      const { format, connection: known } = identified;
      await recorder.connection(format);
      const hearing = hear(format, config, options.sensorInfo);
      const control = config.input.kind === "serial" ? sensorControl(format) : undefined;
      talk = new Talk(known, { control, poll: hearing.poll, tell: (what) => journal(name, "info", what) });
      await listen(known, hearing, talk, recorder, options);
    } catch (error) {
      journal(name, "warn", lineOf(error));
      await sleep(RETRY_MILLIS, undefined, { signal: stop.signal }).catch(() => undefined);
    } finally {
      talk?.close();
      talk = undefined;
    }
  }
  await recorder.close();
}

interface Identified {
  readonly format: string;
  readonly connection: Connection;
}

/**
 * Which format a connection speaks: the configuration's, or what its first bytes show; undefined when it ended before it said anything.
 * @throws SaccadeError FORMAT_UNKNOWN, FORMAT_AMBIGUOUS
 */
async function identify(connection: Connection, options: LiveSourceOptions): Promise<Identified | undefined> {
  const { name, config: { format, input }, sensorInfo, journal } = options;
  if (format !== AUTO) return { format, connection };
  const peeked = await peek(connection);
  if (peeked.first.length === 0) return undefined;
  const [baud, port] = [input.kind === "serial" ? input.baudRate : undefined, input.kind === "udp" ? input.port : undefined];
  const found = probeFormat(peeked.first.map(({ bytes }) => bytes), input.kind as Transport, name,
    { baud, sensorInfo, ...(port === undefined ? {} : { port }) });
  journal(name, "info", `its first bytes are of ${found}`);
  return { format: found, connection: peeked.connection };
}

/** One connection, from the words that make its sensor stream to its end. */
async function listen(connection: Connection, hearing: Hearing, talk: Talk, recorder: Recorder, options: LiveSourceOptions): Promise<void> {
  const { counters, lines, boardLines } = options;
  const followed = [counters.follow(() => connection.drops), counters.follow(() => hearing.decoder.drops)];
  const fan = new FanOut();
  const running = hearing.kind === "events" ? lines.map((line) => follow(line, fan, hearing.decoder, options)) : [];
  const take = hearing.kind === "events" ? new EventTaker(hearing.decoder, fan, options) : new PointTaker(hearing.decoder, counters);
  const results = new BoardResults(boardLines);
  followed.push(counters.follow(() => take.drops), counters.follow(() => results.drops));
  try {
    talk.begin();
    for await (const chunk of connection.chunks) {
      counters.chunks++;
      counters.bytes += chunk.bytes.length;
      talk.hear(chunk);
      if (talk.foreign) continue;
      recorder.write(chunk);
      await take.chunk(chunk);
      await results.take(hearing.results?.drain() ?? []);
    }
    await take.end();
  } finally {
    fan.end();
    await Promise.all(running);
    await results.end();
    for (const done of followed) done();
  }
}

/** A model that does not fit the sensor stays out until the next connection; the others go on. */
async function follow(line: Line, fan: FanOut, decoder: Decoder, { name, journal }: LiveSourceOptions): Promise<void> {
  const events = fan.open();
  const source = { live: true, drops: {}, get size() { return decoder.size; }, decode: () => events };
  await line.run(source).catch((error: unknown) => {
    journal(name, "warn", `model ${line.model}: ${lineOf(error)}`);
  });
}
