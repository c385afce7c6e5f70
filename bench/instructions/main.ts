import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serialize } from "node:v8";
import { table } from "../../host/cli/text.js";
import { packageRoot } from "../../host/root.js";
import { countInstructions } from "./callgrind.js";
import { CASES } from "./cases.js";
import { TIMES } from "./times.js";

/**
 * `npm run bench:instructions`: instructions of the hot paths a unit of work, counted by callgrind, which no other load disturbs; fails
 * when one needs more than the baseline by over its tolerance. `-- --update` makes what was found the baseline. `-- --json` prints JSON.
 */
interface Baseline {
  readonly made: string;
  readonly node: string;
  readonly arch: string;
  readonly tolerance: number;
  readonly cases: Readonly<Record<string, { readonly unit: string; readonly instructions: number }>>;
}

const BASELINE = new URL("bench/instructions/baseline.json", packageRoot);
const TOLERANCE = 0.05;

const { values: options } = parseArgs({
  options: { update: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const found = await countCases();
const here = { node: process.version, arch: process.arch };
if (options.update) {
  const baseline: Baseline = { made: "npm run bench:instructions -- --update", ...here, tolerance: TOLERANCE, cases: found };
  writeFileSync(BASELINE, `${JSON.stringify(baseline, undefined, 2)}\n`);
}
const baseline = JSON.parse(readFileSync(BASELINE, "utf8")) as Baseline;
const comparable = baseline.node === here.node && baseline.arch === here.arch;
const rows = Object.entries(found).map(([name, { unit, instructions }]) => {
  const before = comparable ? baseline.cases[name]?.instructions : undefined;
  return { name, unit, instructions, baseline: before ?? null, change: before === undefined ? null : instructions / before - 1 };
});
const worse = rows.filter(({ change }) => (change ?? 0) > baseline.tolerance);
if (options.json) process.stdout.write(`${JSON.stringify({ ...here, tolerance: baseline.tolerance, rows, passed: worse.length === 0 })}\n`);
else process.stdout.write(report());
if (worse.length > 0) process.exitCode = 1;

async function countCases(): Promise<Baseline["cases"]> {
  const program = fileURLToPath(new URL("work.js", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "saccade-instructions-"));
  try {
    // The program takes the files in the order of their names.
    const cases = Object.entries(CASES).map(([name, make]) => ({ name, ...make() })).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, work } of cases) writeFileSync(join(folder, name), serialize(work));
    const counts = await countInstructions(program, [folder]);
    if (counts.length !== 2 * cases.length + 1) throw new Error(`callgrind gave ${counts.length} counts for ${cases.length} cases`);
    return Object.fromEntries(cases.map(({ name, unit, units }, i) =>
      [name, { unit, instructions: Number((counts[2 * i + 1]! / (TIMES * units)).toPrecision(4)) }]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(): string {
  const cells = rows.map(({ name, unit, instructions, baseline: before, change }) => [
    name, `${instructions} per ${unit}`, before === null ? "" : String(before),
    change === null ? "new" : `${change >= 0 ? "+" : "−"}${Math.abs(100 * change).toFixed(1)} %`,
  ]);
  const other = comparable ? "" : `the baseline is of Node ${baseline.node} on ${baseline.arch}: nothing is compared\n`;
  const verdict = worse.map(({ name, change }) =>
    `${name} needs ${(100 * change!).toFixed(1)} % more instructions than the baseline; make it as fast again, or run: ${baseline.made}\n`);
  return `${table([["path", "instructions", "baseline", "change"], ...cells])}${other}${verdict.join("")}`;
}
