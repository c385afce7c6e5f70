import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { createNdjsonPublisher } from "../../host/publishers/ndjson.js";
import { events } from "./events.js";
import { checkEventJson } from "./schemas.js";

t.test("one event a line, each fit for the schema", async (t) => {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const publisher = createNdjsonPublisher(stream);
  const sent = events(50);
  await publisher.sourceStatus("cam0", "online");
  for (const event of sent) await publisher.publish(event);
  await publisher.close();
  const lines = (stream.read() as Buffer).toString().split("\n");
  t.equal(lines.pop(), "");
  t.same(lines.map((line) => JSON.parse(line).seq), sent.map(({ seq }) => seq));
  for (const line of lines) checkEventJson(t, line);
  t.ok(stream.writable, "the stream stays its owner's");
});

t.test("it waits for a slow reader", async (t) => {
  const stream = new PassThrough({ highWaterMark: 64 });
  const publisher = createNdjsonPublisher(stream);
  const [first, second] = events(2);
  let done = false;
  const publishing = publisher.publish(first!).then(() => (done = true));
  await turn();
  t.equal(done, false, "nobody has read yet");
  stream.resume();
  await publishing;
  await publisher.publish(second!);
  t.same(publisher.drops, { reader_gone: 0 });
  t.equal(stream.listenerCount("drain"), 0, "no listener is left behind");
  t.equal(stream.listenerCount("close"), 0);
});

t.test("a reader that goes away is counted", async (t) => {
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setTimeout(() => done(new Error("EPIPE")), 5) });
  const publisher = createNdjsonPublisher(stream);
  const closed = once(stream, "close").catch(() => undefined);
  await publisher.publish(events(1)[0]!);
  await closed;
  for (const event of events(3)) await publisher.publish(event);
  await publisher.close();
  t.same(publisher.drops, { reader_gone: 4 });
});
