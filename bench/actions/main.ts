import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { othersText, table } from "../../host/cli/text.js";
import { openNetwork } from "../../host/network.js";
import { packageRoot } from "../../host/root.js";
import { sharedData } from "../../test/data.js";
import { machine, machineText } from "../machine.js";
import { confusionPicture } from "./confusion.js";
import { peopleText } from "./people.js";
import { scoreOf } from "./score.js";

/**
 * What the networks of actions do, and how fast; draws docs/actions.svg. TEST and ACTOR are made by
 *   saccade simulate actions --depth DEPTH --split test --out TEST
 *   saccade simulate actor --count 108 --seed 7 --out ACTOR
 * node build/bench/actions/main.js --test TEST/dataset.json [--actor ACTOR/dataset.json] [--package actions-trev]
 */
const PEOPLE = "dvs/dvs128-actions";

const { values } = parseArgs({
  options: { test: { type: "string" }, actor: { type: "string" }, package: { type: "string", default: "actions-trev" } },
});
if (values.test === undefined) throw new Error("--test: a dataset.json of the test subjects");
const network = await openNetwork(values.package);
const { card } = network.pkg;
const print = (text: string): void => void process.stdout.write(text);
print(`${card.name} ${card.version}; ${machineText(machine())}\n`);
for (const [what, path] of [["test clips", values.test], ["actor", values.actor]] as const) {
  if (path === undefined) continue;
  const score = await scoreOf(path, network);
  const rows = Object.entries(score.named).map(([label, row]) => [label, row[label] ?? 0, othersText(row, label)]);
  print(`\n${what}\n${table([["shown", "right", "otherwise named"], ...rows])}`);
  print(`${score.right} of ${score.n} right, ${((100 * score.right) / score.n).toFixed(2)} %; a step ${score.step_us.p50.toFixed(0)} µs (p50), ${score.step_us.p99.toFixed(0)} µs (p99)\n`);
  print(`told while it happens\n${score.live.text}`);
  if (path === values.test) writeFileSync(new URL("docs/actions.svg", packageRoot), confusionPicture(card.labels, score.named));
}
const people = sharedData(PEOPLE);
if (people !== undefined) print(`\nreal people before a real DVS128\n${await peopleText(people, network)}`);
