import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { Delivery, type DeliveryOptions } from "../../host/publishers/delivery.js";
import type { Link, LinkPublishOptions } from "../../host/mqtt/link.js";
import { topicsOf } from "../../host/publishers/topics.js";
import { events } from "./events.js";

/** What brokers here never answer: a link whose other end says what the test wants. */
interface Scripted extends Link {
  readonly sent: { topic: string; payload: string | Uint8Array; how: LinkPublishOptions; answer: (code: number | undefined) => void }[];
  /** How many were sent when `flush` was called. */
  readonly flushed: number[];
  readonly told: { topic: string; payload: string; how: LinkPublishOptions }[];
}

function scriptedLink(limits: Partial<Pick<Link, "protocol" | "receiveMaximum" | "maximumPacketSize" | "retainAvailable">> = {}): Scripted {
  const sent: Scripted["sent"] = [];
  const flushed: number[] = [];
  const told: Scripted["told"] = [];
  return {
    protocol: "5", receiveMaximum: 65_535, maximumPacketSize: Number.POSITIVE_INFINITY, retainAvailable: true, sessionPresent: false, ...limits, sent, flushed, told,
    tell: (topic, payload, how) => void told.push({ topic, payload, how }),
    flush: () => void flushed.push(sent.length),
    closed: new Promise(() => undefined),
    publish: (topic, payload, how) => new Promise((answer) => void sent.push({ topic, payload, how, answer })),
    subscribe: async () => undefined,
    end: async () => undefined,
  };
}

function delivery(options: Partial<DeliveryOptions> = {}): Delivery {
  return new Delivery({ topics: topicsOf("saccade", "test"), cbor: true, queueLimit: 100, expirySeconds: 60, ...options });
}

async function answer(link: Scripted, from: number, code: number): Promise<void> {
  for (const { answer: say } of link.sent.slice(from)) say(code);
  await turn();
}

t.test("an event that is alone leaves at once, before its other form", async (t) => {
  const link = scriptedLink();
  const alone = delivery();
  alone.up(link);
  alone.put(events(1)[0]!);
  t.same(link.flushed, [1]);
  t.equal(link.sent[0]!.topic, "saccade/test/src/cam0/event");
  await turn();
  t.equal(link.sent.length, 2);
});

t.test("what is of use now or never is told once, and only over a link with room", async (t) => {
  const link = scriptedLink({ receiveMaximum: 1 });
  const stats = delivery({ cbor: false });
  stats.tell("stats", "0", 30);
  stats.up(link);
  stats.tell("stats", "1", 30);
  stats.put(events(1)[0]!);
  stats.tell("stats", "2", 30);
  await answer(link, 0, 0);
  stats.tell("stats", "3", 30);
  t.same(link.told.map(({ payload }) => payload), ["1", "3"]);
  t.match(link.told[0]!.how, { retain: false, properties: { messageExpiryInterval: 30, contentType: "application/json" } });
});

t.test("no more is under way than the broker receives at once", async (t) => {
  for (const [receiveMaximum, window] of [[1, 1], [20, 20], [65_535, 64]] as const) {
    const link = scriptedLink({ receiveMaximum });
    const carrier = delivery();
    for (const event of events(90)) carrier.put(event);
    carrier.up(link);
    t.equal(link.sent.length, window);
    link.sent[0]!.answer(0);
    await turn();
    t.equal(link.sent.length, window + 1);
  }
});

t.test("an event that is refused is dropped once, by its code, and does not block the rest", async (t) => {
  const link = scriptedLink();
  const carrier = delivery();
  carrier.up(link);
  for (const event of events(3)) carrier.put(event);
  await turn();
  t.equal(link.sent.length, 6);
  const codes = [0x99, 0x99, 0, 0x87, 0, 0];
  for (const [index, code] of codes.entries()) link.sent[index]!.answer(code);
  await turn();
  t.same(carrier.drops, { refused_0x99: 1, refused_0x87: 1 });
  t.equal(carrier.acknowledged, 1);
  t.ok(carrier.idle);
});

t.test("an event's first form goes out at once, the rest a turn later", async (t) => {
  const link = scriptedLink();
  const carrier = delivery();
  carrier.up(link);
  const topics = (): string[] => link.sent.map(({ topic }) => topic.replace(/^saccade.test.src.[^/]*./, ""));
  const [event] = events(1);
  carrier.put(event!);
  carrier.board.set({ topic: "state", payload: "1", content: "json" });
  carrier.pumpSoon();
  t.same(topics(), ["event"]);
  await turn();
  t.same(topics().toSorted(), ["event", "event/cbor", "state"]);
});

t.test("a packet that the broker would close the connection for is not sent", async (t) => {
  const link = scriptedLink({ maximumPacketSize: 1000 });
  const carrier = delivery();
  carrier.up(link);
  const [event] = events(1);
  carrier.put({ ...event!, label: "x".repeat(1000) });
  carrier.put(event!);
  await turn();
  t.ok(link.sent.every(({ payload }) => payload.length < 1000));
  await answer(link, 0, 0);
  t.equal(carrier.drops["too_large"], 1);
});

t.test("an exceeded quota slows down", async (t) => {
  let now = 0;
  const link = scriptedLink({ receiveMaximum: 1 });
  const carrier = delivery({ cbor: false, now: () => now });
  carrier.up(link);
  for (const event of events(3)) carrier.put(event);
  await answer(link, 0, 0x97);
  t.equal(link.sent.length, 1);
  now = 1001;
  carrier.pump();
  t.equal(link.sent.length, 2);
  t.same(carrier.drops, { refused_0x97: 1 });
});

t.test("after an outage: repeats are marked, old events are history, expired ones are dropped", async (t) => {
  let now = 0;
  const carrier = delivery({ cbor: false, now: () => now });
  const [a, b, c] = events(3).map((event) => ({ ...event, historical: false }));
  const first = scriptedLink();
  carrier.up(first);
  carrier.put(a!);
  carrier.down();
  await answer(first, 0, 0);
  t.equal(carrier.acknowledged, 0, "an answer of the old link is late");
  now = 30_000;
  carrier.put(b!);
  now = 61_000;
  carrier.put(c!);
  const second = scriptedLink();
  carrier.up(second);
  t.same(carrier.drops, { expired: 1 });
  const sent = second.sent.map(({ payload, how }) => ({ event: JSON.parse(payload as string), how }));
  t.same(sent.map(({ event: { seq, historical } }) => [seq, historical]), [[1, true], [2, false]]);
  t.match(sent[0]!.how.properties, { messageExpiryInterval: 29, userProperties: { historical: "1" } });
  t.notOk(sent[1]!.how.dup);
  carrier.down();
  const third = scriptedLink({ protocol: "3.1.1" });
  carrier.up(third);
  t.same(third.sent.map(({ how }) => how.dup), [true, true]);
  t.ok(third.sent.every(({ how }) => how.properties === undefined), "3.1.1 has no properties");
});

t.test("retained messages: the newest of a topic, said again on every link, not retained where the broker keeps none", async (t) => {
  const carrier = delivery();
  for (const payload of ["1", "2", "2"]) carrier.board.set({ topic: "saccade/test/info", payload, content: "json" });
  for (const retainAvailable of [true, false]) {
    const link = scriptedLink({ retainAvailable });
    carrier.up(link);
    t.same(link.sent.map(({ topic, payload, how }) => [topic, payload, how.retain]), [["saccade/test/info", "2", retainAvailable]]);
    await answer(link, 0, 0x87);
    carrier.down();
  }
  t.same(carrier.drops, { refused_0x87: 2 });
});
