import fc from "fast-check";
import t from "tap";
import { seeds } from "../seeds.js";
import { FrameReader } from "../../firmware-bridge/protocol/reader.js";
import { FrameWriter } from "../../firmware-bridge/protocol/writer.js";
import { damages, messages, someEvents, wordForms } from "./arbitrary.js";
import { cFile, compileProgram, needsCompiler, run } from "./gcc.js";
import { encodeEvents, encodeMessage, eventsVector, formVector, messageVector, packed, streamVector, unpacked, type Vector } from "./vectors.js";

const WANTED_VECTORS = 2000;
const MESSAGES_EACH = 30, EVENTS = 500, STREAMS = 1000, WORDS = 300, FORMS = 100;
const maxFrames = fc.constantFrom(128, 131, 256, 1024, 4096, 16384);

/** Valid frames of every type, edge values, and streams whole and damaged, of which the reader may take less than it is sent. */
function vectors(seed: number): Vector[] {
  const some = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, { seed, numRuns });
  const encoded = messages.flatMap(({ arbitrary }) => some(arbitrary, MESSAGES_EACH).map(messageVector));
  const seqs = fc.integer({ min: 0, max: 65535 });
  const events = some(fc.record({ maxFrame: maxFrames, seq: seqs, list: someEvents(300) }), EVENTS).map(({ maxFrame, seq, list }) =>
    eventsVector(maxFrame, list.form, seq, list.columns, list.count));
  const part = fc.oneof(
    ...messages.map(({ arbitrary }) => arbitrary.map(encodeMessage)),
    fc.record({ maxFrame: maxFrames, list: someEvents(120) }).map(({ maxFrame, list }) => encodeEvents(maxFrame, list.form, 7, list.columns, list.count)),
    fc.uint8Array({ maxLength: 300 }),
  );
  const stream = fc.record({ maxFrame: maxFrames, parts: fc.array(part, { maxLength: 8 }), damage: damages });
  const streams = some(stream, STREAMS).map(({ maxFrame, parts, damage }) => streamVector(maxFrame, damage(Buffer.concat(parts))));
  // Words that no writer would write: any division, any bytes, cut anywhere.
  const word = fc.record({ form: wordForms, odd: fc.integer({ min: 0, max: 20 }), payload: fc.uint8Array({ maxLength: 60 }) });
  const words = some(word, WORDS).map(({ form, odd, payload }) => {
    const bytes = [odd === 0 ? 5 : form.wordBytes, odd === 1 ? 0 : form.xBits, odd === 2 ? 16 : form.yBits, 0, ...payload];
    const head = { protocol: bytes[0]!, port: bytes[1]!, span: bytes[2]! | (bytes[3]! << 8) };
    const message = encodeMessage({ name: "VENDOR", form: 0, flags: 0, seq: 1, t0: 2 ** 32 - 5, head, records: payload.length === 0 ? [] : [...payload].map((byte) => ({ byte })) });
    return streamVector(16384, asEvents(message));
  });
  const side = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 128, 129, 32767, 32768), fc.integer({ min: 1, max: 32768 }));
  const forms = some(fc.tuple(side, side, fc.integer({ min: 1, max: 16 })), FORMS).map(([width, height, bits]) => formVector(width, height, bits));
  return [...encoded, ...events, ...streams, ...words, ...forms];
}

/** The same payload in a frame of compact events. */
function asEvents(wire: Uint8Array): Uint8Array {
  const reader = new FrameReader();
  reader.read(wire, 0, wire.length);
  const writer = new FrameWriter();
  writer.frame.u8.set(reader.frame.u8.subarray(0, reader.frame.payloadEnd));
  return writer.close("EVENTS", 1, reader.frame.t0, reader.frame.payloadEnd).slice();
}

for (const seed of seeds())
  t.test(`C and TypeScript say the same, under sanitizers, seed ${seed}`, needsCompiler("gcc"), async (t) => {
    const list = vectors(seed);
    t.ok(list.length >= WANTED_VECTORS, `${list.length} vectors`);
    const answers = unpacked(run(compileProgram("vectors", [cFile("vectors.c")]), [], packed(list)));
    t.equal(answers.length, list.length);
    const differing = list.flatMap(({ words, wanted }, i) => {
      const answer = [...answers[i]!];
      return answer.length === wanted.length && answer.every((word, k) => word === wanted[k]) ? [] : [{ i, words: words.slice(0, 60), wanted, answer }];
    });
    t.equal(differing.length, 0);
    t.same(differing.slice(0, 1), []);
    const decoded = list.filter(({ words }) => words[0] === 3).map(({ wanted }) => wanted.slice(-5));
    const sums = [0, 1, 2, 3, 4].map((k) => decoded.reduce((sum, counters) => sum + counters[k]!, 0));
    t.ok(sums.every((sum) => sum >= 1), `good, too long, not COBS, short, bad CRC: ${sums}`);
  });
