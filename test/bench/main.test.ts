import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";
import t from "tap";
import { benchPicture, densityPicture } from "../../bench/draw.js";
import { machine } from "../../bench/machine.js";
import type { NetworkRow } from "../../bench/network.js";
import type { Curve } from "../../bench/sweep.js";
import type { WidthRow } from "../../bench/weights.js";
import type { ScoreRow } from "../../bench/weights-score.js";

const run = promisify(execFile);
const MAIN = join(process.cwd(), "build/bench/main.js");

interface Printed {
  readonly machine: Record<string, unknown>;
  readonly rounds: number;
  readonly benches: { readonly network: { readonly rows: readonly NetworkRow[] }; readonly sweep: { readonly curves: readonly Curve[] } };
  readonly marks: readonly { readonly bench: string; readonly name: string; readonly wanted: number; readonly met: boolean | null }[];
}

t.test("--json prints one object with every figure and mark; pictures are drawn from it", async t => {
  const { stdout } = await run(process.execPath, [MAIN, "network", "nmnist", "sweep", "--quick", "--json"], { maxBuffer: 1 << 24 });
  const { machine: here, rounds, benches, marks } = JSON.parse(stdout) as Printed;
  t.same(Object.keys(here).sort(), ["arch", "cores", "cpu", "date", "memory_gib", "node", "os", "v8"]);
  t.equal(rounds, 1);
  const ours = benches.network.rows.filter(({ name }) => name.startsWith("saccade"));
  t.equal(ours.length, 6);
  t.ok(ours.every(({ milliseconds, gmac_per_second }) => milliseconds!.median > 0 && gmac_per_second! > 0));
  t.same(benches.sweep.curves.map(({ points }) => points.length), [3, 3, 3]);
  t.equal(marks.filter(({ bench }) => bench === "network").length, 11);
  t.equal(marks.filter(({ bench }) => bench === "sweep").length, 3);
  t.equal(marks.filter(({ bench, met }) => bench === "nmnist" && met === null).length, 2, "PyTorch was not asked");
  t.ok(marks.every(({ wanted, met }) => wanted > 0 && (met === null || typeof met === "boolean")));
  const windows = [{ name: "saccade", window_us: { median: 10 } }, { name: "a < b", window_us: { median: 20 } }];
  const pictures = [
    benchPicture(machine(), benches.network.rows, windows),
    densityPicture(machine(), benches.sweep.curves),
  ];
  for (const picture of pictures) {
    t.match(picture, /^<svg [^>]+>\n<style>[\s\S]+<\/svg>\n$/);
    t.notMatch(picture, /NaN|Infinity|undefined/);
  }
  t.match(pictures[0], /a &lt; b/);
});

t.test("int8 stands beside int4", async t => {
  const { stdout } = await run(process.execPath, [MAIN, "weights", "--quick", "--json"], { maxBuffer: 1 << 24 });
  const { benches: { weights } } = JSON.parse(stdout) as { benches: { weights: { networks: readonly WidthRow[]; nmnist: readonly ScoreRow[] } } };
  t.same(weights.networks.map(row => row.weights), ["int8", "int4", "int8", "int4", "int8", "int4", "int8", "int4"]);
  t.ok(weights.networks.every(({ milliseconds, times_int8 }) => milliseconds.dense > 0 && times_int8.ten_percent > 0));
  const [int8, rounded, trained] = weights.nmnist;
  t.ok(rounded!.bytes < 0.6 * int8!.bytes && trained!.bytes === rounded!.bytes);
});

t.test("an unknown bench is named", async t => {
  await t.rejects(run(process.execPath, [MAIN, "nothing"]), { code: 64, stderr: /there is no bench "nothing"; choose of network, / });
});
