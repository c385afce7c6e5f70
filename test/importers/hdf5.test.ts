import { readFileSync } from "node:fs";
import t from "tap";
import { readHdf5 } from "../../models/importers/hdf5.js";
import type { H5Group } from "../../models/importers/hdf5-tree.js";
import { needs, sharedData } from "../data.js";

const at = (group: H5Group, path: string) =>
  path.split("/").reduce((node, name) => (node as H5Group).children.get(name)!, group as unknown as ReturnType<H5Group["children"]["get"]>);

for (const file of ["NIR/cnn_sinabs.nir", "synthetic/cnn_gzip_latest.nir"]) {
  t.test(`reads ${file}`, needs(`nir/${file}`), async (t) => {
    const tree = await readHdf5(readFileSync(sharedData(`nir/${file}`)!), file);
    t.match(at(tree, "node/nodes/0/weight"), { kind: "data", shape: [16, 2, 5, 5] });
    t.match(at(tree, "node/nodes/0/type"), { kind: "data", shape: [], values: ["Conv2d"] });
    t.match(at(tree, "node/nodes/input/shape"), { kind: "data", shape: [3], values: Float64Array.of(2, 34, 34) });
  });
}

t.test("refuses what is no HDF5", async (t) => {
  await t.rejects(readHdf5(new Uint8Array(0), "empty.nir"), { code: "NETWORK_CORRUPT" });
  await t.rejects(readHdf5(Uint8Array.of(0x50, 0x4b, 3, 4, 0), "zip.nir"), {
    code: "NETWORK_CORRUPT",
    message: /PyTorch zip archive, not HDF5/,
  });
});
