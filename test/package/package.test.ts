import { decode as strictDecode, encode as strictEncode, rfc8949EncodeOptions } from "cborg";
import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { MOST_MICROS } from "../../host/denoise/filter.js";
import { MOST_RATE } from "../../host/denoise/hot-pixels.js";
import type { Card } from "../../models/package/card.js";
import { MOST_DENOISE_MICROS, MOST_DENOISE_RATE } from "../../models/package/card-check.js";
import { decodeCbor, encodeCbor, type CborValue } from "../../models/package/cbor.js";
import { PACKAGE_FORMAT, type SectionName } from "../../models/package/sections.js";
import { buildPackage, packageOf } from "../../models/package/writer.js";
import { readPackage } from "../../models/package/reader.js";
import { makeSelfTest } from "../../models/package/self-test.js";
import { seeds } from "../seeds.js";
import { ANY_DIGEST, SMALL_CARD, smallProgram } from "./networks.js";

const program = smallProgram();
const selfTest = await makeSelfTest(program, () => ANY_DIGEST);
const graph = { nodes: [{ type: "Conv2d", scale: 0.1, big: 2 ** 40, low: -(2 ** 31) - 1 }], import_report: { assumed: ["dt = 1 ms"] } };
const bytes = buildPackage({ program, card: SMALL_CARD, graph, selfTest });

t.test("what is written is read", async (t) => {
  const read = readPackage(bytes);
  t.strictSame(read.card, SMALL_CARD);
  t.strictSame(read.graph, graph);
  t.strictSame(read.selfTest, selfTest);
  t.strictSame(read.constants, program.constants);
  t.strictSame(read.names.ops, program.ops.map(({ name }) => name));
  t.equal(read.signature, undefined);
  const buffer = Buffer.from(bytes);
  t.strictSame(readPackage(buffer), read, "from a Buffer, whose slice() is a view");
  t.ok(buffer.equals(bytes), "which stays as it was");
});

t.test("a strict decoder reads the file and its sections, and writes the same bytes", async (t) => {
  const options = { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true };
  const again = (part: Uint8Array) => Buffer.from(strictEncode(strictDecode(part, options), { ...rfc8949EncodeOptions, float64: true }));
  const { sections } = strictDecode(bytes, options) as { sections: Record<string, Uint8Array> };
  t.ok(again(bytes).equals(bytes));
  for (const name of ["card", "graph", "selftest"]) t.ok(again(sections[name]!).equals(sections[name]!), name);
});

t.test("names from elsewhere are made fit to show", async (t) => {
  const named = { ...program, ops: program.ops.map((op, i) => ({ ...op, name: ["", "two\nlines", "long".repeat(99)][i] ?? op.name })) };
  const { names } = readPackage(buildPackage({ program: named, card: SMALL_CARD, graph, selfTest }));
  t.strictSame(names.ops.slice(0, 2), ["?", "two?lines"]);
  t.equal(names.ops[2]!.length, 200);
});

/** What a card may say of unknown input. */
const OPEN_SET = { enter: { logit: 900, margin: 200 }, stay: { logit: 500, margin: 0 }, forget: 3, leastEvents: 40, idle: [SMALL_CARD.labels[0]!] };

t.test("what a card asks of a window is format 2's; a card without it stays format 1", async (t) => {
  const formatOf = (file: Uint8Array) => (decodeCbor(file, { depth: 2, items: 64 }) as Record<string, CborValue>)["format"];
  const card = { ...SMALL_CARD, openSet: OPEN_SET };
  const open = buildPackage({ program, card, graph, selfTest });
  t.strictSame(readPackage(open).card, card);
  t.strictSame([formatOf(open), formatOf(bytes)], [2, 1]);
  const { sections } = decodeCbor(open, { depth: 2, items: 64 }) as unknown as { sections: Record<SectionName, Uint8Array> };
  t.throws(() => readPackage(packageOf(sections, undefined, 1)), { code: "PACKAGE_INVALID", message: /format 1/ });
});

t.test("the noise that a card takes out is format 2's, within the ranges of the host's filters", async (t) => {
  t.strictSame([MOST_DENOISE_MICROS, MOST_DENOISE_RATE], [MOST_MICROS, MOST_RATE]);
  for (const denoise of [{ backgroundActivityMicros: 10_000 }, { hotPixelRate: MOST_RATE, refractoryMicros: 1 }, { backgroundActivityMicros: MOST_MICROS }]) {
    const card = { ...SMALL_CARD, denoise }, file = buildPackage({ program, card, graph, selfTest });
    t.strictSame(readPackage(file).card, card);
    const decoded = decodeCbor(file, { depth: 2, items: 64 });
    const { format, sections } = decoded as unknown as { format: number; sections: Record<SectionName, Uint8Array> };
    t.equal(format, 2);
    t.throws(() => readPackage(packageOf(sections, undefined, 1)), { code: "PACKAGE_INVALID", message: /format 1/ });
  }
});

const CARDS: readonly (readonly [what: string, says: RegExp, card: unknown])[] = [
  ["labels that are no logits", /2 labels and the network 3/, { ...SMALL_CARD, labels: ["a", "b"] }],
  ["one label twice", /twice/, { ...SMALL_CARD, labels: ["a", "b", "a"] }],
  ["another sensor", /9 × 6/, { ...SMALL_CARD, sensor: { kind: "dvs", width: 9, height: 6 } }],
  ["no sensor", /no sensor/, { ...SMALL_CARD, sensor: { kind: "none" } }],
  ["other timesteps", /4 timesteps/, { ...SMALL_CARD, framing: { ...SMALL_CARD.framing, timesteps: 4 } }],
  ["another cap", /caps counts at 14/, { ...SMALL_CARD, framing: { ...SMALL_CARD.framing, cap: 14 } }],
  ["another frame", /last-polarity/, { ...SMALL_CARD, framing: { ...SMALL_CARD.framing, frame: "last-polarity" } }],
  ["a window without length", /no windowEvents/, { ...SMALL_CARD, framing: { ...SMALL_CARD.framing, kind: "mixed" } }],
  ["more wins than windows", /vote.wins is 4/, { ...SMALL_CARD, vote: { wins: 4, of: 3 } }],
  ["more to stay than to enter", /stay than to enter/, { ...SMALL_CARD, openSet: { ...OPEN_SET, stay: { logit: 901, margin: 0 } } }],
  ["an idle label that is none", /idle names "rest"/, { ...SMALL_CARD, openSet: { ...OPEN_SET, idle: ["rest"] } }],
  ["a margin below nothing", /margin is -1/, { ...SMALL_CARD, openSet: { ...OPEN_SET, enter: { logit: 0, margin: -1 } } }],
  ["a filter that looks back for ever", /Micros is 60000001/, { ...SMALL_CARD, denoise: { backgroundActivityMicros: MOST_MICROS + 1 } }],
  ["a filter of no time", /refractoryMicros is 0/, { ...SMALL_CARD, denoise: { refractoryMicros: 0 } }],
  ["half an event", /hotPixelRate is 0.5/, { ...SMALL_CARD, denoise: { hotPixelRate: 0.5 } }],
  ["a filter of another name", /unknown member "median"/, { ...SMALL_CARD, denoise: { refractoryMicros: 1, median: 3 } }],
  ["no filter of all", /names no filter/, { ...SMALL_CARD, denoise: {} }],
  ["filters that are a list", /denoise/, { ...SMALL_CARD, denoise: [1000] }],
  ["a version of two parts", /version is "1.0"/, { ...SMALL_CARD, version: "1.0" }],
  ["an unknown member", /unknown member "colour"/, { ...SMALL_CARD, colour: "red" }],
  ["an unknown task", /detection/, { ...SMALL_CARD, task: "detection" }],
  ["a score that is none", /value is "high"/, { ...SMALL_CARD, scores: [{ metric: "accuracy", value: "high", n: 1, data: "x" }] }],
  ["provenance that is no text", /provenance.seed is 7/, { ...SMALL_CARD, provenance: { seed: 7 } }],
  ["a name with a newline", /name is/, { ...SMALL_CARD, name: "a\nb" }],
];

for (const [what, says, card] of CARDS)
  t.test(`refuses a card with ${what}`, async (t) => {
    t.throws(() => buildPackage({ program, card: card as Card, graph, selfTest }), { code: "PACKAGE_INVALID", message: says });
    const { sections } = decodeCbor(bytes, { depth: 2, items: 64 }) as unknown as { sections: Record<SectionName, Uint8Array> };
    t.throws(() => readPackage(packageOf({ ...sections, card: encodeCbor(card) })), { code: "PACKAGE_INVALID", message: says });
  });

t.test("a package of another format or ABI is a version error", async (t) => {
  const file = decodeCbor(bytes, { depth: 2, items: 64 }) as Record<string, CborValue>;
  t.throws(() => readPackage(encodeCbor({ ...file, format: PACKAGE_FORMAT + 1 })), { code: "PACKAGE_VERSION", remedy: /update/ });
  t.throws(() => readPackage(encodeCbor({ ...file, abi: [2, 3] })), { code: "PACKAGE_VERSION", remedy: /update/ });
  t.throws(() => readPackage(encodeCbor({ ...file, abi: [0, 0] })), { code: "PACKAGE_VERSION", remedy: /import/ });
  t.equal(readPackage(encodeCbor({ ...file, signature: new Uint8Array(70) })).signature?.length, 70);
});

t.test("JSON's values survive CBOR, in a strict decoder too", async () => {
  const options = { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true };
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    const clean = JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as unknown;
    const encoded = encodeCbor(clean);
    assert.deepEqual(decodeCbor(encoded, { depth: 32, items: 100_000 }), clean);
    assert.deepEqual(strictDecode(encoded, options), clean);
    assert.ok(Buffer.from(strictEncode(clean, { ...rfc8949EncodeOptions, float64: true })).equals(encoded));
  }), { numRuns: 500, seed: seeds()[0]! });
});
