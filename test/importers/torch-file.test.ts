import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { ModelError } from "../../models/errors.js";
import { importNetwork } from "../../models/importers/network.js";
import { graphOfLayers } from "../../models/importers/layers.js";
import { readPickle } from "../../models/importers/pickle.js";
import { readTorchFile } from "../../models/importers/torch-file.js";
import { needs, sharedData } from "../data.js";
import { seeds } from "../seeds.js";
import { storedZip } from "./stored-zip-file.js";

const NOTHING = { constructors: {}, names: new Set<string>() };
const text = (value: string): number[] => [0x8c, value.length, ...Buffer.from(value)];
const global = (module: string, name: string): number[] => [0x63, ...Buffer.from(`${module}\n${name}\n`)];
const pickle = (...words: (number | readonly number[])[]): Uint8Array => Uint8Array.from([0x80, 2, ...words.flat(), 0x2e]);

t.test("plain data is read", async (t) => {
  t.equal(readPickle(pickle(0x4b, 7), NOTHING), 7);
  t.equal(readPickle(pickle(0x4a, 0xfe, 0xff, 0xff, 0xff), NOTHING), -2);
  t.equal(readPickle(pickle(0x8a, 3, 1, 0, 0x80), NOTHING), -8388607);
  t.equal(readPickle(pickle(0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), NOTHING), 1.5);
  t.same(readPickle(pickle(0x28, 0x88, 0x89, 0x4e, text("ab"), 0x74), NOTHING), [true, false, null, "ab"]);
  t.same(readPickle(pickle(0x7d, 0x71, 0, 0x28, text("a"), 0x4b, 1, text("b"), 0x68, 0, 0x75), NOTHING) instanceof Map, true);
  t.same(readPickle(pickle(0x5d, 0x28, 0x4b, 1, 0x4b, 2, 0x65, 0x4b, 3, 0x61), NOTHING), [1, 2, 3]);
});

const refused: readonly (readonly [what: string, bytes: Uint8Array, code: string, says: RegExp])[] = [
  ["a command to run", pickle(global("os", "system"), text("true"), 0x85, 0x52), "NETWORK_UNSUPPORTED", /os\.system/],
  ["the same by the stack", pickle(text("posix"), text("system"), 0x93, text("true"), 0x85, 0x52), "NETWORK_UNSUPPORTED", /posix\.system/],
  ["a name of Object's", pickle(global("x", "constructor"), 0x29, 0x52), "NETWORK_UNSUPPORTED", /x\.constructor/],
  ["a name as a value", pickle(global("builtins", "eval")), "NETWORK_UNSUPPORTED", /builtins\.eval/],
  ["an object made by hand", pickle(global("a", "B"), 0x29, 0x81), "NETWORK_CORRUPT", /opcode 0x81/],
  ["a call of a number", pickle(0x4b, 1, 0x29, 0x52), "NETWORK_CORRUPT", /calls/],
  ["nothing", Uint8Array.of(), "NETWORK_CORRUPT", /ends/],
  ["an empty stack", pickle(), "NETWORK_CORRUPT", /not put down/],
  ["a memory that is not there", pickle(0x68, 9), "NETWORK_CORRUPT", /recalls/],
  ["a far memory", pickle(0x4b, 1, 0x72, 0xff, 0xff, 0xff, 0xff), "NETWORK_CORRUPT", /remembers/],
  ["no mark", pickle(0x4b, 1, 0x74), "NETWORK_CORRUPT", /mark/],
  ["a long text", Uint8Array.of(0x80, 2, 0x58, 0xff, 0xff, 0xff, 0x7f, 0x41), "NETWORK_CORRUPT", /ends/],
];

for (const [what, bytes, code, says] of refused) t.test(`refused: ${what}`, async (t) => void t.throws(() => readPickle(bytes, NOTHING), { code, message: says }));

for (const seed of seeds())
  t.test(`whatever the bytes, a pickle is read or refused (seed ${seed})`, async () => {
    const words = fc.constantFrom(0x28, 0x29, 0x2e, 0x4b, 0x4e, 0x51, 0x52, 0x5d, 0x62, 0x63, 0x65, 0x68, 0x71, 0x73, 0x74, 0x75, 0x7d, 0x85, 0x86, 0x93, 0x94, 0x0a, 0x00);
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.integer({ min: 0, max: 255 })), { maxLength: 60 }), (bytes) => {
        try {
          readPickle(Uint8Array.from(bytes), { constructors: { "a.b": "dict", "c.d": "built", "e.f": "first" }, names: new Set() });
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
        }
      }),
      { seed, numRuns: 3000 },
    );
  });

const WEIGHTS = "dvs/pretrained/sinabs/dvs_gesture_params.pt";
const LAYERS = JSON.stringify({
  input: [2, 6, 6],
  layers: [{ type: "Conv2d", weight: "0.weight", stride: 2 }, { type: "IF" }, { type: "AvgPool2d", kernel: 3 }, { type: "Flatten" }],
});

t.test("a state_dict of PyTorch, and a network of it", needs(WEIGHTS), async (t) => {
  const file = readFileSync(sharedData(WEIGHTS)!);
  const tensors = readTorchFile(file);
  t.same([...tensors].map(([name, { shape }]) => `${name} ${shape.join("x")}`).slice(0, 3), ["0.weight 16x2x2x2", "2.weight 16x16x3x3", "5.weight 32x16x3x3"]);
  t.equal([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0), 171_264);
  t.equal(Math.fround(Math.min(...tensors.get("0.weight")!.data)), Math.fround(-1.2963292598724365));
  const { outputs, report } = await importNetwork(file, { name: "gesture.pt", layers: LAYERS, ruleName: "speck" });
  t.equal(outputs, 16);
  t.equal(report.source.format, "torch");
  for (let cut = 0; cut < file.length; cut += 6007)
    t.throws(() => readTorchFile(file.subarray(0, cut)), { code: "NETWORK_CORRUPT" }, `cut at ${cut}`);
});

t.test("an archive that lies about its tensors is refused", async (t) => {
  const tensor = (type: string, offset: number, size: number): number[] => [
    ...global("torch._utils", "_rebuild_tensor_v2"),
    ...[0x28, 0x28, ...text("storage"), ...global("torch", type), ...text("0"), ...text("cpu"), 0x4b, 4, 0x74, 0x51, 0x4b, offset],
    ...[0x4b, size, 0x85, 0x4b, 1, 0x85, 0x89, 0x29, 0x74, 0x52],
  ];
  const file = (words: number[]): Uint8Array =>
    storedZip({ "n/data.pkl": pickle(0x7d, text("w"), words, 0x73), "n/data/0": Buffer.from(Float32Array.of(1, 2, 3, 4).buffer) });
  t.same([...readTorchFile(file(tensor("FloatStorage", 1, 3))).get("w")!.data], [2, 3, 4]);
  t.throws(() => readTorchFile(file(tensor("FloatStorage", 2, 3))), { code: "NETWORK_CORRUPT", message: /too few/ });
  t.throws(() => readTorchFile(file(tensor("HalfStorage", 0, 3))), { code: "NETWORK_UNSUPPORTED" });
  t.throws(() => readTorchFile(storedZip({ "n/other": Buffer.alloc(1) })), { code: "NETWORK_CORRUPT", message: /data\.pkl/ });
});

const weight = { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
const wrong: readonly (readonly [what: string, layers: unknown, says: RegExp])[] = [
  ["no list", "layers", /no record/],
  ["no layers", { input: [2], layers: [] }, /list of 1\.\./],
  ["no input", { layers: [{ type: "IF" }] }, /has no input/],
  ["an unknown layer", { input: [2], layers: [{ type: "GRU" }] }, /type is "GRU", not one of/],
  ["a tensor that is not there", { input: [2], layers: [{ type: "Linear", weight: "v" }] }, /has no tensor v, but w/],
  ["a weight of another rank", { input: [2], layers: [{ type: "Conv2d", weight: "w" }] }, /shape \[3, 2\]/],
  ["a member too many", { input: [2], layers: [{ type: "IF", beta: 1 }] }, /unknown member "beta"/],
];
for (const [what, layers, says] of wrong)
  t.test(`layers refused: ${what}`, async (t) =>
    void t.throws(() => graphOfLayers(JSON.stringify(layers), new Map([["w", weight]])), { code: "NETWORK_CORRUPT", message: says }));
