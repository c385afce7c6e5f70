import { quantile } from "../host/cli/measure.js";
import { openPackage } from "../host/network.js";
import { dropsText, whole } from "../host/cli/text.js";
import type { Drops } from "../host/types.js";
import { figure, type Bench } from "./result.js";
import type { BareOrders, GatewayOrders, Heard, Passed, Sent, SenderOrders } from "./latency/protocol.js";
import { start, startBroker, type Broker } from "./latency/processes.js";

const EVENTS_PER_SECOND = 1_000_000;
/** About what a USB camera hands over at once. */
const CHUNK_MICROS = 970;
const MODEL = "nmnist";
/** Windows at the start of a run that are not counted: code is still being compiled. */
const WARM_WINDOWS = 10;
/** Windows of one way before the other has its turn, and turns: what else the machine does meets both. */
const BLOCK_WINDOWS = 100, BLOCKS = 6, TINY_WINDOWS = 5;
const WANTED_P99_MICROS = 2000;
/** An event's JSON. */
const MESSAGE_BYTES = 420;

/** Ways to run the engine in the gateway. */
const WAYS = { "in line": 0, "1 worker": 1 } as const;
type Way = keyof typeof WAYS;

/** One run: sender, gateway, broker and subscriber, each a process of its own, for so many seconds. */
interface Run {
  /** From the write of the chunk with the window's last event to the message in the subscriber's hands, µs. */
  readonly fromLastEvent: readonly number[];
  /** From the window's end on the sensor's clock, µs: the above, and what the event waited for its chunk. */
  readonly fromWindowEnd: readonly number[];
  /** The first in two: to the window's result, and from there to the message, µs. */
  readonly toResult: readonly number[];
  readonly toMessage: readonly number[];
  readonly silent: number;
  readonly eventsPerSecond: number;
  readonly passed: Passed;
}

async function run(way: Way, broker: Broker, windows: number, windowMicros: number): Promise<Run> {
  const subscriber = start("subscriber");
  await subscriber.order({ broker: broker.url });
  const gateway = start("gateway");
  const orders: GatewayOrders = { broker: broker.url, model: MODEL, workers: WAYS[way], cbor: true };
  const port = await gateway.order(orders);
  const sender = start("sender");
  const seconds = ((windows + WARM_WINDOWS) * windowMicros) / 1e6;
  const flow: SenderOrders = { port, eventsPerSecond: EVENTS_PER_SECOND, chunkMicros: CHUNK_MICROS, seconds };
  void sender.order(flow);
  const sent = (await sender.done) as Sent;
  sender.process.kill();
  const passed = (await gateway.done) as Passed;
  void subscriber.order("end");
  return match(sent, passed, (await subscriber.done) as Heard);
}

/** The message by itself, from a process that does nothing else, through the same broker: what no gateway can go below. */
async function runBare(broker: Broker, windows: number, windowMicros: number): Promise<number[]> {
  const subscriber = start("subscriber");
  await subscriber.order({ broker: broker.url });
  const bare = start("bare");
  const orders: BareOrders = { broker: broker.url, windows: windows + WARM_WINDOWS, windowMicros, messageBytes: MESSAGE_BYTES };
  void bare.order(orders);
  const said = (await bare.done) as Heard;
  void subscriber.order("end");
  const arrivals = firstTimes((await subscriber.done) as Heard);
  return said.windowEnds.flatMap((end, k) => (k < WARM_WINDOWS ? [] : [arrivals.get(end)! - said.at[k]!]));
}

function match(sent: Sent, passed: Passed, heard: Heard): Run {
  const fromLastEvent: number[] = [];
  const fromWindowEnd: number[] = [];
  const toResult: number[] = [];
  const toMessage: number[] = [];
  const arrivals = firstTimes(heard);
  const results = firstTimes(passed);
  let silent = 0;
  const last = sent.at.length * CHUNK_MICROS;
  for (let end = (WARM_WINDOWS + 1) * passed.windowMicros; end < last; end += passed.windowMicros) {
    const arrived = arrivals.get(end);
    if (arrived === undefined) silent++;
    else {
      const left = sent.at[Math.floor((end - 1) / CHUNK_MICROS)]!;
      fromLastEvent.push(arrived - left);
      toResult.push(results.get(end)! - left);
      toMessage.push(arrived - results.get(end)!);
      fromWindowEnd.push(arrived - (sent.began + end));
    }
  }
  const duration = (sent.at.at(-1)! - sent.began) / 1e6;
  return { fromLastEvent, fromWindowEnd, toResult, toMessage, silent, eventsPerSecond: sent.events / duration, passed };
}

/** When each window was first told of. */
function firstTimes({ windowEnds, at }: Heard): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  windowEnds.forEach((end, i) => times.has(end) || times.set(end, at[i]!));
  return times;
}

interface WayFigures {
  readonly way: Way;
  readonly windows: number;
  /** Windows that no message told of: the vote was open. */
  readonly silent: number;
  readonly last_event_to_message_us: Quantiles;
  readonly window_end_to_message_us: Quantiles;
  readonly last_event_to_result_us: Quantiles;
  readonly result_to_message_us: Quantiles;
  /** In the gateway: from the window's closing to its result, and the engine's own time; the worst run's quantiles. */
  readonly result_us: Passed["resultMicros"];
  readonly infer_us: Passed["inferMicros"];
  readonly events_per_second: number;
  readonly dropped: Drops;
}

interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

function quantilesOf(micros: readonly number[]): Quantiles {
  const at = (share: number): number => Math.round(quantile(micros, share));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function figuresOf(way: Way, runs: readonly Run[]): WayFigures {
  const dropped: Drops = {};
  for (const { passed } of runs) for (const [reason, count] of Object.entries(passed.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  const worst = (of: (passed: Passed) => Passed["resultMicros"]): Passed["resultMicros"] => ({
    p50: Math.max(...runs.map(({ passed }) => of(passed).p50)),
    p99: Math.max(...runs.map(({ passed }) => of(passed).p99)),
  });
  return {
    way,
    windows: runs.reduce((sum, { fromLastEvent }) => sum + fromLastEvent.length, 0),
    silent: runs.reduce((sum, { silent }) => sum + silent, 0),
    last_event_to_message_us: quantilesOf(runs.flatMap(({ fromLastEvent }) => fromLastEvent)),
    window_end_to_message_us: quantilesOf(runs.flatMap(({ fromWindowEnd }) => fromWindowEnd)),
    last_event_to_result_us: quantilesOf(runs.flatMap(({ toResult }) => toResult)),
    result_to_message_us: quantilesOf(runs.flatMap(({ toMessage }) => toMessage)),
    result_us: worst(({ resultMicros }) => resultMicros),
    infer_us: worst(({ inferMicros }) => inferMicros),
    events_per_second: Math.round(Math.min(...runs.map(({ eventsPerSecond }) => eventsPerSecond))),
    dropped,
  };
}

/** End to end on loopback: a sensor's bytes in, a message in a subscriber's hands, with the engine in line and in a thread of its own. */
export const latencyBench: Bench = async ({ quick }) => {
  const { framing } = (await openPackage(MODEL)).card;
  const broker = await startBroker();
  const runs: Record<Way, Run[]> = { "in line": [], "1 worker": [] };
  const ways = Object.keys(WAYS) as Way[];
  const bare: number[] = [];
  const windows = quick ? TINY_WINDOWS : BLOCK_WINDOWS;
  try {
    for (let block = 0; block < (quick ? 1 : BLOCKS); block++) {
      for (const way of block % 2 === 0 ? ways : ways.toReversed()) runs[way].push(await run(way, broker, windows, framing.windowMicros!));
      bare.push(...(await runBare(broker, windows, framing.windowMicros!)));
    }
  } finally {
    await broker.close();
  }
  const figures = ways.map(way => figuresOf(way, runs[way]));
  const alone = quantilesOf(bare);
  const row = ({ p50, p90, p99, max }: Quantiles): string[] => [p50, p90, p99, max].map(micros => figure(micros / 1000));
  return {
    tables: [
      {
        title: `last event of a window to message, ms; ${whole(EVENTS_PER_SECOND)} events/s of EVT2 over TCP, ${MODEL}, QoS 1 over ${broker.name}`,
        rows: [["engine", "windows", "p50", "p90", "p99", "max", "events/s", "dropped"],
          ...figures.map(({ way, windows, last_event_to_message_us, events_per_second, dropped }) =>
            [way, windows, ...row(last_event_to_message_us), whole(events_per_second), dropsText(dropped)]),
          ["no sensor, no engine: the message by itself", bare.length, ...row(alone), "", ""]],
      },
      {
        title: `the same from the window's end on the sensor's clock (it hands over ${CHUNK_MICROS} µs at a time)`,
        rows: [["engine", "p50", "p90", "p99", "max"], ...figures.map(({ way, window_end_to_message_us }) => [way, ...row(window_end_to_message_us)])],
      },
      {
        title: "where it goes: to the window's result, and from there to the message, ms",
        rows: [["engine", "result p50", "p99", "message p50", "p99"],
          ...figures.map(({ way, last_event_to_result_us: result, result_to_message_us: message }) =>
            [way, ...[result.p50, result.p99, message.p50, message.p99].map(micros => figure(micros / 1000))])],
      },
      {
        title: "in the gateway, from a window's closing to its result, and the engine's own time for a window, ms",
        rows: [["engine", "p50", "p99", "engine alone p50", "p99"],
          ...figures.map(({ way, result_us, infer_us }) =>
            [way, ...[result_us.p50, result_us.p99, infer_us.p50, infer_us.p99].map(micros => figure(micros / 1000))])],
      },
    ],
    figures: { events_per_second: EVENTS_PER_SECOND, chunk_us: CHUNK_MICROS, broker: broker.name, ways: figures, message_alone_us: alone },
    marks: figures.map(({ way, last_event_to_message_us }) => ({
      name: `last event to message, p99, ${way}`, unit: "ms", wanted: WANTED_P99_MICROS / 1000, atMost: true,
      found: last_event_to_message_us.p99 / 1000,
    })),
  };
};
