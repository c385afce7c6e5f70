import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { classesText } from "../../host/cli/eval-score.js";
import { openNetwork } from "../../host/network.js";
import { packageRoot } from "../../host/root.js";
import { sharedData } from "../../test/data.js";
import { machine, machineText } from "../machine.js";
import { confusionPicture } from "./confusion.js";
import { peopleText } from "./people.js";
import { measured } from "./score.js";

/**
 * What the networks of actions do, and how fast; draws docs/PACKAGE.svg. TEST and ACTOR are made by
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
  const { whole, ...score } = await measured(path, network);
  print(`\n${what}\n${classesText(whole)}`);
  print(`${Math.round(whole.value * whole.n)} of ${whole.n} right, ${(100 * whole.value).toFixed(2)} %; a step ${score.step_us.p50.toFixed(0)} µs (p50), ${score.step_us.p99.toFixed(0)} µs (p99)\n`);
  print(`told while it happens\n${score.live.text}`);
  if (path === values.test) writeFileSync(new URL(`docs/${card.name}.svg`, packageRoot), confusionPicture(card.labels, whole));
}
const people = sharedData(PEOPLE);
if (people !== undefined) print(`\nreal people before a real DVS128\n${await peopleText(people, network)}`);
