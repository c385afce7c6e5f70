import { File, FS, ready, type Group } from "h5wasm";
import t from "tap";
import { readHdf5, stopHdf5 } from "../../models/importers/hdf5.js";
import { readNetx, type NetxOptions } from "../../models/importers/netx.js";
import { Probe } from "../conformance/network.js";

t.teardown(stopHdf5);

/** A number, numbers, numbers of a shape, a word, or a group of these. */
type Entry = number | string | readonly number[] | { readonly shape: readonly number[]; readonly data: readonly number[] } | Entries;
interface Entries {
  readonly [name: string]: Entry;
}

async function netx(layers: readonly Entries[], options: Partial<NetxOptions> = {}): Promise<ReturnType<typeof readNetx>> {
  await ready;
  const file = new File("/written.net", "w");
  write(file.create_group("layer"), Object.fromEntries(layers.map((layer, i) => [String(i), layer])));
  file.close();
  const bytes = (FS!.readFile("/written.net") as Uint8Array).slice();
  return readNetx(await readHdf5(bytes, "test.net"), { input: "drive", cap: 127, timesteps: 8, ...options });
}

function write(group: Group, entries: Entries): void {
  for (const [name, entry] of Object.entries(entries)) {
    if (typeof entry === "string") group.create_dataset({ name, data: [entry], shape: [1], dtype: "S10" });
    else if (typeof entry === "number") group.create_dataset({ name, data: BigInt64Array.of(BigInt(entry)), shape: [] });
    else if (isNumbers(entry)) group.create_dataset({ name, data: Float32Array.from(entry), shape: [entry.length] });
    else if (isTensor(entry)) group.create_dataset({ name, data: Float32Array.from(entry.data), shape: [...entry.shape] });
    else write(group.create_group(name), entry);
  }
}
const isNumbers = (entry: Entry): entry is readonly number[] => Array.isArray(entry);
const isTensor = (entry: Entry): entry is { shape: readonly number[]; data: readonly number[] } =>
  typeof entry === "object" && "shape" in entry && "data" in entry;

const neuron = (more: Entries = {}): Entries => ({
  type: "LOIHI",
  iDecay: 4096,
  vDecay: 1024,
  vThMant: 25,
  refDelay: 1,
  wgtExp: 0,
  ...more,
});
const input = (n: number): Entries => ({ type: "input", shape: [n] });
const dense = (shape: readonly number[], data: readonly number[], more: Entries = {}): Entries => ({
  type: "dense",
  weight: { shape, data },
  neuron: neuron(),
  ...more,
});

/** Lava's bit-accurate CUBA LIF, from its formulas: u and v decay towards zero over 4096, strict comparison, reset to zero. */
function lava(drives: readonly number[], iDecay: number, vDecay: number, threshold: number): number[] {
  const decayed = (value: number, decay: number): number => Math.trunc((value * (4096 - decay)) / 4096);
  let [u, v] = [0, 0];
  return drives.map((drive) => {
    u = decayed(u, iDecay) + drive;
    v = decayed(v, vDecay) + u;
    if (v <= threshold) return 0;
    v = 0;
    return 1;
  });
}

t.test("currents, exponents, odd decays: Lava's formulas", async (t) => {
  const frames = Array.from({ length: 200 }, (_, step) => [Number(step % 3 === 0), Number(step % 7 < 2)]);
  for (const [iDecay, vDecay, exponent] of [
    [4096, 0, 0],
    [1000, 300, 0],
    [777, 1, 1],
    [3, 4095, -2],
    [4096, 4096, 0],
  ] as const) {
    const layer = dense([1, 2], [9, -5], { neuron: neuron({ type: "CUBA", iDecay, vDecay, wgtExp: exponent }), bias: [0] });
    const { graph } = await netx([input(2), layer]);
    const probe = new Probe(graph, 200, ["1"]);
    const ours = frames.map((frame) => probe.step(frame)("1")[0]!);
    const wanted = lava(
      frames.map(([a, b]) => (9 * a! - 5 * b!) * 2 ** (6 + exponent)),
      iDecay,
      vDecay,
      25 << 6,
    );
    t.same(ours, wanted, `iDecay ${iDecay}, vDecay ${vDecay}, exponent ${exponent}: ${wanted.reduce((a, b) => a + b)} spikes`);
  }
});

t.test("even weights beyond 127 count in twos", async (t) => {
  const { graph } = await netx([input(2), dense([1, 2], [254, -128])]);
  t.match(
    graph.nodes.find(({ type }) => type === "Linear"),
    { weight: Int8Array.of(127, -64) },
  );
  t.match(
    graph.nodes.find(({ name }) => name === "1"),
    { multiplier: 128, shift: 0, threshold: 1600 },
  );
});

t.test("an input layer with neurons takes the drive, or counts that it transforms", async (t) => {
  const first = { type: "input", shape: [2], weight: [36], bias: [34], neuron: neuron() };
  const drive = await netx([first, dense([1, 2], [1, 1])]);
  t.match(drive.graph.nodes.slice(0, 2), [
    { type: "Input", dtype: "i8", bound: 127 },
    { name: "0", multiplier: 64 },
  ]);
  t.match(drive.notes, [{ text: "frames hold the drive 36 · x + 34, worked out by whoever makes them" }]);
  const counts = await netx([first, dense([1, 2], [1, 1])], { input: "counts", cap: 15 });
  t.match(counts.graph.nodes.slice(0, 2), [
    { type: "Input", dtype: "u8", bound: 15 },
    { name: "0", multiplier: 36 * 64, leak: 34 * 64 },
  ]);
});

t.test("delays, and images that a dense layer flattens", async (t) => {
  const conv = {
    type: "conv",
    weight: { shape: [2, 1, 2, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] },
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    neuron: neuron(),
    delay: [2, 2],
  };
  const { graph, outputs } = await netx([{ type: "input", shape: [1, 3, 3] }, conv, dense([3, 8], new Array<number>(24).fill(1))]);
  t.equal(outputs, 3);
  t.match(
    graph.nodes.map(({ type }) => type),
    ["Input", "Conv2d", "LIF", "Delay", "Flatten", "Linear", "LIF", "I"],
  );
  t.match(graph.nodes[3], { steps: 2, shape: [2, 2, 2] });
});

t.test("what Lava could not run either is refused by layer", async (t) => {
  const cases: readonly (readonly [readonly Entries[], RegExp])[] = [
    [[dense([1, 2], [1, 1])], /layer 0: type 'dense'/],
    [[input(2), { type: "average" }], /layer 1: type 'average' is not known/],
    [[input(3), dense([1, 2], [1, 1])], /layer 1: dense weights of shape \[1, 2\] read \[3\]/],
    [[input(2), dense([1, 2], [200, 1])], /layer 1: odd weights beside one of 200/],
    [[input(2), dense([1, 2], [0.5, 1])], /layer 1: weights must be whole numbers/],
    [[input(2), dense([1, 2], [1, 1], { neuron: neuron({ type: "SDNN" }) })], /layer 1\/neuron: neurons of type 'SDNN'/],
    [[input(2), dense([1, 2], [1, 1], { neuron: neuron({ refDelay: 4 }) })], /refractory delay/],
    [[input(2), dense([1, 2], [1, 1], { neuron: neuron({ vThMant: 0 }) })], /vThMant must be whole numbers from 1/],
    [[input(2), dense([2, 2], [1, 1, 1, 1], { delay: [1, 2] })], /delays that differ/],
  ];
  for (const [layers, message] of cases) await t.rejects(netx(layers), { name: "ModelError", message }, String(message));
});
