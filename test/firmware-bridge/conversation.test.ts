import assert from "node:assert/strict";
import t from "tap";
import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { Line } from "../../firmware-bridge/device/line.js";
import { HostControl, type ControlOptions } from "../../firmware-bridge/protocol/control.js";
import { chooseForm, COMPACT, frameEvents } from "../../firmware-bridge/protocol/events.js";
import { EventsWriter } from "../../firmware-bridge/protocol/events-writer.js";
import { MAX_FRAME_BYTES, NO_LIMIT } from "../../firmware-bridge/protocol/fields.js";
import { Inbox } from "../../firmware-bridge/protocol/inbox.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";
import { seeds } from "../seeds.js";
import { mulberry } from "./random.js";

const WIDTH = 128, HEIGHT = 96;

/** Event k of the test scene: which it is can be read from it. */
function scene(from: number, count: number, time: (k: number) => number) {
  const each = (f: (k: number) => number): number[] => Array.from({ length: count }, (_, i) => f(from + i));
  return {
    t: Float64Array.from(each(time)),
    x: Uint16Array.from(each((k) => k % WIDTH)),
    y: Uint16Array.from(each((k) => Math.floor(k / WIDTH) % HEIGHT)),
    p: Uint8Array.from(each((k) => k & 1)),
  };
}

/** Host and device with a line each way, in a time that the test moves. */
class Talk {
  now = 0;
  readonly inbox = new Inbox();
  readonly control: HostControl;
  device: SimulatedDevice;
  readonly up: Line;
  readonly down: Line;
  readonly events: number[] = [];
  deaf = false;
  readonly #columns = { t: new Float64Array(8192), x: new Uint16Array(8192), y: new Uint16Array(8192), p: new Uint8Array(8192) };

  constructor(options: Partial<ControlOptions> = {}, line: { bitErrors?: number; loss?: number; baud?: number; buffer?: number } = {}, random = mulberry(1)) {
    this.control = new HostControl(this.inbox, { wants: ["EVENTS"], form: COMPACT, ...options });
    this.up = new Line({ ...line, random }, (bytes) => this.#hear(bytes));
    this.down = new Line({ ...line, random }, (bytes) => this.device.receive(bytes, this.now));
    this.device = this.boot(1);
  }

  boot(boot: number): SimulatedDevice {
    return (this.device = new SimulatedDevice({ width: WIDTH, height: HEIGHT, boot, maxFrame: 256 }, (bytes) => this.up.send(bytes)));
  }

  /** Lets `micros` pass, in steps of 2 ms. */
  pass(micros: number, each: () => void = () => undefined): void {
    for (const end = this.now + micros; this.now < end; this.now += 2000) {
      each();
      this.device.poll(this.now);
      this.up.poll(this.now);
      if (!this.deaf) for (const bytes of this.control.poll(this.now)) this.down.send(bytes);
      this.down.poll(this.now);
    }
  }

  #hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at = this.inbox.read(bytes, at, bytes.length);
      if (!this.inbox.ready) continue;
      const count = this.inbox.events(this.#columns, 0);
      for (let i = 0; i < count; i++) this.events.push(this.#columns.t[i]!);
    }
  }
}

t.test("HELLO, START, streaming, heartbeat, TIME, STOP", async (t) => {
  const talk = new Talk();
  talk.pass(100_000);
  t.equal(talk.control.state, "streaming");
  t.match(talk.inbox.hello, { width: WIDTH, height: HEIGHT, name: "simulated" });
  talk.device.push(scene(0, 1000, (k) => talk.now + k), 0, 1000);
  talk.pass(2_500_000);
  t.equal(talk.events.length, 1000);
  t.match(talk.inbox.counters, { lost: 0, badCrc: 0, unknown: 0, repeated: 0 });
  t.ok(talk.inbox.seen.heartbeat >= 3);
  t.match(talk.inbox.heartbeat, { items: 1000, lostRing: 0, lostCredit: 0, damaged: 0, credit: NO_LIMIT, streaming: 1 });
  t.equal(talk.control.clock!.deviceMicros, talk.control.clock!.hostMicros - talk.control.clock!.giveOrTakeMicros, "TIME was answered at once");
  const hellos = talk.inbox.seen.hello;
  talk.down.send(talk.control.stop());
  talk.deaf = true;
  talk.pass(10_000);
  t.equal(talk.device.status.streaming, 0);
  t.equal(talk.inbox.seen.hello, hellos + 1, "STOP is answered by HELLO");
  talk.device.push(scene(0, 10, (k) => talk.now + k), 0, 10);
  t.equal(talk.device.status.lostCredit + talk.device.status.lostRing, 0, "what nobody wants is not lost");
  talk.down.send(talk.control.configure([{ key: 9999, value: 1 }]));
  talk.pass(10_000);
  t.match(talk.inbox.error, { code: 4 }, "an unknown setting is refused");
});

t.test("a device that was reset streams again", async (t) => {
  const talk = new Talk();
  talk.pass(1_100_000);
  talk.boot(2);
  talk.pass(1_100_000);
  t.equal(talk.control.state, "streaming");
  t.match(talk.inbox.counters, { restarts: 1 });
  t.ok(talk.inbox.time > 1_100_000, "time goes on");
  t.equal(talk.inbox.hello!.boot, 2);
});

t.test("a host that missed everything asks, one of another version is refused", async (t) => {
  const talk = new Talk();
  talk.deaf = true;
  talk.pass(500_000);
  t.equal(talk.device.status.streaming, 0);
  talk.deaf = false;
  talk.pass(1_100_000);
  t.equal(talk.control.state, "streaming");
  const other = new Talk();
  Object.assign(other.device.hello, { version: 2 });
  other.pass(2_000_000);
  t.equal(other.control.state, "refused");
});

t.test("without credit nothing goes, and what could not go is counted exactly", async (t) => {
  const talk = new Talk({ window: 4 });
  talk.pass(100_000);
  talk.deaf = true;
  let sent = 0;
  talk.pass(1_500_000, () => {
    talk.device.push(scene(sent, 50, () => talk.now), 0, 50);
    sent += 50;
  });
  const { items, lostCredit, lostRing } = talk.device.status;
  t.ok(lostCredit > 0 && talk.events.length <= 4 * 121);
  t.equal(lostRing, 0);
  t.equal(items, talk.events.length);
  t.equal(items + lostCredit, sent);
  talk.deaf = false;
  talk.pass(1_500_000);
  talk.device.push(scene(0, 10, () => talk.now), 0, 10);
  talk.pass(20_000);
  t.equal(talk.events.length, items + 10, "credit comes with the heartbeat, although a CREDIT was lost");
  t.equal(talk.inbox.heartbeat!.lostCredit, lostCredit);
});

t.test("a line that is too slow: the rest is counted at the device", async (t) => {
  const talk = new Talk({}, { baud: 115_200, buffer: 2048 });
  talk.pass(200_000);
  let sent = 0;
  talk.pass(1_000_000, () => {
    talk.device.push(scene(sent, 40, () => talk.now), 0, 40);
    sent += 40;
  });
  talk.pass(2_000_000);
  const { items, lostRing } = talk.device.status;
  t.ok(lostRing > sent / 2, `${lostRing} of ${sent}`);
  t.equal(items + lostRing, sent);
  t.equal(talk.events.length, items);
  t.equal(talk.inbox.counters.lost, 0);
});

for (const seed of seeds()) {
  t.test(`a conversation goes on over a line that flips a bit of 10,000 and loses bytes, seed ${seed}`, async (t) => {
    const talk = new Talk({ window: 64 }, { bitErrors: 1e-4, loss: 1e-4 }, mulberry(seed));
    let sent = 0;
    talk.pass(20_000_000, () => {
      if (!talk.device.status.streaming) return;
      talk.device.push(scene(sent, 20, () => talk.now), 0, 20);
      sent += 20;
    });
    t.ok(talk.events.length > 0.5 * sent, `${talk.events.length} of ${sent}`);
    t.ok(talk.up.damaged > 50);
    t.ok(talk.inbox.counters.lost > 0);
  });

  t.test(`of 1e-3 bit errors, every frame that is whole is used, and lost + good = sent, seed ${seed}`, async (t) => {
    const random = mulberry(seed), writer = new FrameWriter(128), events = new EventsWriter(writer, chooseForm(WIDTH, HEIGHT));
    const frames: { readonly wire: Uint8Array; readonly count: number }[] = [];
    const many = 40_000, list = scene(0, many, (k) => 2 ** 32 - 20_000 + k);
    for (let at = 0; at < many;) {
      at = events.add(list, at, Math.min(many, at + 1 + Math.floor(random() * 60)));
      frames.push({ count: events.held, wire: events.flush()!.slice() });
    }
    const beat = { boot: 1, frames: frames.length, uptime: 4294967 + 20, items: many, lostSensor: 0, lostRing: 0, lostCredit: 0, received: 0,
      damaged: 0, answers: 0, credit: NO_LIMIT, streaming: 1 };
    const heartbeat = writer.message("HEARTBEAT", beat, 20_000 % 2 ** 32);
    const whole: number[] = [];
    const received: Uint8Array[] = [];
    const line = new Line({ bitErrors: 1e-3, random }, (bytes) => received.push(bytes.slice()));
    frames.forEach(({ wire }, i) => {
      line.send(wire);
      if (Buffer.compare(received.at(-1)!, wire) === 0) whole.push(i);
    });
    const inbox = new Inbox(), found: number[] = [], times: number[] = [];
    const columns = { t: new Float64Array(frameEvents(MAX_FRAME_BYTES)), x: new Uint16Array(8192), y: new Uint16Array(8192), p: new Uint8Array(8192) };
    const first = inbox.read(frames[0]!.wire, 0, frames[0]!.wire.length);
    assert.equal(first, frames[0]!.wire.length);
    const bytes = Buffer.concat([...received.slice(1), heartbeat]);
    for (let at = 0; at < bytes.length;) {
      at = inbox.read(bytes, at, bytes.length);
      if (!inbox.ready) continue;
      found.push(inbox.frame.seq);
      const count = inbox.events(columns, 0);
      for (let i = 0; i < count; i++) times.push(columns.t[i]!);
    }
    const used = new Set(found), missed = whole.filter((i) => i > 0 && !used.has(i & 0xffff));
    t.same(missed, [], `${whole.length} of ${frames.length} frames are whole`);
    t.ok(whole.length < 0.8 * frames.length && whole.length > 0.2 * frames.length);
    const { good, lost } = inbox.counters;
    t.equal(good + lost, frames.length + 1);
    t.equal(good, found.length + 2);
    t.ok(times.every((time, i) => Number.isInteger(time) && (i === 0 || time > times[i - 1]!)), "time wraps at 2^32 µs and goes on");
    t.ok(times[0]! < 2 ** 32 && times.at(-1)! > 2 ** 32);
  });
}
