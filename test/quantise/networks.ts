import { exactWeights, type GraphSpec, type NestedSpec, type NodeSpec } from "../importers/nir-file.js";

export interface NetworkCase {
  readonly name: string;
  /** [C, H, W], [C, L] or [N] */
  readonly input: readonly number[];
  readonly graph: GraphSpec;
  /** Spiking nodes to compare besides the output, by their name after inlining. */
  readonly spiking: readonly string[];
  /** Nodes that we keep as [C, H, W] where the file has flattened them. */
  readonly images?: Readonly<Record<string, readonly number[]>>;
}

type Nodes = Readonly<Record<string, NodeSpec | NestedSpec>>;

/** input ▶ a ▶ b ▶ … ▶ output */
function chain(input: readonly number[], nodes: Nodes): GraphSpec {
  const names = ["input", ...Object.keys(nodes), "output"];
  return {
    nodes: { input: { type: "Input", shape: input }, ...nodes, output: { type: "Output", shape: input } },
    edges: names.slice(1).map((to, i) => [names[i]!, to] as const),
  };
}

const vector = (data: readonly number[]): { shape: number[]; data: readonly number[] } => ({ shape: [data.length], data });
const LIF = { type: "LIF", tau: 0.0031, r: 2.9, v_leak: 0.07, v_threshold: 0.83, v_reset: -0.11 };
const CUBA = { type: "CubaLIF", tau_syn: 0.0017, tau_mem: 0.0043, r: 6.1, v_leak: 0, v_threshold: 0.37, v_reset: 0.03, w_in: 1.3 };

/** One network for each node type and layout, weights exact in int8 so that only potentials are rounded. */
export function networkCases(random: () => number): readonly NetworkCase[] {
  const weights = (shape: readonly number[], scale?: number, steps?: number): ReturnType<typeof exactWeights> =>
    exactWeights(shape, random, scale, steps);
  const spread = (shape: readonly number[], low: number, high: number): { shape: readonly number[]; data: number[] } => ({
    shape,
    data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + random() * (high - low)),
  });
  return [
    {
      name: "Affine, LIF, Linear, LIF",
      input: [5],
      spiking: ["lif", "last"],
      graph: chain([5], {
        fc: { type: "Affine", weight: weights([6, 5]), bias: spread([6], -0.2, 0.3) },
        lif: LIF,
        fc2: { type: "Linear", weight: weights([3, 6], 1.7) },
        last: { ...LIF, tau: spread([3], 0.002, 0.009), v_threshold: spread([3], 0.3, 0.9) },
      }),
    },
    {
      name: "IF, per-neuron thresholds",
      input: [2, 4, 5],
      spiking: ["if"],
      graph: chain([2, 4, 5], {
        conv: {
          type: "Conv2d",
          weight: weights([3, 2, 3, 3]),
          bias: spread([3], -0.1, 0.1),
          stride: [1, 1],
          padding: [1, 1],
          dilation: [1, 1],
          groups: 1,
        },
        if: { type: "IF", r: 1, v_threshold: spread([3, 4, 5], 0.6, 2.1) },
      }),
    },
    {
      name: "Conv2d: non-square, strided, dilated, grouped",
      input: [4, 9, 11],
      spiking: ["lif"],
      graph: chain([4, 9, 11], {
        conv: {
          type: "Conv2d",
          weight: weights([6, 2, 2, 3]),
          bias: spread([6], -0.1, 0.1),
          stride: [2, 3],
          padding: [0, 2],
          dilation: [3, 2],
          groups: 2,
        },
        lif: LIF,
      }),
    },
    {
      name: "Conv2d padding same and valid",
      input: [2, 6, 7],
      spiking: ["a", "b"],
      graph: chain([2, 6, 7], {
        same: { type: "Conv2d", weight: weights([3, 2, 4, 3]), stride: [1, 1], padding: "same", dilation: [1, 2], groups: 1 },
        a: LIF,
        valid: { type: "Conv2d", weight: weights([2, 3, 3, 2]), stride: [1, 1], padding: "valid", dilation: [1, 1], groups: 1 },
        b: LIF,
      }),
    },
    {
      name: "Conv1d",
      input: [2, 12],
      spiking: ["lif", "out"],
      graph: chain([2, 12], {
        conv: {
          type: "Conv1d",
          weight: weights([3, 2, 4]),
          bias: spread([3], -0.1, 0.2),
          stride: [2],
          padding: [1],
          dilation: [2],
          groups: [1],
        },
        lif: { ...LIF, v_threshold: spread([3, 1], 0.5, 1.1) },
        flat: { type: "Flatten", start_dim: [0], end_dim: [-1] },
        fc: { type: "Linear", weight: weights([2, 12]) },
        out: LIF,
      }),
    },
    {
      name: "SumPool2d, Flatten, Affine",
      input: [2, 6, 6],
      spiking: ["if", "out"],
      graph: chain([2, 6, 6], {
        conv: { type: "Conv2d", weight: weights([3, 2, 3, 3]), stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 },
        if: { type: "IF", r: 0.7, v_threshold: 1.3 },
        pool: { type: "SumPool2d", kernel_size: [2, 3], stride: [2, 3], padding: [0, 0] },
        flat: { type: "Flatten", start_dim: [0], end_dim: [-1] },
        fc: { type: "Affine", weight: weights([4, 18]), bias: spread([4], -0.3, 0.3) },
        out: LIF,
      }),
    },
    {
      name: "AvgPool2d and Scale fold",
      input: [2, 6, 6],
      spiking: ["if", "out"],
      graph: chain([2, 6, 6], {
        scale: { type: "Scale", scale: spread([2, 1, 1], 0.5, 1.4) },
        pool: { type: "AvgPool2d", kernel_size: [3, 2], stride: [3, 2], padding: [0, 1] },
        if: { type: "IF", r: 1.1, v_threshold: 0.4 },
        flat: { type: "Flatten", start_dim: [0], end_dim: [-1] },
        after: { type: "Scale", scale: 0.5 },
        fc: { type: "Linear", weight: weights([3, 16]) },
        gain: { type: "Scale", scale: vector([1.5, 0.7, 2]) },
        out: LIF,
      }),
    },
    {
      name: "Flatten in front of neurons",
      input: [2, 3, 4],
      spiking: ["lif", "out"],
      images: { lif: [2, 3, 4] },
      graph: chain([2, 3, 4], {
        conv: { type: "Conv2d", weight: weights([2, 2, 3, 3]), stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 },
        flat: { type: "Flatten", start_dim: [0], end_dim: [-1] },
        lif: { ...LIF, v_threshold: spread([24], 0.4, 1.2) },
        fc: { type: "Linear", weight: weights([3, 24]) },
        out: LIF,
      }),
    },
    {
      name: "CubaLIF",
      input: [4],
      spiking: ["cuba"],
      graph: chain([4], {
        fc: { type: "Affine", weight: weights([5, 4]), bias: vector([127, -64, 0, 254, 12].map((steps) => steps / 127)) },
        cuba: CUBA,
      }),
    },
    {
      name: "Delay and Threshold",
      input: [3],
      spiking: ["spike", "out"],
      graph: chain([3], {
        fc: { type: "Affine", weight: weights([4, 3]), bias: spread([4], -0.4, 0.4) },
        spike: { type: "Threshold", threshold: spread([4], -0.2, 0.9) },
        late: { type: "Delay", delay: vector([3e-4, 3e-4, 3e-4, 3e-4]) },
        fc2: { type: "Linear", weight: weights([2, 4]) },
        out: LIF,
      }),
    },
    {
      name: "neurons read the input",
      input: [6],
      spiking: ["lif"],
      graph: chain([6], { lif: { ...LIF, v_threshold: spread([6], 0.3, 1.9) } }),
    },
    {
      name: "recurrent LIF, nested, named with dots",
      input: [4],
      spiking: ["rec.lif"],
      graph: chain([4], {
        "fc.1": { type: "Linear", weight: weights([5, 4]) },
        rec: {
          type: "NIRGraph",
          graph: {
            nodes: {
              input: { type: "Input", shape: [5] },
              lif: LIF,
              "w.rec": { type: "Affine", weight: weights([5, 5], 1, 50), bias: spread([5], -0.05, 0.05) },
              output: { type: "Output", shape: [5] },
            },
            edges: [
              ["input", "lif"],
              ["lif", "w.rec"],
              ["w.rec", "lif"],
              ["lif", "output"],
            ],
          },
        },
      }),
    },
    {
      name: "recurrent without weights",
      input: [3],
      spiking: ["lif"],
      graph: {
        nodes: {
          input: { type: "Input", shape: [3] },
          fc: { type: "Linear", weight: weights([3, 3]) },
          lif: LIF,
          output: { type: "Output", shape: [3] },
        },
        edges: [
          ["input", "fc"],
          ["fc", "lif"],
          ["lif", "lif"],
          ["lif", "output"],
        ],
      },
    },
    {
      name: "two branches meet, spikes and weights",
      input: [3],
      spiking: ["a", "b", "out"],
      graph: {
        nodes: {
          input: { type: "Input", shape: [3] },
          fa: { type: "Linear", weight: weights([4, 3]) },
          a: LIF,
          fb: { type: "Affine", weight: weights([4, 3], 3.1), bias: spread([4], -0.2, 0.2) },
          b: { ...LIF, tau: 0.0057 },
          fc: { type: "Linear", weight: weights([4, 4], 1, 76) },
          out: LIF,
          output: { type: "Output", shape: [4] },
        },
        edges: [
          ["input", "fa"],
          ["fa", "a"],
          ["input", "fb"],
          ["fb", "b"],
          ["a", "fc"],
          ["fc", "out"],
          ["b", "out"],
          ["out", "output"],
        ],
      },
    },
  ];
}
