import t from "tap";
import { stopHdf5, readHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork } from "../../models/importers/network.js";
import { readNir } from "../../models/importers/nir.js";
import { inlineSubgraphs } from "../../models/passes/inline.js";
import { RULES, type Rule, type RuleName } from "../../models/quantise/rule.js";
import { Probe } from "../conformance/network.js";
import { nirFile, randomNumbers } from "../importers/nir-file.js";
import { seeds } from "../seeds.js";
import { FloatNetwork } from "./float-network.js";
import { networkCases } from "./networks.js";

const STEPS = 40;
/** A potential this near to a threshold (of θ) may fall either way once it is rounded. */
const CLEAR = 1e-3;
const OTHERS: Readonly<Record<string, Partial<Rule>>> = {
  "input first": { order: "input-first", reset: "zero" },
  "reset to zero, a timestep late": { reset: "zero", resetTiming: "delayed" },
  "integrate in seconds": { integrate: "dt", reset: "subtract" },
  "three spikes, lowest −0.4": { spikes: 3, reset: "subtract", vMin: -0.4 },
};
const CHOICES: readonly (readonly [string, RuleName, Partial<Rule>])[] = [
  ...(Object.keys(RULES) as RuleName[]).filter((name) => name !== "lava").map((name) => [name, name, { dt: 1e-4 }] as const),
  ...Object.entries(OTHERS).map(([name, rule]) => [name, "nir", { dt: 1e-4, ...rule }] as const),
];

t.teardown(stopHdf5);

for (const seed of seeds()) {
  t.test(`integers spike as floats do, seed ${seed}`, async (t) => {
    const random = randomNumbers(seed);
    const fate = { compared: 0, tooClose: 0, spikes: 0 };
    for (const { name, input, graph, spiking, images } of networkCases(random)) {
      const bytes = await nirFile(graph);
      const raw = inlineSubgraphs(readNir(await readHdf5(bytes, name)).graph).graph;
      for (const [label, ruleName, rule] of CHOICES) {
        const imported = await importNetwork(bytes, { name, ruleName, rule });
        const float = new FloatNetwork(raw, { ...RULES[ruleName], ...rule }, input);
        const probe = new Probe(imported.graph, STEPS, spiking);
        for (let step = 0; step < STEPS; step++) {
          const frame = Array.from({ length: input.reduce((a, b) => a * b, 1) }, () =>
            random() < 0.35 ? 1 + Math.floor(random() * 2) : 0,
          );
          float.step(frame);
          const ours = probe.step(channelsLast(frame, input));
          if (float.margin < CLEAR) {
            fate.tooClose++;
            break;
          }
          for (const node of spiking) {
            const { shape, data } = float.values.get(node)!;
            const wanted = channelsLast(data, images?.[node] ?? shape);
            const found = ours(node);
            fate.spikes += data.reduce((sum, count) => sum + count, 0);
            if (JSON.stringify(found) !== JSON.stringify(wanted)) t.same(found, wanted, `${name}, ${label}, ${node}, timestep ${step}`);
            fate.compared++;
          }
        }
      }
    }
    t.ok(fate.compared > 3000 && fate.spikes > 5000, JSON.stringify(fate));
  });
}

/** [N], [C, L] or [C, H, W] as h × w × c. */
function channelsLast(data: readonly number[], [c, ...rest]: readonly number[]): number[] {
  const plane = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: data.length }, (_, i) => data[(i % c!) * plane + Math.floor(i / c!)]!);
}
