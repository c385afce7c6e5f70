import { parseArgs } from "node:util";
import { errorsSoak, paceSoak } from "./pace.js";
import { unplugSoak } from "./unplug.js";
import { randomSoak } from "./random.js";
import { soakText, type SoakResult } from "./result.js";

/** Checks that take minutes: `npm run soak -- NAME [--minutes N] [--cycles N] [--bytes N] [--only A,B] [--json]`. It ends with 1 when one does not hold. */
interface Settings {
  readonly minutes: number;
  readonly cycles: number;
  readonly bytes: number;
  /** Of `random`: what the names of the wanted decoders begin with. */
  readonly only: readonly string[];
}

const SOAKS: Readonly<Record<string, (settings: Settings) => Promise<SoakResult>>> = {
  pace: ({ minutes }) => paceSoak(minutes),
  edvs: ({ minutes }) => paceSoak(minutes, ["edvs"]),
  ld19: ({ minutes }) => paceSoak(minutes, ["ld19"]),
  bridge: ({ minutes }) => paceSoak(minutes, ["bridge"]),
  unplug: ({ cycles }) => unplugSoak(cycles),
  random: ({ bytes, only }) => randomSoak(bytes, only),
  errors: ({ minutes }) => errorsSoak(60 * minutes),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "10" },
    cycles: { type: "string", default: "1000" },
    bytes: { type: "string", default: "1e9" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const settings: Settings = { minutes: Number(values.minutes), cycles: Number(values.cycles), bytes: Number(values.bytes), only: values.only.split(",") };
const unknown = positionals.find((name) => !Object.hasOwn(SOAKS, name));
if (positionals.length === 0 || unknown !== undefined || ![settings.minutes, settings.cycles, settings.bytes].every((value) => value > 0)) {
  process.stderr.write(`USAGE: npm run soak -- ${Object.keys(SOAKS).join("|")} [--minutes N] [--cycles N] [--bytes N] [--only A,B] [--json]\n`);
  process.exit(64);
}
const results: SoakResult[] = [];
for (const name of positionals) {
  const result = await SOAKS[name]!(settings);
  results.push(result);
  if (!values.json) process.stdout.write(soakText(result));
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exitCode = results.every(({ checks }) => checks.every(({ ok }) => ok)) ? 0 : 1;
