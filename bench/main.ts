import { cpus, release } from "node:os";
import { runProgram } from "../host/cli/program.js";
import { table } from "../host/cli/text.js";
import { decodeBench } from "./decode.js";
import { framingBench } from "./framing.js";

/** Every figure that we quote: `npm run bench`, or some of them by name: `node build/bench/main.js decode framing engine`. */
const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  async decode() {
    const rows = await decodeBench();
    const cells = rows.map(({ name, mevPerSecond, ofYardstick, wanted, events, runs }) =>
      [name, Math.round(mevPerSecond), `${Math.round(100 * ofYardstick)} %`, wanted ?? "", events, runs]);
    process.stdout.write(table([["decode", "Mev/s", "of yardstick", "wanted", "events", "runs"], ...cells]));
  },
  async framing() {
    const rows = framingBench().map(({ name, mevPerSecond, windows }) => [name, Math.round(mevPerSecond), windows]);
    process.stdout.write(table([["framing", "Mev/s", "windows"], ...rows]));
  },
  async engine() {
    process.exitCode = await runProgram(["bench", "nmnist"]);
  },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
const unknown = wanted.find(name => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`USAGE: there is no bench "${unknown}"; choose of ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(64);
}
const [cpu] = cpus();
const machine = `${cpu?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${process.platform} ${release()}`;
process.stdout.write(`${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.version}\n`);
for (const name of wanted) {
  process.stdout.write("\n");
  await BENCHES[name]!();
}
