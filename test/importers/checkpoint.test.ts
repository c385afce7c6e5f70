import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { Fire, FrameKind, Order, Reset } from "../../assembly/abi.js";
import { packageRoot } from "../../host/root.js";
import { readCheckpoint } from "../../models/importers/checkpoint.js";
import { ModelError } from "../../models/errors.js";
import type { IntegerNode } from "../../models/graph/integer.js";
import { describeGraph } from "../../models/package/describe.js";
import { lower } from "../../models/package/lower.js";
import { SMALL_CARD, SMALL_GRAPH, smallProgram } from "../package/networks.js";
import { seeds } from "../seeds.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A safetensors file: tensors in the order given, `metadata` beside them. */
function safetensors(tensors: Readonly<Record<string, Int8Array | Int32Array>>, metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, data]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: data instanceof Int8Array ? "I8" : "I32", shape: [data.length], data_offsets: [begin, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return Uint8Array.from(Buffer.concat([length, header, ...Object.values(tensors).map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength))]));
}

/** The small graph as the trainer writes graphs: enums as words, arrays as references. */
function written(): { tensors: Record<string, Int8Array | Int32Array>; metadata: { [key: string]: Json } } {
  const tensors: Record<string, Int8Array | Int32Array> = {};
  const described = describeGraph(SMALL_GRAPH) as unknown as { nodes: { [member: string]: Json }[]; outputs: string[] };
  const nodes = SMALL_GRAPH.nodes.map((node, i) => Object.fromEntries(Object.entries(node).map(([member, value]) => {
    if (!(value instanceof Int8Array || value instanceof Int32Array)) return [member, described.nodes[i]![member]!];
    const tensor = `${node.name}.${member}`;
    tensors[tensor] = value;
    return [member, { tensor }];
  })));
  const { scores, ...card } = SMALL_CARD;
  assert.ok(scores.length > 0);
  return { tensors, metadata: { format: 1, card: card as unknown as Json, nodes, outputs: described.outputs } };
}

function file(change: (metadata: { [key: string]: Json }) => void = () => undefined): Uint8Array {
  const { tensors, metadata } = written();
  const copy = structuredClone(metadata);
  change(copy);
  return safetensors(tensors, { saccade: JSON.stringify(copy) });
}

t.test("a checkpoint gives the graph and the card that were written", async (t) => {
  const { graph, card } = readCheckpoint(file());
  t.strictSame(graph, SMALL_GRAPH);
  t.strictSame(card, { ...SMALL_CARD, scores: [] });
  t.strictSame(readCheckpoint(Buffer.from(file())).graph, SMALL_GRAPH, "from a Buffer, whose slice() is a view");
  t.strictSame(lower(graph, { timesteps: 5, frame: FrameKind.Counts, frameCap: 15 }), smallProgram());
});

t.test("every node type and every optional member is read", async (t) => {
  const nodes: Json = [
    { type: "Input", name: "input", shape: [4, 4, 1], dtype: "i8", bound: 1 },
    { type: "Requantise", name: "q", input: "input", multiplier: 3, shift: 1, rounding: "toward-zero", offset: -2, dtype: "i16",
      fractionBits: 4 },
    { type: "Add", name: "add", inputs: ["q", "q"] },
    { type: "Concat", name: "concat", inputs: ["add", "q"] },
    { type: "AvgPool2d", name: "avg", input: "concat", kernel: [2, 2], stride: [2, 2], padding: [0, 0], multiplier: 64, shift: 8,
      fractionBits: 4 },
    { type: "Upsample", name: "up", input: "avg", factor: [2, 2] },
    { type: "GlobalMean", name: "mean", input: "up", multiplier: 16, shift: 8, fractionBits: 4 },
    { type: "Delay", name: "delay", input: "mean", steps: 2, shape: [1, 1, 2], dtype: "i32", bound: 1000 },
    { type: "Threshold", name: "steps", input: "delay", leak: 1, thresholds: { tensor: "steps" }, maxCount: 2 },
    { type: "Counts", name: "counts", input: "mean", multiplier: 2, shift: 1, fractionBits: 1, fire: "half-even", maxCount: 4 },
    {
      type: "CubaLIF", name: "cuba", input: "counts", decay: { form: "multiply", values: 7, bits: 3, rounding: "floor" },
      order: "input-first",
      vMin: -10, vMax: 10, dtype: "i32", fractionBits: 0, threshold: 5, fire: "above", maxCount: 1, reset: "value", resetValue: -1,
      resetDelayed: true,
      currentDecay: { form: "multiply", values: 1, bits: 1, rounding: "half-even" }, currentOld: true, windowReset: true,
    },
  ];
  const bytes = safetensors({ steps: Int32Array.of(1, 2) }, {
    saccade: JSON.stringify({ format: 1, card: SMALL_CARD, nodes, outputs: ["cuba"] } as unknown as Json),
  });
  const { graph } = readCheckpoint(bytes);
  t.equal(graph.nodes.length, (nodes as readonly Json[]).length);
  t.match(graph.nodes.at(-1), { fire: Fire.Above, reset: Reset.Value, order: Order.InputFirst, resetDelayed: true, currentOld: true,
    windowReset: true });
  t.doesNotThrow(() => lower(graph, { timesteps: 1, frame: FrameKind.LastPolarity, frameCap: 1 }));
});

t.test("the width of weights is read", async (t) => {
  for (const bits of [4, 8]) {
    const { graph } = readCheckpoint(file((metadata) => {
      for (const i of [1, 5]) nodeOf(metadata, i)["weightBits"] = bits;
    }));
    t.match(graph.nodes[1], { type: "Conv2d", weightBits: bits });
    t.match(graph.nodes[5], { type: "Linear", weightBits: bits });
  }
});

t.test("weights of their own for each timestep are read", async (t) => {
  const { graph } = readCheckpoint(file((metadata) => {
    for (const i of [1, 5]) nodeOf(metadata, i)["timesteps"] = 3;
  }));
  t.match(graph.nodes[1], { type: "Conv2d", timesteps: 3 });
  t.match(graph.nodes[5], { type: "Linear", timesteps: 3 });
});

type Change = (metadata: { [key: string]: Json }) => void;
const nodeOf = (metadata: { [key: string]: Json }, i: number) => (metadata["nodes"] as { [key: string]: Json }[])[i]!;

const REFUSED: readonly (readonly [what: string, says: RegExp, change: Change])[] = [
  ["another format", /format 2/, (m) => { m["format"] = 2; }],
  ["an unknown member", /unknown member "more"/, (m) => { m["more"] = 1; }],
  ["an unknown node member", /unknown member "slope"/, (m) => { nodeOf(m, 1)["slope"] = 1; }],
  ["an unknown node type", /"Conv9d"/, (m) => { nodeOf(m, 1)["type"] = "Conv9d"; }],
  ["an unknown word", /"sideways"/, (m) => { nodeOf(m, 2)["fire"] = "sideways"; }],
  ["a missing member", /has no stride/, (m) => { delete nodeOf(m, 1)["stride"]; }],
  ["a null member", /bias is no record/, (m) => { nodeOf(m, 1)["bias"] = null; }],
  ["a missing tensor", /names the tensor gone/, (m) => { nodeOf(m, 1)["weight"] = { tensor: "gone" }; }],
  ["a tensor of another dtype", /is I32, not I8/, (m) => { nodeOf(m, 1)["weight"] = { tensor: "conv.bias" }; }],
  ["weights of a width that is none", /weightBits is 5/, (m) => { nodeOf(m, 1)["weightBits"] = 5; }],
  ["weights for no timestep", /timesteps/, (m) => { nodeOf(m, 1)["timesteps"] = 0; }],
  ["a fraction", /1\.5/, (m) => { nodeOf(m, 2)["vMax"] = 1.5; }],
  ["a shape of two", /shape is a list of 2/, (m) => { nodeOf(m, 0)["shape"] = [4, 4]; }],
  ["a card without labels", /card has no labels/, (m) => { delete (m["card"] as { [key: string]: Json })["labels"]; }],
  ["a card with a wrong version", /version/, (m) => { (m["card"] as { [key: string]: Json })["version"] = "one"; }],
];

for (const [what, says, change] of REFUSED)
  t.test(`refuses ${what}`, async (t) => {
    t.throws(() => readCheckpoint(file(change)), { name: "ModelError", code: "NETWORK_CORRUPT", message: says });
  });

t.test("refuses a safetensors file without our graph, and one that is none", async (t) => {
  t.throws(() => readCheckpoint(safetensors({}, {})), { code: "NETWORK_CORRUPT", message: /no metadata saccade/ });
  t.throws(() => readCheckpoint(safetensors({}, { saccade: "{" })), { code: "NETWORK_CORRUPT" });
  t.throws(() => readCheckpoint(Uint8Array.from(Buffer.from("PK\u0003\u0004 a ZIP archive"))), { code: "NETWORK_CORRUPT" });
  t.throws(() => readCheckpoint(new Uint8Array(3)), { code: "NETWORK_CORRUPT" });
});

const LAYOUTS: readonly (readonly [what: string, says: RegExp, header: Json])[] = [
  ["a hole", /begins at 4, where 0/, { a: { dtype: "I8", shape: [4], data_offsets: [4, 8] } }],
  ["an overlap", /begins at 2, where 4/,
    { a: { dtype: "I8", shape: [4], data_offsets: [0, 4] }, b: { dtype: "I8", shape: [6], data_offsets: [2, 8] } }],
  ["bytes left over", /4 bytes follow/, { a: { dtype: "I8", shape: [4], data_offsets: [0, 4] } }],
  ["a wrong size", /shape 2 has 8 bytes/, { a: { dtype: "I8", shape: [2], data_offsets: [0, 8] } }],
  ["an unknown dtype", /no known dtype/, { a: { dtype: "I9", shape: [8], data_offsets: [0, 8] } }],
  ["an end beyond the file", /of 8 bytes/, { a: { dtype: "I8", shape: [9], data_offsets: [0, 9] } }],
  ["a huge shape", /shape/, { a: { dtype: "I8", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 8] } }],
  ["a negative shape", /no shape/, { a: { dtype: "I8", shape: [-8], data_offsets: [0, 8] } }],
  ["metadata that is no text", /metadata/, { __metadata__: { saccade: 1 }, a: { dtype: "I8", shape: [8], data_offsets: [0, 8] } }],
];

for (const [what, says, header] of LAYOUTS)
  t.test(`refuses a safetensors file with ${what}`, async (t) => {
    const text = Buffer.from(JSON.stringify(header));
    const bytes = Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(text.length)).buffer), text, new Uint8Array(8)]);
    t.throws(() => readCheckpoint(bytes), { code: "NETWORK_CORRUPT", message: says });
  });

for (const seed of seeds())
  t.test(`torn and flipped checkpoints give a ModelError or a checkpoint, seed ${seed}`, async () => {
    const intact = file();
    const changes = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(changes, fc.oneof(fc.constant(0), fc.nat(intact.length)), (bytes, cut) => {
      const changed = intact.slice(0, intact.length - cut);
      for (const [at, value] of bytes) if (at < changed.length) changed[at] = value;
      try {
        const { graph } = readCheckpoint(changed);
        lower(graph, { timesteps: 5, frame: FrameKind.Counts, frameCap: 15 });
      } catch (error) {
        assert.ok(error instanceof ModelError, String(error));
      }
    }), { seed, numRuns: 600 });
  });

const ZOO_CHECKPOINT = new URL("models/zoo/nmnist/nmnist.safetensors", packageRoot);

const zoo = { skip: existsSync(ZOO_CHECKPOINT) ? false : "needs the zoo's checkpoint" };

t.test("the trainer's own checkpoint is read and lowered", zoo, async (t) => {
  const bytes = readFileSync(ZOO_CHECKPOINT);
  const { graph, card } = readCheckpoint(bytes);
  const types = (nodes: readonly IntegerNode[]) => nodes.map(({ type }) => type);
  t.same([types(graph.nodes)[0], types(graph.nodes).at(-1)], ["Input", "I"]);
  t.equal(card.labels.length, 10);
  t.doesNotThrow(() => lower(graph, { timesteps: card.framing.timesteps, frame: FrameKind.Counts, frameCap: card.framing.cap }));
});
