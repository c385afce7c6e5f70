import { readFileSync } from "node:fs";
import t from "tap";
import { importNetwork } from "../../models/importers/network.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import type { Rule, RuleName } from "../../models/quantise/rule.js";
import { needs, sharedData } from "../data.js";
import { csvColumns, Probe } from "./network.js";

/**
 * One LIF neuron, 1000 timesteps, the input of the NIR paper: spike for spike what each platform published. `late`: timesteps by which the
 * platform shows a spike after the timestep that caused it (a delay of its records, not of its arithmetic).
 */
const CASES: readonly { platform: string; rule: RuleName; options: Partial<Rule>; late: number }[] = [
  { platform: "norse", rule: "norse", options: { dt: 1e-4 }, late: 0 },
  { platform: "snntorch", rule: "snntorch", options: {}, late: 0 },
  { platform: "lava_cpu_fixed", rule: "lava", options: {}, late: 1 },
  { platform: "lava_loihi_fixed", rule: "lava", options: {}, late: 1 },
  { platform: "lava_cpu_float", rule: "lava-float", options: {}, late: 1 },
  { platform: "sinabs", rule: "sinabs", options: { dt: 1e-4 }, late: 0 },
  { platform: "rockpool", rule: "rockpool", options: { dt: 1e-4 }, late: 0 },
  { platform: "spyx", rule: "spyx", options: {}, late: 1 },
  { platform: "nengo", rule: "nengo", options: { dt: 1e-4 }, late: 0 },
  { platform: "exact", rule: "nengo", options: { dt: 1e-4 }, late: 0 },
  { platform: "spinnaker2", rule: "norse", options: { dt: 1e-4 }, late: 0 },
];
const FILE = "nir/NIR/lif_norse.nir";
const trace = (platform: string): string => `nir/NIR/groundtruth/01_lif/lif_${platform}.csv`;

t.teardown(stopHdf5);

for (const { platform, rule, options, late } of CASES) {
  const chosen = Object.entries(options).map(([name, value]) => `${name} ${value}`).join(", ");
  t.test(`${platform}: rule ${rule}${chosen && `, ${chosen}`}`, needs(trace(platform)), async (t) => {
    const [input, , spikes] = csvColumns(sharedData(trace(platform))!) as [number[], number[], number[]];
    const { graph } = await importNetwork(readFileSync(sharedData(FILE)!), { name: FILE, ruleName: rule, rule: options });
    const probe = new Probe(graph, 1000, ["1"]);
    const ours = input.map((value) => probe.step([value === 0 ? 0 : 1])("1")[0]!);
    const steps = (train: readonly number[]): number[] => train.flatMap((count, step) => (count > 0 ? [step] : []));
    t.same(steps(ours).map((step) => step + late), steps(spikes));
    t.equal(probe.reference.saturations, 0);
  });
}

t.test("Lava's potentials, integer for integer", needs(trace("lava_cpu_fixed")), async (t) => {
  const [input, potentials] = csvColumns(sharedData(trace("lava_cpu_fixed"))!) as [number[], number[]];
  const { graph } = await importNetwork(readFileSync(sharedData(FILE)!), { name: FILE, ruleName: "lava" });
  const probe = new Probe(graph, 1000, []);
  const ours = input.map((value) => {
    probe.step([value]);
    return probe.potential;
  });
  t.same([0, ...ours.slice(0, -1)], potentials);
  t.same(ours.slice(60, 64), [640, 614, 589, 565]);
});
