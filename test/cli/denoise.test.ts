import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import t from "tap";
import { parseDenoise } from "../../host/cli/denoise-option.js";
import { readNpz } from "../../host/writers/npz-reader.js";
import { untrainedPackage } from "./package.js";
import { digitFile } from "./recordings.js";
import { endRuns, saccade } from "./run.js";

t.teardown(endRuns);

const folder = t.testdir({});
const at = (name: string): string => join(folder, name);
await writeFile(at("events.csv"), "t,x,y,p\n1,2,3,1\n2,3,3,1\n3,3,3,1\n9000,7,7,1\n");
await writeFile(at("digit.bin"), digitFile(3));
await writeFile(at("model.saccade"), await untrainedPackage());
await writeFile(at("quiet.saccade"), await untrainedPackage({ denoise: { backgroundActivityMicros: 3000, refractoryMicros: 2000 } }));

t.test("filters are read by name, in any order, with units", async (t) => {
  t.same(parseDenoise("background-activity=5ms,refractory=250us,hot-pixels=2000"),
    { backgroundActivityMicros: 5000, refractoryMicros: 250, hotPixelRate: 2000 });
  t.same(parseDenoise(" hot-pixels=1 , background-activity=60s"), { hotPixelRate: 1, backgroundActivityMicros: 60_000_000 });
  const wrong = ["", "refractory", "refractory=", "refractory=5", "refractory=0ms", "refractory=61s", "refractory=-1ms", "refractory=1e3ms", "hot-pixels=0",
    "hot-pixels=5ms", "hot-pixels=100001", "median=5ms", "constructor=5ms", "refractory=1ms,refractory=2ms", "refractory=1ms,"];
  for (const text of wrong) t.throws(() => parseDenoise(text), InvalidArgumentError, JSON.stringify(text));
});

t.test("decode --denoise counts what it took out, and why", async (t) => {
  const { code, stdout } = await saccade("decode", at("events.csv"), "--size", "8x8", "--denoise", "background-activity=5ms,refractory=1ms", "--json");
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { events: 1, t_first: 2, t_last: 2, dropped: { background_activity: 2, refractory: 1 } });
  const text = await saccade("decode", at("events.csv"), "--size", "8x8", "--denoise", "background-activity=5ms");
  t.match(text.stdout, /2 background_activity: events that no neighbour's event stands by/);
});

t.test("a sensor of unknown size, a filter of unknown name and points are refused", async (t) => {
  const filters = ["--denoise", "refractory=1ms"];
  t.match(await saccade("decode", at("events.csv"), ...filters), { code: 65, stderr: /^SENSOR_SIZE_UNKNOWN: .*--size/ });
  t.match(await saccade("decode", at("events.csv"), "--denoise", "median=1"), { code: 64, stderr: /^USAGE: .*background-activity/ });
  t.match(await saccade("decode", at("events.csv"), "--as", "ld06", ...filters), { code: 64, stderr: /^USAGE: .*points/ });
});

t.test("replay and frames see the same events without their noise; the package knows its sensor", async (t) => {
  const shared = ["--model", at("model.saccade"), "--denoise", "background-activity=3ms,refractory=2ms", "--json"];
  const replayed = await saccade("replay", at("digit.bin"), ...shared);
  t.equal(replayed.stderr, "");
  const { summary } = JSON.parse(replayed.stdout.trimEnd().split("\n").at(-1)!) as { summary: { events: number; dropped: Record<string, number> } };
  const all = digitFile(3).length / 5;
  t.ok(summary.dropped["background_activity"]! > 0 && summary.dropped["refractory"]! > 0);
  t.equal(summary.events + summary.dropped["background_activity"]! + summary.dropped["refractory"]!, all);
  const framed = await saccade("frames", at("digit.bin"), "--out", at("frames.npz"), ...shared);
  t.equal(framed.stderr, "");
  t.match(JSON.parse(framed.stdout), { events: summary.events, dropped: { refractory: summary.dropped["refractory"] } });
  const { frames } = readNpz(await readFile(at("frames.npz")));
  t.equal((frames!.data as Uint8Array).reduce((sum, count) => sum + count, 0), summary.events, "each of them counts once");
});

t.test("convert writes what is left, which decodes to the same", async (t) => {
  const filters = ["--size", "34x34", "--denoise", "background-activity=3ms"], out = at("quiet.csv");
  const { code, stdout } = await saccade("convert", at("digit.bin"), out, ...filters, "--json");
  t.equal(code, 0);
  const direct = await saccade("decode", at("digit.bin"), ...filters, "--json"), again = await saccade("decode", out, "--json");
  const { digest, events } = JSON.parse(direct.stdout) as { digest: object; events: number };
  t.match(JSON.parse(stdout), { events });
  t.strictSame((JSON.parse(again.stdout) as { digest: object }).digest, digest);
  const columns = await saccade("convert", at("digit.bin"), at("quiet.npz"), ...filters, "--json");
  t.match(JSON.parse(columns.stdout), { events }, "each pass begins with filters at rest");
});

interface Summary {
  readonly events: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly digest: string;
}

async function replayed(model: string, ...more: string[]): Promise<Summary> {
  const { stderr, stdout } = await saccade("replay", at("digit.bin"), "--model", at(model), "--json", ...more);
  if (stderr !== "") throw new Error(stderr);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { summary: Summary & { latency_us: object } };
  const { latency_us: _, ...summary } = last.summary;
  return summary;
}

t.test("a package takes its own noise out: as --denoise without it, after the user's, and inspect says so", async (t) => {
  const own = await replayed("quiet.saccade");
  t.same(own, await replayed("model.saccade", "--denoise", "background-activity=3ms,refractory=2ms"));
  t.not(own.digest, (await replayed("model.saccade")).digest);
  const first = await replayed("model.saccade", "--denoise", "refractory=1ms");
  const both = await replayed("quiet.saccade", "--denoise", "refractory=1ms");
  const all = (dropped: Summary["dropped"]): number => (dropped["refractory"] ?? 0) + (dropped["background_activity"] ?? 0);
  t.ok(both.dropped["refractory"]! > first.dropped["refractory"]!, "the second filter's are added to the first one's");
  t.equal(both.events + all(both.dropped), first.events + all(first.dropped));
  const text = (await saccade("inspect", at("quiet.saccade"))).stdout, json = (await saccade("inspect", at("quiet.saccade"), "--json")).stdout;
  t.match(text, /without     events without a neighbour's within 3,000 µs; events within 2,000 µs of another/);
  t.match(JSON.parse(json), { denoise: { backgroundActivityMicros: 3000, refractoryMicros: 2000 } });
});
