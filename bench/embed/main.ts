import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../../host/cli/text.js";
import { openPackage } from "../../host/network.js";
import { packageRoot } from "../../host/root.js";
import { BOARDS } from "./boards.js";
import { countOps, perOperation, type OpCount } from "./instructions.js";
import { scriptOf } from "./script.js";
import { sizesOf } from "./sizes.js";
import { deepestCalls } from "./stack.js";

/**
 * `npm run bench:embed`: what the engine takes on a microcontroller, of flash, RAM, stack and instructions; fails when an op of the N-MNIST
 * network needs more instructions than the baseline by over its tolerance, or a mark is missed. The counts repeat exactly, so that the
 * tolerance is for changes that are meant. `-- --update` makes what was found the baseline, `-- --json` prints JSON.
 */
interface Baseline {
  readonly made: string;
  readonly tolerance: number;
  readonly text: number;
  readonly instructions: Readonly<Record<string, number>>;
}

const BASELINE = new URL("bench/embed/baseline.json", packageRoot);
const DATA = fileURLToPath(new URL("../shared/data/dvs/nmnist-small/test.json", packageRoot));
const RECORDINGS = 2, TOLERANCE = 0.03;
/** What issue and docs promise. */
const MOST_TEXT = 24 * 1024, MOST_RAM = 2048, MOST_INSTRUCTIONS = 8;
const PACKAGES = { m3: "nmnist", m7: "nmnist", m55: "nmnist", m0: "nmnist-tiny" } as const;
const ALL_OPS = 0xfffe;

const { values: options } = parseArgs({
  options: { update: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const boards = await Promise.all(Object.entries(PACKAGES).map(async ([name, packageName]) => {
  const board = BOARDS[name as keyof typeof PACKAGES], pkg = await openPackage(packageName);
  const stack = deepestCalls(board, { ops: ALL_OPS, ramBytes: 8192 });
  return { core: board.core, package: packageName, ...sizesOf(pkg, board), textSmall: sizesOf(pkg, board, "-Os").text, stack };
}));
const pkg = await openPackage("nmnist"), counts = countOps(pkg, await scriptOf(pkg, DATA, RECORDINGS));
const engine = perOperation(counts, "instructions"), byHand = perOperation(counts, "byHand");
const found = Object.fromEntries(counts.map(({ name, instructions }) => [name, instructions]));
if (options.update) {
  const baseline: Baseline = { made: "npm run bench:embed -- --update", tolerance: TOLERANCE, text: boards[0]!.text, instructions: found };
  writeFileSync(BASELINE, `${JSON.stringify(baseline, undefined, 2)}\n`);
}
const baseline = JSON.parse(readFileSync(BASELINE, "utf8")) as Baseline;
const misses = [...marks(), ...worse()];
if (options.json) process.stdout.write(`${JSON.stringify({ boards, counts, per_synaptic_operation: { engine, by_hand: byHand }, misses })}\n`);
else process.stdout.write(report());
if (misses.length > 0) process.exitCode = 1;

function marks(): string[] {
  const over = (what: string, value: number, most: number): string[] => (value > most ? [`${what}: ${value}, and ${most} is the mark`] : []);
  return [
    ...boards.flatMap(({ core, text, ram }) => [...over(`${core}, text`, text, MOST_TEXT), ...over(`${core}, RAM beside arena and state`, ram, MOST_RAM)]),
    ...over("instructions per synaptic operation", engine, MOST_INSTRUCTIONS),
  ];
}

function worse(): string[] {
  const limit = 1 + baseline.tolerance, grown = (what: string, now: number, before: number | undefined): string[] =>
    before !== undefined && now > before * limit ? [`${what}: ${now}, and the baseline is ${before}; make it as good again, or run: ${baseline.made}`] : [];
  return [
    ...Object.entries(found).flatMap(([name, instructions]) => grown(name, instructions, baseline.instructions[name])),
    ...grown("text", boards[0]!.text, baseline.text),
  ];
}

function report(): string {
  const sizes = boards.map(({ core, package: name, text, textSmall, ram, network, arenaAndState, stack }) =>
    [core, name, text, textSmall, network, arenaAndState, ram, stack["saccade_step"]!, stack["saccade_load"]!].map(String));
  const ops = counts.map(({ name, instructions, synapticOperations: operations, byHand: hand }: OpCount) => [
    name, String(instructions), ...operations > 0 ? [String(Math.round(operations)), (instructions / operations).toFixed(2), (hand / operations).toFixed(2)] : ["", "", ""],
  ]);
  return [
    "Bytes, gcc -O2 (-Os)\n",
    table([["core", "package", "engine", "(-Os)", "network", "arena + state", "other RAM", "stack: step", "load"], ...sizes]),
    `\nInstructions of a timestep on Cortex-M3, N-MNIST, ${RECORDINGS} recordings\n`,
    table([["op", "instructions", "synaptic operations", "per operation", "by hand in C"], ...ops]),
    `weighted ops: ${engine.toFixed(2)} a synaptic operation; the same by hand in C: ${byHand.toFixed(2)}\n`,
    ...misses.map((miss) => `${miss}\n`),
  ].join("");
}
