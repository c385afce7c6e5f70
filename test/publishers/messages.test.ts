import t from "tap";
import { encode } from "cborg";
import fc from "fast-check";
import { createAuthor } from "../../host/publishers/author.js";
import { recordingClock, systemClock } from "../../host/publishers/clock.js";
import { eventCbor } from "../../host/publishers/cbor.js";
import { eventJson } from "../../host/publishers/json.js";
import { CLOCKS, EVENT_TYPES, stateAfter, type EventMessage } from "../../host/publishers/messages.js";
import { uuidBytes, uuidText, uuidv7 } from "../../host/publishers/uuid.js";
import { decodeStrictly, eventFromCbor, withDigits } from "./cbor-reader.js";
import { authorOf, decision, MODEL } from "./events.js";
import { checkCddl, checkEventJson, checkStateJson } from "./schemas.js";
import { seeds } from "../seeds.js";

const EVENT: EventMessage = {
  v: 1, event_type: "hand_wave", type: "new", id: "019aa5c2-7f1e-7c3a-9a51-0d6b2f7e4c11", seq: 18231, boot: 42,
  ts: 1795300000123456, gateway: "pi-lab", source: "cam0", label: "hand_wave", score: 873, start: 1795299999711456, end: null,
  box: [12, 40, 96, 88], zones: ["door"], model: { name: "dvs-gesture", version: "1.2.0", sha256: `9f2c1ab400112233${"0".repeat(48)}` },
  latency_us: { window: 50000, infer: 3120, total: 9800 }, clock: "system", historical: false,
};

/** Written out by hand from docs/messages.cddl and RFC 8949, one key a line. */
const GOLDEN = [
  "b1", // a map of 17
  "00 01",
  "01 69 68616e645f77617665", // "hand_wave"
  "02 00",
  "03 50 019aa5c27f1e7c3a9a510d6b2f7e4c11",
  "04 194737",
  "05 182a",
  "06 1b000660d0dac5ca40", // 1795300000123456
  "07 64 63616d30", // "cam0"
  "08 190369",
  "09 1b000660d0dabf80e0", // 1795299999711456
  "0a f6",
  "0b d845 48 0c00280060005800", // tag 69: 12, 40, 96, 88
  "0c 81 64 646f6f72", // ["door"]
  "0d 83 6b 6476732d67657374757265 65 312e322e30 48 9f2c1ab400112233",
  "0e 83 19c350 190c30 192648",
  "0f f4",
  "10 00",
].join("").replaceAll(" ", "");

t.test("the CBOR of an event, byte for byte", async (t) => {
  t.equal(Buffer.from(eventCbor(EVENT)).toString("hex"), GOLDEN);
});

t.test("the JSON of an event", async (t) => {
  const { model, ...rest } = EVENT;
  t.same(JSON.parse(eventJson(EVENT)), { ...rest, model: { ...model, sha256: "9f2c1ab4" } });
  checkEventJson(t, eventJson(EVENT));
  t.notMatch(eventJson(EVENT), /\n/);
});

const time = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
const uint32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 23, 24, 0xffffffff));
const pixel = fc.nat(65535);
const text = fc.string({ unit: "grapheme", maxLength: 300 });
const messages: fc.Arbitrary<EventMessage> = fc.record({
  label: text, type: fc.constantFrom(...EVENT_TYPES), seq: uint32, boot: uint32, ts: time, start: time, end: fc.option(time),
  score: fc.integer({ min: 0, max: 1000 }), source: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,31}$/), clock: fc.constantFrom(...CLOCKS),
  model: fc.record({ name: text, version: text, sha256: fc.stringMatching(/^[0-9a-f]{64}$/) }),
  latency_us: fc.record({ window: time, infer: time, total: time }),
  historical: fc.boolean(),
  random: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  more: fc.record({ box: fc.tuple(pixel, pixel, pixel, pixel), zones: fc.array(text, { maxLength: 30 }) }, { requiredKeys: [] }),
}).map(({ more, random, ...fields }) => ({
  ...fields, ...more, v: 1 as const, gateway: "pi-lab",
  event_type: fields.type === "new" || fields.type === "once" ? fields.label : `${fields.label}_${fields.type}`,
  id: uuidv7(fields.start, (bytes) => bytes.set(random)),
}));

for (const seed of seeds()) {
  t.test(`any event reads back equal from JSON and strict CBOR, and both fit their schemas (seed ${seed})`, async (t) => {
    const written: Uint8Array[] = [];
    fc.assert(
      fc.property(messages, (event) => {
        const bytes = eventCbor(event);
        const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        if (!same(eventFromCbor(bytes, "pi-lab"), withDigits(event, 16))) throw new Error("CBOR differs");
        if (!same(JSON.parse(eventJson(event)), withDigits(event, 8))) throw new Error("JSON differs");
        const keys = [...decodeStrictly(bytes).keys()];
        if (keys.some((key, at) => at > 0 && key <= keys[at - 1]!)) throw new Error("keys are not in order");
        checkEventJson(t, eventJson(event));
        written.push(bytes.slice());
      }),
      { seed, numRuns: 300 },
    );
    await checkCddl(t, written.slice(0, 100));
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

t.test("the author gives a life one id, numbers every message and leaves out updates that say nothing", async (t) => {
  const author = authorOf();
  const first = author.write(decision(0, "new"))!;
  t.match(first, { type: "new", event_type: "7", seq: 0, boot: 42, start: 0, end: null, ts: 100_000, historical: true, clock: "recording" });
  t.equal(author.write(decision(1, "update", "7", 880)), undefined, "too soon");
  t.equal(author.write(decision(4, "update", "7", 873)), undefined, "nothing new");
  const update = author.write(decision(5, "update", "7", 900))!;
  t.match(update, { type: "update", event_type: "7_update", id: first.id, seq: 1, score: 900 });
  const end = author.write(decision(6, "end"))!;
  t.match(end, { type: "end", event_type: "7_end", id: first.id, seq: 2, end: 700_000 });
  const next = author.write(decision(7, "new"))!;
  t.not(next.id, first.id);
  t.match(author.write(decision(8, "once", "3"))!, { type: "once", event_type: "3", seq: 4 });
  t.same(first.latency_us, { window: 100_000, infer: 312, total: 312 });
  for (const event of [first, update, end, next]) {
    checkEventJson(t, eventJson(event));
    checkStateJson(t, JSON.stringify(stateAfter(event)));
  }
  const random = (bytes: Uint8Array): void => void bytes.fill(5);
  const ids = { gateway: "test", source: "cam0", boot: 1, model: MODEL, clock: recordingClock(), random };
  t.same(createAuthor(ids).write(decision(0, "new")), createAuthor(ids).write(decision(0, "new")), "the same bytes give the same ids");
  t.throws(() => createAuthor({ ...ids, source: "Cam 0" }), { code: "CONFIG_INVALID", message: 'source "Cam 0" is no name for a topic' });
});

t.test("an event's start stays what its first message told, also when the clock is set meanwhile", async (t) => {
  let wall = 1_700_000_000_000_000;
  const clock = systemClock(() => wall);
  const author = createAuthor({ gateway: "test", source: "cam0", boot: 1, model: MODEL, clock });
  const first = author.write(decision(0, "new"))!;
  // Each window comes 5 ms sooner than the one before.
  wall += 495_000;
  const update = author.write({ ...decision(5, "update", "7", 900), start: 0 })!;
  wall += 95_000;
  const end = author.write({ ...decision(6, "end"), start: 0 })!;
  t.same([update.start, end.start], [first.start, first.start]);
  t.equal(end.end! - end.start, 700_000, "and is none the shorter for it");
  t.equal(clock.at(0), first.start - 10_000, "the clock was set");
});

t.test("the system clock follows the quickest delivery, and a sensor whose clock is slow", async (t) => {
  let wall = 1_795_300_000_000_000;
  const clock = systemClock(() => wall);
  t.equal(clock.now(100_000), wall);
  t.equal(clock.at(50_000), wall - 50_000);
  wall += 130_000;
  clock.now(200_000);
  t.equal(clock.at(200_000), wall - 30_000 + 20, "a chunk that is 30 ms late does not move it, but for 200 ppm");
  wall += 70_000;
  clock.now(300_000);
  t.equal(clock.at(300_000), wall, "a quicker one does");
  for (let second = 1; second <= 1000; second++) {
    wall += 1_000_100;
    clock.now(300_000 + second * 1_000_000);
  }
  t.equal(clock.at(300_000 + 1000 * 1_000_000), wall, "100 ppm of drift is followed");
});

t.test("UUIDv7", async (t) => {
  const bytes = (fill: number) => (array: Uint8Array): void => void array.fill(fill);
  t.equal(uuidv7(1795299999711456, bytes(0xff)), "01a20037-ffdf-7fff-bfff-ffffffffffff");
  t.equal(uuidv7(0, bytes(0)), "00000000-0000-7000-8000-000000000000");
  t.equal(uuidText(uuidBytes("019aa5c2-7f1e-7c3a-9a51-0d6b2f7e4c11")), "019aa5c2-7f1e-7c3a-9a51-0d6b2f7e4c11");
  t.throws(() => uuidBytes("019aa5c2"), RangeError);
  t.not(uuidv7(5), uuidv7(5));
});

t.test("a false event does not pass the schemas", async (t) => {
  const good = JSON.parse(eventJson(EVENT));
  const wrong = [
    { score: 873.5 }, { score: 1001 }, { ts: -1 }, { type: "gone" }, { extra: 1 }, { id: "x" }, { source: "Cam 0" }, { end: "x" },
    { box: [1, 2, 3] }, { latency_us: {} }, { model: { ...good.model, sha256: "9f2c1ab40" } },
  ];
  for (const change of wrong) checkEventJson(t, JSON.stringify({ ...good, ...change }), false);
  checkStateJson(t, JSON.stringify({ label: "7", score: 1, since: 0, active: true, more: 1 }), false);
  const { box: _, ...plain } = EVENT;
  const changed = (key: number, value: unknown): Uint8Array => encode(decodeStrictly(eventCbor(plain)).set(key, value));
  const wrongBytes = [changed(8, 1001), changed(2, 4), changed(3, new Uint8Array(15)), changed(10, "x"), changed(17, 1), changed(6, -1)];
  await checkCddl(t, wrongBytes, false);
});
