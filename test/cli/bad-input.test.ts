import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { needs, sharedData } from "../data.js";
import { at as times, batch } from "../framing/events.js";
import { untrainedPackage } from "./package.js";
import { digitFile, nmnistBytes } from "./recordings.js";
import { endRuns, saccade } from "./run.js";

t.teardown(endRuns);

const folder = t.testdir({});
const at = (name: string): string => join(folder, name);
const made = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  await writeFile(at(name), bytes);
  return at(name);
};
const packageBytes = await untrainedPackage();
const model = await made("untrained.saccade", packageBytes);
const digit = await made("digit.bin", digitFile(5));
/** EVT2 of a sensor of 640×480: one event, after the upper bits of its time. */
const wideHeader = Buffer.from("% evt 2.0\n% geometry 640x480\n% end\n");
const wide = await made("wide.raw", Buffer.concat([wideHeader, Buffer.from([0, 0, 0, 0x80, 1, 0, 0, 0x10])]));

/** Exactly one line `code: what; remedy` on stderr, nothing on stdout, the exit code of sysexits. */
const cases: readonly (readonly [name: string, argv: readonly string[], code: number, says: RegExp])[] = [
  ["an empty recording", ["replay", await made("empty.bin", ""), "--model", model], 65, /^RECORDING_EMPTY: /],
  ["bytes that are no recording", ["replay", await made("x.foo", "hello"), "--model", model], 65, /^FORMAT_UNKNOWN: /],
  ["no such recording", ["replay", at("gone.raw"), "--model", model], 66, /^FILE_NOT_FOUND: .*gone\.raw/],
  ["a folder as recording", ["replay", folder, "--model", model], 66, /^FILE_UNREADABLE: /],
  ["no such model", ["replay", digit, "--model", at("gone.saccade")], 66, /^FILE_NOT_FOUND: .*gone\.saccade/],
  ["a folder as model", ["replay", digit, "--model", folder], 66, /^FILE_UNREADABLE: /],
  ["an empty package", ["replay", digit, "--model", at("empty.bin")], 65, /^PACKAGE_CORRUPT: /],
  ["a truncated package", ["replay", digit, "--model", await made("cut.saccade", packageBytes.slice(0, -100))], 65, /^PACKAGE_CORRUPT: /],
  ["a package with a flipped bit", ["replay", digit, "--model", await made("bit.saccade", flipped(packageBytes))], 65, /^PACKAGE_/],
  ["a recording as model", ["replay", digit, "--model", digit], 65, /^PACKAGE_CORRUPT: /],
  ["a model as recording", ["replay", model, "--model", model], 65, /^[A-Z_]+: /],
  ["another format than it is", ["replay", digit, "--as", "nonsense", "--model", model], 65, /^FORMAT_UNKNOWN: /],
  ["another size than the model's", ["replay", digit, "--size", "64x48", "--model", model], 65, /^SENSOR_MISMATCH: .*64x48.*34x34/],
  ["a recording of another sensor", ["replay", wide, "--model", model], 65, /^SENSOR_MISMATCH: .*640x480.*34x34/],
  ["frames of another sensor", ["frames", wide, "--model", model, "--out", at("x.npz")], 65, /^SENSOR_MISMATCH: /],
  ["a size that is none", ["replay", digit, "--size", "64", "--model", model], 64, /^USAGE: .*64/],
  ["a speed that is none", ["replay", digit, "--speed", "fast", "--model", model], 64, /^USAGE: .*fast/],
  ["no model named", ["replay", digit], 64, /^USAGE: .*--model/],
  ["no recording named", ["replay", "--model", model], 64, /^USAGE: /],
  ["no broker there", ["replay", digit, "--model", model, "--mqtt", "mqtt://127.0.0.1:9"], 69, /^BROKER_UNREACHABLE: /],
  ["frames to a folder that is not there", ["frames", digit, "--model", model, "--out", at("no/x.npz")], 69, /^FILE_UNWRITABLE: /],
  ["frames over the recording", ["frames", digit, "--model", model, "--out", digit], 64, /^USAGE: .*is also read/],
  ["a data set that is not JSON", ["eval", model, "--data", digit], 65, /^DATASET_INVALID: /],
  ["a data set with a strange label", ["eval", model, "--data", await dataset(["cat"])], 65, /^DATASET_INVALID: .*"cat"/],
];

async function dataset(labels: readonly string[]): Promise<string> {
  return made("dataset.json", JSON.stringify({ task: "classification", labels, samples: [{ file: "digit.bin", label: labels[0] }] }));
}

function flipped(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[changed.length >> 1]! ^= 0x10;
  return changed;
}

for (const [name, argv, code, says] of cases)
  t.test(`one coded error: ${name}`, async t => {
    const outcome = await saccade(...argv);
    t.equal(outcome.code, code);
    t.equal(outcome.stdout, "");
    t.match(outcome.stderr, /^[A-Z_]+: [^\n]+; [^\n]+\n$/, "one line: code, what happened, what to do");
    t.match(outcome.stderr, says);
  });

t.test("every recording's sensor is asked for, not only the first's", async t => {
  const { code, stdout, stderr } = await saccade("replay", digit, wide, "--model", model, "--json");
  t.equal(code, 65);
  t.match(stderr, /^SENSOR_MISMATCH: .*640x480/);
  t.ok(stdout.trimEnd().split("\n").every(line => (JSON.parse(line) as { source: string }).source === "digit"));
});

t.test("--verbose adds the stack", async t => {
  const { code, stderr } = await saccade("replay", at("gone.raw"), "--model", model, "--verbose");
  t.equal(code, 66);
  t.match(stderr, /\n {4}at /);
});

t.test("time that runs backwards and events outside the sensor are counted", async t => {
  const events = batch([...times(100, 200, 150, 300), { t: 400, x: 200, y: 3, p: 1 }]);
  const { code, stdout } = await saccade("replay", await made("odd.bin", nmnistBytes(events)), "--as", "nmnist", "--model", model, "--json");
  t.equal(code, 0);
  interface Last {
    readonly summary: { readonly events: number; readonly dropped: Readonly<Record<string, number>> };
  }
  const { summary } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Last;
  t.same(summary.dropped, { time_backwards: 1, outside_sensor: 1 });
  t.equal(summary.events, 5);
});

t.test("a PyTorch zip that is named .nir", needs("nir/NIR/history"), async t => {
  const history = sharedData("nir/NIR/history")!;
  const isZip = (path: string): boolean => readFileSync(path).readUInt32LE(0) === 0x04034b50;
  const zip = readdirSync(history).map(name => join(history, name)).find(path => path.endsWith(".nir") && isZip(path));
  t.type(zip, "string", "there is one");
  const { code, stdout, stderr } = await saccade("replay", digit, "--model", zip!);
  t.equal(code, 65);
  t.equal(stdout, "");
  t.match(stderr, /^[A-Z_]+: [^\n]+; [^\n]+\n$/);
});
