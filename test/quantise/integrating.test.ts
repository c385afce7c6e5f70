import t from "tap";
import type { NeuronNode } from "../../models/graph/integer.js";
import { readHdf5, stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork, type NetworkOptions } from "../../models/importers/network.js";
import { readNir } from "../../models/importers/nir.js";
import { RULES } from "../../models/quantise/rule.js";
import { Probe } from "../conformance/network.js";
import { exactWeights, nirFile, randomNumbers, type GraphSpec, type NodeSpec } from "../importers/nir-file.js";
import { seeds } from "../seeds.js";
import { FloatNetwork } from "./float-network.js";

t.teardown(stopHdf5);

const STEPS = 50;
const chain = (input: readonly number[], nodes: Readonly<Record<string, NodeSpec>>): GraphSpec => {
  const names = ["input", ...Object.keys(nodes), "output"];
  return {
    nodes: { input: { type: "Input", shape: input }, ...nodes, output: { type: "Output", shape: input } },
    edges: names.slice(1).map((to, i) => [names[i]!, to] as const),
  };
};
const LIF = { type: "LIF", tau: 0.003, r: 2.2, v_leak: 0.1, v_threshold: 0.7 };
const conv = (random: () => number, shape: readonly number[]): NodeSpec => ({
  type: "Conv2d",
  weight: exactWeights(shape, random),
  bias: { shape: [shape[0]!], data: Array.from({ length: shape[0]! }, () => random() - 0.5) },
  stride: [1, 1],
  padding: [1, 1],
  dilation: [1, 1],
  groups: [1],
});

/** Networks whose outputs are potentials or sums, with the node whose value the output's integers stand for. */
function cases(random: () => number): readonly { name: string; input: number; graph: GraphSpec; sums: boolean }[] {
  const fc = (o: number, i: number): NodeSpec => ({
    type: "Affine",
    weight: exactWeights([o, i], random),
    bias: { shape: [o], data: Array.from({ length: o }, () => random() - 0.5) },
  });
  return [
    {
      name: "LI",
      input: 4,
      sums: false,
      graph: chain([4], { fc: fc(3, 4), li: { type: "LI", tau: { shape: [3], data: [0.002, 0.005, 0.02] }, r: 1.5, v_leak: 0.2 } }),
    },
    { name: "I", input: 4, sums: false, graph: chain([4], { fc: fc(3, 4), i: { type: "I", r: 0.8 } }) },
    {
      name: "CubaLI",
      input: 4,
      sums: false,
      graph: chain([4], {
        fc: { type: "Linear", weight: exactWeights([3, 4], random) },
        li: { type: "CubaLI", tau_syn: 0.001, tau_mem: 0.004, r: 2, v_leak: 0.1, w_in: 3 },
      }),
    },
    { name: "an Affine is added up over the window", input: 4, sums: true, graph: chain([4], { a: fc(5, 4), lif: LIF, fc: fc(3, 5) }) },
    { name: "spikes are counted", input: 4, sums: true, graph: chain([4], { a: fc(5, 4), lif: LIF }) },
    {
      name: "pooled spikes are counted",
      input: 2 * 4 * 4,
      sums: true,
      graph: chain([2, 4, 4], {
        conv: conv(random, [2, 2, 3, 3]),
        if: { type: "IF", r: 1, v_threshold: 1.3 },
        pool: { type: "SumPool2d", kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] },
      }),
    },
  ];
}

for (const seed of seeds()) {
  t.test(`what does not spike is off by its roundings at most, seed ${seed}`, async (t) => {
    const random = randomNumbers(seed);
    for (const { name, input, graph, sums } of cases(random)) {
      const bytes = await nirFile(graph);
      const { graph: integers, inputShape, report } = await importNetwork(bytes, { name, timesteps: STEPS });
      const probe = new Probe(integers, STEPS, []);
      const float = new FloatNetwork(readNir(await readHdf5(bytes, name)).graph, RULES.nir, inputShape);
      const output = integers.nodes.find((node) => node.name === integers.outputs[0]) as NeuronNode;
      const unit = report.neurons.find(({ node }) => node === output.name)!.potential_unit;
      // Each timestep rounds the input and the bias to a unit; a current hands its roundings on ten times, at a decay of 0.9.
      const perStep = output.type === "CubaLI" ? 12 : 1;
      const total = new Map<number, number>();
      for (let step = 0; step < STEPS; step++) {
        const frame = Array.from({ length: input }, () => (random() < 0.3 ? 1 : 0));
        float.step(frame);
        const found = probe.step(channelsLast(frame, inputShape))(output.name);
        if (float.margin < 1e-3) break;
        const wanted = channelsLast(float.values.get("output")!.data, float.values.get("output")!.shape);
        wanted.forEach((value, i) => {
          total.set(i, (sums ? (total.get(i) ?? 0) : 0) + value);
          const error = Math.abs(found[i]! * unit - total.get(i)!);
          if (error > perStep * (step + 2) * unit + 1e-6 * Math.abs(total.get(i)!))
            t.fail(`${name}, timestep ${step}, ${i}: off by ${error}`);
        });
      }
      t.equal(probe.reference.saturations, 0, name);
    }
  });
}

function channelsLast(data: readonly number[], [c, ...rest]: readonly number[]): number[] {
  const plane = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: data.length }, (_, i) => data[(i % c!) * plane + Math.floor(i / c!)]!);
}

t.test("weights that meet weights go through i16, scaled by the worst case or by what was seen", async (t) => {
  const random = randomNumbers(3);
  const graph = chain([2, 6, 6], {
    one: conv(random, [4, 2, 3, 3]),
    two: conv(random, [3, 4, 3, 3]),
    li: { type: "LI", tau: 0.004, r: 1, v_leak: 0 },
  });
  const bytes = await nirFile(graph);
  const float = new FloatNetwork(readNir(await readHdf5(bytes, "two")).graph, RULES.nir, [2, 6, 6]);
  const frames = Array.from({ length: 10 }, () => Array.from({ length: 72 }, () => (random() < 0.3 ? 1 : 0)));
  const errorOf = async (ranges?: ReadonlyMap<string, number>): Promise<number> => {
    const { graph: integers, report } = await importNetwork(bytes, { name: "two", timesteps: 10, ...(ranges && { ranges }) });
    t.match(report.requantised, [{ node: "one.i16", source: "one", range: ranges ? "calibrated" : "worst case" }]);
    const probe = new Probe(integers, 10, []);
    const again = new FloatNetwork(float.graph, RULES.nir, [2, 6, 6]);
    const unit = report.neurons.at(-1)!.potential_unit;
    let worst = 0;
    for (const frame of frames) {
      again.step(frame);
      const found = probe.step(channelsLast(frame, [2, 6, 6]))("li");
      channelsLast(again.values.get("li")!.data, [3, 6, 6]).forEach(
        (value, i) => void (worst = Math.max(worst, Math.abs(found[i]! * unit - value))),
      );
    }
    return worst;
  };
  const [bounded, seen] = [await errorOf(), await errorOf(new Map([["one", 12]]))];
  t.ok(bounded < 0.05, `worst case: ${bounded}`);
  t.ok(seen < bounded / 10, `calibrated: ${seen}`);
});

t.test("what a network or an option makes impossible is said by node", async (t) => {
  const random = randomNumbers(5);
  const fc: NodeSpec = { type: "Linear", weight: exactWeights([2, 3], random) };
  const refuse = async (neuron: NodeSpec, options: Partial<NetworkOptions>, code: string, message: RegExp): Promise<void> => {
    await t.rejects(
      importNetwork(await nirFile(chain([3], { fc, n: neuron })), { name: "refused", ...options }),
      { code, message },
      String(message),
    );
  };
  await refuse({ ...LIF, tau: 1e-5 }, {}, "NETWORK_RANGE", /node n: a timestep of 0.0001 s is longer than its time constant/);
  await refuse({ ...LIF, v_threshold: 0 }, {}, "NETWORK_UNSUPPORTED", /node n: a threshold of 0/);
  await refuse({ ...LIF, r: -1 }, {}, "NETWORK_UNSUPPORTED", /node n: a negative gain/);
  await refuse(
    { ...LIF, v_threshold: { shape: [3], data: [1, 1, 1] } },
    {},
    "NETWORK_CORRUPT",
    /node n: v_threshold of shape \[3\] does not fit \[2\]/,
  );
  await refuse({ ...LIF, v_threshold: 1e-7 }, {}, "NETWORK_RANGE", /node n: its inputs can exceed its threshold/);
  await refuse({ ...LIF, r: 400 }, { ruleName: "lava" }, "NETWORK_RANGE", /node fc: a weight of .* beyond Loihi's ±254/);
  await refuse(LIF, { timesteps: 10, windowMicros: 5000, rule: { dt: 1e-3 } }, "NETWORK_RANGE", /a window of 5000 µs is not 10 timesteps/);
  await refuse(LIF, { timesteps: 70_000 }, "NETWORK_RANGE", /70000 timesteps in a window/);
});
