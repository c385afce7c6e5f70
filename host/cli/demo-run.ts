import { startDemoBroker } from "../demo-broker/broker.js";
import { runPipeline, type EventSource, type Network } from "../pipeline.js";
import { Tally } from "../tally.js";
import { createAuthor } from "../publishers/author.js";
import { recordingClock, systemClock, type MessageClock } from "../publishers/clock.js";
import { createMqttPublisher } from "../publishers/mqtt.js";
import type { Publisher } from "../publishers/publisher.js";
import { topicsOf } from "../publishers/topics.js";
import type { DemoOptions } from "./demo.js";
import { isRight, jsonReport, textReport, type DemoReport } from "./demo-report.js";
import type { Show } from "./demo-show.js";
import { DemoSubscriber } from "./demo-subscriber.js";
import { countsUntil } from "./longest.js";
import { openNetwork } from "../network.js";
import type { Interval, SensorSize } from "../types.js";

const GATEWAY = "demo";
const SOURCE = "camera";
const BASE = "saccade";
/** How long a message may take from the publisher to our subscriber. */
const DELIVERY_MILLIS = 2000;

/** Counts what goes out, so that the demo knows how much its subscriber has to hear. */
interface Counting extends Publisher {
  readonly sent: number;
}

export async function runDemo(show: Show, options: DemoOptions): Promise<void> {
  const network = await openNetwork(options.model ?? show.model);
  const topics = topicsOf(BASE, GATEWAY);
  const named = { json: topics.event(SOURCE), cbor: topics.eventCbor(SOURCE) };
  const { card } = network.pkg;
  const report = options.json ? jsonReport() : textReport(show);
  const broker = await startDemoBroker(options.port);
  const { url } = broker;
  try {
    const subscriber = await DemoSubscriber.connect(url, named.json, named.cbor);
    const publisher = counting(await createMqttPublisher({ url, gateway: GATEWAY, base: BASE, firstConnect: "fail" }));
    report.begin(`${card.name} ${card.version}`, url, named);
    const shown = await play(show, network, publisher, subscriber, report, options).finally(() => publisher.close());
    shown.tally.dropAll(publisher.drops);
    shown.tally.dropAll(subscriber.drops);
    const received = { json: subscriber.json, cbor: subscriber.cbor };
    report.end({ things: show.things, shown: shown.count, correct: shown.correct, received, dropped: shown.tally.dropped, url, topics: named });
    await subscriber.close();
  } finally {
    await broker.close();
  }
}

interface Shown {
  readonly count: number;
  readonly correct: number;
  readonly tally: Tally;
}

/** Runs the pipeline over the show; after each thing that is shown, asks the subscriber what it heard. */
async function play(
  show: Show, network: Network, publisher: Counting, subscriber: DemoSubscriber, report: DemoReport, options: DemoOptions,
): Promise<Shown> {
  const { card, digest } = network.pkg;
  const clock = options.speed === "real" ? systemClock() : recordingClock();
  const model = { name: card.name, version: card.version, sha256: digest };
  const author = createAuthor({ gateway: GATEWAY, source: SOURCE, boot: Math.floor(Date.now() / 1000), model, clock, historical: false });
  const tally = new Tally();
  const score = { count: 0, correct: 0 };
  const over = async (truth: Interval, next?: Interval): Promise<void> => {
    await subscriber.received(publisher.sent, DELIVERY_MILLIS);
    const result = judge(truth, next, subscriber, clock);
    score.count++;
    score.correct += Number(isRight(result));
    report.thing(result);
  };
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    await publisher.sourceStatus(SOURCE, "online");
    const source = new ShowSource(show, options, stop.signal, over);
    await runPipeline({ ...network, source, speed: "max", author, publishers: [publisher] }, tally);
    if (source.shown !== undefined && !stop.signal.aborted) await over(source.shown);
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
  return { ...score, tally };
}

function judge({ label, start, end }: Interval, next: Interval | undefined, subscriber: DemoSubscriber, clock: MessageClock) {
  const from = clock.at(start);
  const heard = subscriber.heardBetween(from, clock.at(countsUntil(end, next?.start)));
  subscriber.forgetBefore(from);
  return { shown: label, start: from, heard };
}

/** The simulated sensor as a source of events; says when what is shown is over: as the next begins. */
class ShowSource implements EventSource {
  readonly drops = {};
  /** What is in view, or was the last. */
  shown: Interval | undefined;

  constructor(readonly show: Show, readonly options: DemoOptions, readonly signal: AbortSignal, readonly over: (truth: Interval, next: Interval) => Promise<void>) {}

  get size(): SensorSize {
    return this.show.size;
  }

  async *decode() {
    const { seed, speed, count = this.show.count, forever } = this.options;
    for await (const { events, truth } of this.show.play({ seed, pace: speed, signal: this.signal, ...(forever ? {} : { count }) })) {
      if (truth !== undefined && truth !== this.shown) {
        if (this.shown !== undefined) await this.over(this.shown, truth);
        this.shown = truth;
      }
      yield events;
    }
  }
}

function counting(publisher: Publisher): Counting {
  let sent = 0;
  return {
    ...publisher,
    drops: publisher.drops,
    get sent() {
      return sent;
    },
    async publish(event) {
      sent++;
      await publisher.publish(event);
    },
  };
}
