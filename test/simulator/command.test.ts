import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { endRuns, saccade } from "../cli/run.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-simulate-"));
t.teardown(() => {
  endRuns();
  rmSync(folder, { recursive: true, force: true });
});

t.test("simulate digits: labelled recordings that decode, and their data set", async (t) => {
  const out = join(folder, "digits");
  const { code, stdout } = await saccade("simulate", "digits", "--out", out, "--count", "12", "--seed", "9", "--json");
  t.equal(code, 0);
  const said = JSON.parse(stdout);
  t.match(said, { recordings: 12, seed: 9, dataset: join(out, "dataset.json") });
  const dataset = JSON.parse(readFileSync(said.dataset, "utf8"));
  t.same(dataset.sensor, { kind: "dvs", width: 34, height: 34 });
  t.same(dataset.samples.map(({ label }: { label: string }) => label).join(""), "012345678901");
  t.equal(readdirSync(out).length, 13);
  let events = 0;
  for (const { file, format } of dataset.samples) {
    const decoded = JSON.parse((await saccade("decode", join(out, file), "--json")).stdout);
    t.match(decoded, { format, width: 34, height: 34 });
    t.ok(decoded.t_last < 300_000);
    events += decoded.events;
  }
  t.equal(events, said.events);

  const again = join(folder, "again");
  await saccade("simulate", "digits", "--out", again, "--count", "12", "--seed", "9");
  for (const name of readdirSync(out)) t.ok(readFileSync(join(out, name)).equals(readFileSync(join(again, name))), `${name} is the same again`);
});

t.test("simulate in the other formats", async (t) => {
  for (const format of ["evt2", "aedat4", "csv"]) {
    const out = join(folder, format);
    const { code } = await saccade("simulate", "digits", "--out", out, "--count", "1", "--to", format);
    t.equal(code, 0);
    const { file } = JSON.parse(readFileSync(join(out, "dataset.json"), "utf8")).samples[0];
    const decoded = JSON.parse((await saccade("decode", join(out, file), "--as", format, "--json")).stdout);
    t.ok(decoded.events > 1000);
  }
});

t.test("what cannot be simulated is refused", async (t) => {
  t.match(await saccade("simulate", "cats", "--out", folder), { code: 64, stderr: /^USAGE: .*cats/ });
  t.match(await saccade("simulate", "digits"), { code: 64 });
  t.match(await saccade("simulate", "digits", "--out", folder, "--count", "0"), { code: 64 });
  t.match(await saccade("simulate", "digits", "--out", "/proc/nowhere"), { code: 69, stderr: /^FILE_UNWRITABLE: / });
});
