import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { FRAMES, type FrameName } from "../../firmware-bridge/protocol/fields.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { damages, messages } from "../firmware-bridge/arbitrary.js";
import { cFile, compileProgram, needsCompiler, run } from "../firmware-bridge/gcc.js";
import { encodeMessage } from "../firmware-bridge/vectors.js";
import { seeds } from "../seeds.js";

const parts = (from: "device" | "host") =>
  fc.oneof(...messages.filter(({ title }) => FRAMES[title.split(" ")[0] as FrameName].from === from).map(({ arbitrary }) => arbitrary.map(encodeMessage)),
    fc.uint8Array({ maxLength: 100 }));
const streams = (from: "device" | "host", most: number) =>
  fc.tuple(fc.array(parts(from), { maxLength: most }), damages).map(([list, damage]) => damage(Buffer.concat(list)));

for (const seed of seeds()) {
  t.test(`a host takes any bytes: no throw, and events that obey their contract, seed ${seed}`, async (t) => {
    fc.assert(fc.property(fc.array(streams("device", 6), { maxLength: 4 }), (chunks) => {
      const bridge = new LiveBridge({ wants: ["EVENTS", "POINTS"], form: 1, window: 8 }, ({ ready }) => (assert.ok(ready), ready));
      let now = 0, before = 0;
      for (const chunk of chunks) {
        for (const events of bridge.push(chunk)) {
          for (let i = 0; i < events.count; i++) {
            assert.ok(Number.isSafeInteger(events.t[i]) && events.t[i]! >= 0);
            assert.ok(events.t[i]! >= before || (bridge.drops["time_jump"] ?? 0) > 0);
            before = events.t[i]!;
          }
        }
        for (const bytes of bridge.control.poll((now += 500_000))) assert.ok(bytes[0] === 0 && bytes.at(-1) === 0);
      }
      assert.ok(Object.values(bridge.drops).every((amount) => Number.isSafeInteger(amount) && amount > 0));
    }), { seed, numRuns: 300 });
    t.pass("all of them");
  });

  t.test(`a simulated device takes any bytes of its host, seed ${seed}`, async (t) => {
    const events = { t: Float64Array.of(1, 2, 3), x: Uint16Array.of(1, 2, 3), y: Uint16Array.of(1, 2, 3), p: Uint8Array.of(0, 1, 0) };
    fc.assert(fc.property(fc.array(streams("host", 6), { maxLength: 4 }), fc.array(fc.boolean(), { minLength: 1 }), (chunks, moods) => {
      let sent = 0, now = 0, offered = 0;
      const device = new SimulatedDevice({ width: 128, height: 128, maxFrame: 128 }, () => moods[sent++ % moods.length]!);
      for (const chunk of chunks) {
        device.receive(chunk, (now += 300_000));
        const before = device.status.streaming;
        device.push(events, 0, 3);
        offered += before ? 3 : 0;
      }
      const { items, lostRing, lostCredit } = device.status;
      assert.ok(items + lostRing + lostCredit <= offered);
    }), { seed, numRuns: 300 });
    t.pass("all of them");
  });

  t.test(`the C device takes any bytes of its host and any mood of its line, under sanitizers, seed ${seed}`, needsCompiler("gcc"), async (t) => {
    // Mostly what a host would say, so that it streams; the rest is what it should not.
    const starts = [1, 0].flatMap((flow) => [0, 1].map((form) => encodeMessage({ name: "START", form: 0, flags: 0, seq: 1, t0: 0, records: [],
      head: { version: 1, form, wants: 0xff, flow, maxFrame: 16384, limit: 0 } })));
    const credits = Array.from({ length: 64 }, (_, k) => encodeMessage({ name: "CREDIT", form: 0, flags: 0, seq: 2, t0: 0, records: [], head: { limit: 1024 * k } }));
    const odd = fc.sample(streams("host", 3), { seed, numRuns: 100 });
    const corpus = Buffer.concat(odd.flatMap((bytes, i) => [starts[i % 4]!, credits[(7 * i) % 64]!, credits[(13 * i) % 64]!, bytes]));
    const said = run(compileProgram("device", [cFile("device.c")]), [String(seed)], corpus).toString().trim();
    t.match(said, /^\d+ frames: /, said);
  });
}

t.test("noise for a long time: memory does not grow, and the next frame is found", async (t) => {
  const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) | 1);
  const bridge = new LiveBridge({ wants: ["EVENTS"], form: 1 });
  const hello = encodeMessage({ name: "HELLO", form: 0, flags: 0, seq: 9, t0: 5, records: [], head: { version: 1, sends: 4, width: 10, height: 10,
    maxFrame: 128, maxReceive: 128, tick: 1, schema: 0, firmware: 0, boot: 1, uptime: 0, id: "", name: "" } });
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 64; i++) {
    for (const events of bridge.push(noise)) t.equal(events.count, 0);
    noise[i * 1000] = 0;
  }
  for (const events of bridge.push(hello)) t.equal(events.count, 0);
  t.ok(process.memoryUsage().arrayBuffers - before < 4e6, "bounded");
  t.same(bridge.size, { width: 10, height: 10 });
  t.ok(bridge.drops["packet_corrupt"]! > 1000);
});
