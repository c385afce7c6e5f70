import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import type { FloatGraph, FloatNode } from "../../models/graph/graph.js";
import { readHdf5, stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork } from "../../models/importers/network.js";
import { readNir } from "../../models/importers/nir.js";
import { lower } from "../../models/package/lower.js";
import { planOf } from "../../models/package/writer.js";
import { needs, sharedData } from "../data.js";
import { nirFile, type GraphSpec, type NodeSpec } from "./nir-file.js";

t.teardown(stopHdf5);

const read = async (graph: GraphSpec, options = {}): Promise<{ graph: FloatGraph; notes: readonly { text: string }[] }> =>
  readNir(await readHdf5(await nirFile(graph, options), "test.nir"));
const only = async (node: NodeSpec): Promise<FloatNode> => (await read({ nodes: { n: node }, edges: [["n", "n"]] })).graph.nodes.get("n")!;
const numbers = (shape: readonly number[], first = 1): { shape: readonly number[]; data: Float64Array } => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i / 8),
});
const scalar = (value: number): unknown => ({ shape: [], data: Float64Array.of(value) });

t.test("every node type, field for field", async (t) => {
  const [w2, w3, w4, b] = [numbers([2, 3]), numbers([2, 3, 4]), numbers([2, 3, 4, 5]), numbers([2])];
  const pool = { kernel_size: [2, 3], stride: [2, 1], padding: [0, 1] };
  const pooled = { kernel: [2, 3], stride: [2, 1], padding: [0, 1] };
  const cuba = { tau_syn: 0.1, tau_mem: 0.2, r: 3, v_leak: 0.5, w_in: 2 };
  const cubaRead = { tauSyn: scalar(0.1), tauMem: scalar(0.2), r: scalar(3), vLeak: scalar(0.5), wIn: scalar(2) };
  const cases: readonly (readonly [NodeSpec, unknown])[] = [
    [
      { type: "Input", shape: [2, 3] },
      { type: "Input", shape: [2, 3] },
    ],
    [
      { type: "Output", output_type: [4] },
      { type: "Output", shape: [4] },
    ],
    [
      { type: "Affine", weight: w2, bias: b },
      { type: "Affine", weight: w2, bias: b },
    ],
    [
      { type: "Linear", weight: w2 },
      { type: "Linear", weight: w2 },
    ],
    [
      { type: "Scale", scale: b },
      { type: "Scale", scale: b },
    ],
    [
      { type: "Conv1d", weight: w3, bias: b, stride: [2], padding: "same", dilation: [3], groups: [1] },
      { type: "Conv1d", weight: w3, bias: b, stride: 2, padding: "same", dilation: 3, groups: 1 },
    ],
    [
      { type: "Conv2d", weight: w4, bias: b, stride: [2, 1], padding: [1, 0], dilation: [1, 3], groups: [2], input_shape: [9, 9] },
      { type: "Conv2d", weight: w4, bias: b, stride: [2, 1], padding: [1, 0], dilation: [1, 3], groups: 2 },
    ],
    [
      { type: "SumPool2d", ...pool },
      { type: "SumPool2d", ...pooled },
    ],
    [
      { type: "AvgPool2d", ...pool },
      { type: "AvgPool2d", ...pooled },
    ],
    [
      { type: "Flatten", input_type: [3, 4, 5], start_dim: [0], end_dim: [-1] },
      { type: "Flatten", startDim: 0, endDim: -1, rank: 3 },
    ],
    [
      { type: "Delay", delay: b },
      { type: "Delay", delay: b },
    ],
    [
      { type: "Threshold", threshold: b },
      { type: "Threshold", threshold: b },
    ],
    [
      { type: "I", r: 2 },
      { type: "I", r: scalar(2) },
    ],
    [
      { type: "IF", r: 2, v_threshold: 3 },
      { type: "IF", r: scalar(2), vThreshold: scalar(3), vReset: scalar(0) },
    ],
    [
      { type: "LI", tau: 2, r: 3, v_leak: 4 },
      { type: "LI", tau: scalar(2), r: scalar(3), vLeak: scalar(4) },
    ],
    [
      { type: "LIF", tau: 2, r: 3, v_leak: 4, v_threshold: 5, v_reset: -6 },
      { type: "LIF", tau: scalar(2), r: scalar(3), vLeak: scalar(4), vThreshold: scalar(5), vReset: scalar(-6) },
    ],
    [
      { type: "CubaLI", ...cuba },
      { type: "CubaLI", ...cubaRead },
    ],
    [
      { type: "CubaLIF", ...cuba, v_threshold: 1 },
      { type: "CubaLIF", ...cubaRead, vThreshold: scalar(1), vReset: scalar(0) },
    ],
  ];
  for (const [written, wanted] of cases) t.strictSame(await only(written), wanted, written.type);
});

t.test("fields that are wrong are refused by name", async (t) => {
  const cases: readonly (readonly [NodeSpec, RegExp, string?])[] = [
    [{ type: "Softmax" }, /node n: type 'Softmax' is not known/, "NETWORK_UNSUPPORTED"],
    [{ type: "Linear" }, /node n: has no weight/],
    [{ type: "Linear", weight: numbers([2, 3, 4]) }, /must have 2 dimensions/],
    [{ type: "Linear", weight: "text" }, /not an array of numbers/],
    [{ type: "Linear", weight: { shape: [1, 2], data: [1, NaN] } }, /not finite/],
    [{ type: "Affine", weight: numbers([2, 3]), bias: numbers([3]) }, /bias of 3 values for 2 outputs/],
    [{ type: "LIF", tau: 0, r: 1, v_threshold: 1 }, /tau must be positive/],
    [{ type: "SumPool2d", kernel_size: [0, 2], stride: [1, 1], padding: [0, 0] }, /kernel_size must be whole numbers from 1/],
    [{ type: "Conv2d", weight: numbers([1, 1, 1, 1]), padding: "reflect" }, /padding 'reflect'/],
    [{ type: "Delay", delay: -1 }, /must not be negative/],
  ];
  for (const [node, message, code = "NETWORK_CORRUPT"] of cases) await t.rejects(only(node), { code, message });
});

t.test("edges are a set, and only of nodes that are there", async (t) => {
  const nodes = { input: { type: "Input", shape: [1] }, "a.b": { type: "I", r: 1 }, output: { type: "Output", shape: [1] } };
  const { graph, notes } = await read({
    nodes,
    edges: [
      ["input", "a.b"],
      ["a.b", "output"],
      ["input", "a.b"],
    ],
  });
  t.same(graph.edges, [
    { from: "input", to: "a.b" },
    { from: "a.b", to: "output" },
  ]);
  t.match(
    notes.map(({ text }) => text),
    [/stands twice/],
  );
  await t.rejects(
    read({
      nodes,
      edges: [
        ["input", "x"],
        ["y", "output"],
        ["input", "a.b"],
      ],
    }),
    { code: "NETWORK_CORRUPT", message: /no such node/ },
  );
});

t.test("a file's encoding changes nothing", async (t) => {
  const graph: GraphSpec = {
    nodes: {
      input: { type: "Input", shape: [3] },
      fc: { type: "Linear", weight: numbers([4, 3]) },
      out: { type: "IF", r: 1, v_threshold: 2 },
    },
    edges: [
      ["input", "fc"],
      ["fc", "out"],
    ],
  };
  const plain = (await read(graph)).graph;
  for (const options of [{ gzip: true }, { latest: true }, { gzip: true, latest: true }, { single: true }])
    t.strictSame((await read(graph, options)).graph, plain, JSON.stringify(options));
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  "2023-09-01_3049cfa1_Braille_snntorch.nir": /is a PyTorch zip archive, not HDF5/,
  "2023-09-26_ac9b3878_scnn_mnist.nir": /node 9: Affine wants 128 inputs, its input is \[1568\]/,
  "2023-10-04_c381ba29_braille.nir": /inputs of \[63\] and \[16\] cannot be added/,
};

t.test("two years of files of the NIR project", needs("nir/NIR"), async (t) => {
  for (const folder of ["nir/NIR", "nir/NIR/history", "nir/synthetic"]) {
    for (const name of readdirSync(sharedData(folder)!).filter((file) => file.endsWith(".nir"))) {
      const imported = importNetwork(readFileSync(sharedData(`${folder}/${name}`)!), { name, ruleName: "snntorch" });
      const message = REFUSED[name];
      if (message !== undefined) await t.rejects(imported, { code: "NETWORK_CORRUPT", message }, name);
      else {
        const { graph, timesteps, cap, outputs } = await imported;
        const program = lower(graph, { timesteps, frame: 0, frameCap: cap });
        t.equal(program.tensors[program.outputs[0]!]!.c, outputs, name);
      }
    }
  }
});

t.test("one network in three encodings is one plan", needs("nir/synthetic"), async (t) => {
  const plans = await Promise.all(
    ["NIR/cnn_sinabs.nir", "synthetic/cnn_gzip_vreset.nir", "synthetic/cnn_gzip_latest.nir"].map(async (file) => {
      const { graph, timesteps, cap } = await importNetwork(readFileSync(sharedData(`nir/${file}`)!), { name: file, ruleName: "sinabs" });
      const program = lower(graph, { timesteps, frame: 1, frameCap: cap });
      return Buffer.concat([planOf(program), program.constants]).toString("hex");
    }),
  );
  t.equal(new Set(plans).size, 1);
});

t.test("the same Braille network nested and flattened spikes alike", needs("nir/NIR"), async (t) => {
  const plans = await Promise.all(
    ["braille_noDelay_bias_zero.nir", "braille_noDelay_bias_zero_subgraph.nir"].map(async (name) => {
      const { graph, timesteps, cap, report } = await importNetwork(readFileSync(sharedData(`nir/NIR/${name}`)!), {
        name,
        ruleName: "snntorch",
        rule: { reset: "zero" },
      });
      t.match(
        report.notes.filter(({ pass }) => pass === "cycles"),
        [{ text: /one timestep late/ }],
      );
      return Buffer.from(lower(graph, { timesteps, frame: 0, frameCap: cap }).constants).toString("hex");
    }),
  );
  t.equal(plans[0], plans[1]);
});
