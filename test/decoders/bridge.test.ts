import t from "tap";
import { chooseForm } from "../../firmware-bridge/protocol/events.js";
import { EventsWriter } from "../../firmware-bridge/protocol/events-writer.js";
import { FRAMES, MAX_FRAME_BYTES, NO_LIMIT, VENDORS } from "../../firmware-bridge/protocol/fields.js";
import { SCHEMA } from "../../firmware-bridge/protocol/layout.js";
import { headOf, RecordReader } from "../../firmware-bridge/protocol/payload.js";
import { FrameWriter, type HeadOf } from "../../firmware-bridge/protocol/writer.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { detectFormat } from "../../host/decoders/formats.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import { decodeBytes, toColumns, toEvents } from "./collect.js";

const hello = (boot: number, width = 128, height = 96): HeadOf<"HELLO"> => ({ version: 1, sends: 4, width, height, maxFrame: 4096, maxReceive: 256,
  tick: 1000, schema: SCHEMA, firmware: 0, boot, uptime: 0, id: "", name: "" });
const heartbeat = (boot: number, frames: number, lostRing: number): HeadOf<"HEARTBEAT"> => ({ boot, frames, uptime: 0, items: 0, lostSensor: 0, lostRing,
  lostCredit: 0, received: 0, damaged: 0, answers: 0, credit: NO_LIMIT, streaming: 1 });
const some = toEvents({ t: [10, 20, 30], x: [1, 2, 127], y: [5, 6, 95], p: [0, 1, 1] });

/** A capture, made frame by frame. */
class Capture {
  readonly writer = new FrameWriter();
  readonly parts: Buffer[] = [];
  add(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }
  events(events = some, width = 128, height = 96): this {
    const open = new EventsWriter(this.writer, chooseForm(width, height));
    open.add(events, 0, events.count);
    return this.add(open.flush()!);
  }
  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

t.test("a capture is recognised by a frame that is whole, and states its sensor", async (t) => {
  const capture = new Capture();
  capture.add(capture.writer.message("HELLO", hello(1))).events();
  t.equal(detectFormat(capture.bytes, ".bin", "capture.bin"), "bridge");
  t.equal(detectFormat(Buffer.concat([Buffer.from("cut in the middle"), capture.bytes]), "", "capture"), "bridge");
  const { size, events, drops, error } = decodeBytes("bridge", capture.bytes, [7]);
  t.equal(error, undefined);
  t.same(size, { width: 128, height: 96 });
  t.same(toColumns(events), toColumns(some));
  t.same(drops, {});
});

t.test("without HELLO the size is the caller's, or unknown", async (t) => {
  const { bytes } = new Capture().events();
  t.equal(decodeBytes("bridge", bytes).size, undefined);
  const told = decodeBytes("bridge", bytes, [], { width: 100, height: 100 });
  t.same(toColumns(told.events).x, [1, 2]);
  t.same(told.drops, { outside_sensor: 1 });
});

t.test("what is damaged, missing, double, foreign and torn is counted", async (t) => {
  const capture = new Capture(), { writer } = capture;
  capture.add(writer.message("HELLO", hello(1))).events();
  capture.add(capture.parts.at(-1)!);
  capture.events();
  capture.parts.at(-1)![5]! ^= 1;
  capture.add(writer.vendor({ protocol: 1, port: 0, span: 0 }, Uint8Array.of(1, 2, 3), 0));
  capture.add(writer.message("HEARTBEAT", heartbeat(1, writer.sent, 7)));
  capture.add(writer.message("HEARTBEAT", heartbeat(1, writer.sent, 27)));
  capture.events();
  capture.parts[capture.parts.length - 1] = capture.parts.at(-1)!.subarray(0, 9);
  const { events, drops } = decodeBytes("bridge", capture.bytes, [3, 11]);
  t.equal(events.count, 3);
  t.same(drops, { packet_corrupt: 1, frame_lost: 1, frame_repeated: 1, other_stream: 1, device_lost: 20, torn_tail: 8 });
});

t.test("when a device is reset its time goes on", async (t) => {
  const late = toEvents({ t: [20_000_000, 20_000_010], x: [1, 1], y: [1, 1], p: [1, 1] });
  const capture = new Capture(), { writer } = capture;
  capture.add(writer.message("HELLO", hello(1))).events(late);
  writer.sent = 0;
  capture.add(writer.message("HELLO", hello(2))).events();
  const { events, drops } = decodeBytes("bridge", capture.bytes);
  t.same([...events.t], [20_000_000, 20_000_010, 20_000_010, 20_000_020, 20_000_030]);
  t.same(drops, { device_reset: 1 });
});

t.test("bytes that hold no frame are refused", async (t) => {
  t.equal(decodeBytes("bridge", Buffer.from("nothing of it")).error, "RECORDING_CORRUPT");
  t.equal(decodeBytes("bridge", new Uint8Array(0)).error, "RECORDING_EMPTY");
});

t.test("a writer says when times begin later than 49 days", async (t) => {
  const start = 2 ** 50, writer = new BridgeWriter({ size: { width: 128, height: 96 } });
  const list = toEvents({ t: [start, start + 5], x: [1, 2], y: [3, 4], p: [0, 1] });
  const bytes = Buffer.concat([Buffer.from(writer.begin()), ...Array.from(writer.write(list), (part) => Buffer.from(part)),
    ...Array.from(writer.end(), (part) => Buffer.from(part))]);
  t.ok(writer.timeShift > 0 && writer.timeShift % (2 ** 32 * 1000) === 0);
  t.same([...decodeBytes("bridge", bytes).events.t], [start - writer.timeShift, start + 5 - writer.timeShift]);
  t.throws(() => new BridgeWriter({ size: { width: 10, height: 40_000 } }), { code: "RECORDING_UNSUPPORTED" });
});

t.test("live: frames that hold no events go to who takes them", async (t) => {
  const capture = new Capture(), { writer } = capture, taken: string[] = [];
  const polar = new RecordReader(FRAMES.POINTS.forms[0], MAX_FRAME_BYTES);
  capture.add(writer.message("HELLO", hello(1))).events();
  capture.add(writer.vendor({ protocol: VENDORS.edvs, port: 2, span: 40 }, Uint8Array.of(0x85, 0x03), 100));
  capture.add(writer.records("POINTS", 0, { step: 1000, unit: 500 }, [{ range: 9, angle: 35999, intensity: 255 }], 200));
  const bridge = new LiveBridge({ wants: ["EVENTS", "VENDOR", "POINTS"], form: 1 }, ({ frame, time }) => {
    if (frame.type === FRAMES.VENDOR.code) {
      const { protocol, port, span } = headOf("VENDOR", frame);
      taken.push(`${time}: ${protocol}.${port} ${span} µs ${Buffer.from(frame.u8.subarray(12, frame.payloadEnd)).toString("hex")}`);
    } else {
      const { columns } = polar.read(frame), { unit } = headOf("POINTS", frame);
      taken.push(`${time}: ${columns["range"]![0]! * unit} µm ${columns["angle"]![0]} ${columns["intensity"]![0]}`);
    }
    return true;
  });
  let events = 0;
  for (const batch of bridge.push(capture.bytes)) events += batch.count;
  t.equal(events, 3);
  t.same(taken, ["100: 1.2 40 µs 8503", "200: 4500 µm 35999 255"]);
  t.same(bridge.drops, {});
  t.same(bridge.size, { width: 128, height: 96 });
});
