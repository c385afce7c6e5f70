import { readFileSync } from "node:fs";
import t from "tap";
import { importNetwork } from "../../models/importers/network.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import { needs, sharedData } from "../data.js";
import { npy, Probe } from "./network.js";

const FOLDER = "nir/lava-netx/tinynet";
t.teardown(stopHdf5);

/** [1, C, H, W, T] at one timestep, as h × w × c. */
function frameAt({ shape, data }: ReturnType<typeof npy>, step: number): number[] {
  const [, c, h, w, steps] = shape as [number, number, number, number, number];
  return Array.from({ length: h * w * c }, (_, i) => {
    const [y, x, channel] = [Math.floor(i / (w * c)), Math.floor(i / c) % w, i % c];
    return data[((channel * h + y) * w + x) * steps + step]!;
  });
}

t.test("tinynet: every spike of every layer as Lava has it", needs(FOLDER), async (t) => {
  const file = (name: string): string => sharedData(`${FOLDER}/${name}`)!;
  const published = { "0": npy(file("input.npy")), "1": npy(file("layer1.npy")), "2": npy(file("output.npy")) };
  const current = npy(file("current.npy"));
  const drive = npy(file("input_bias.npy"));
  const { graph, report } = await importNetwork(readFileSync(file("tiny.net")), { name: "tiny.net" });
  const probe = new Probe(graph, 64, ["0", "1", "2", "1.weight"]);
  const [w, h, c] = drive.shape as [number, number, number];
  // Lava stores images column first.
  const frame = Array.from(
    { length: h * w * c },
    (_, i) => drive.data[((Math.floor(i / c) % w) * h + Math.floor(i / (w * c))) * c + (i % c)]!,
  );
  const steps = published["0"].shape[4]!;
  const counts = new Array<number>(36).fill(0);
  let compared = 0;
  // Lava's neurons start at its timestep 1: at 0 nothing has happened yet.
  for (let step = 1; step < steps; step++) {
    const value = probe.step(frame);
    for (const [layer, spikes] of Object.entries(published)) {
      t.same(value(layer), frameAt(spikes, step), `layer ${layer}, timestep ${step}`);
      compared += value(layer).length;
    }
    t.same(value("1.weight"), frameAt(current, step), `currents, timestep ${step}`);
    value("2").forEach((count, i) => void (counts[i]! += count));
    t.same(value("2.readout"), counts);
  }
  t.equal(compared, 15 * (768 + 864 + 36));
  t.equal(report.rule, "lava");
});
