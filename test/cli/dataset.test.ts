import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import t, { type Test } from "tap";
import { readDataset } from "../../host/cli/dataset.js";
import { SaccadeError } from "../../host/errors.js";
import { needs, sharedData } from "../data.js";
import { seeds } from "../seeds.js";

const good = {
  task: "classification",
  labels: ["a", "b"],
  sensor: { width: 34, height: 34 },
  samples: [{ file: "one.bin", format: "nmnist", label: "a" }, { file: "one.bin", label: "b" }],
};

async function written(t: Test, content: unknown): Promise<string> {
  const folder = t.testdir({ "one.bin": "x", sub: {} });
  const path = join(folder, "dataset.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

t.test("a data set is read, its files relative to it", async t => {
  const path = await written(t, good);
  const one = join(path, "..", "one.bin");
  t.same(await readDataset(path), {
    labels: ["a", "b"],
    sensor: { width: 34, height: 34 },
    samples: [{ path: one, format: "nmnist", label: "a" }, { path: one, format: undefined, label: "b" }],
  });
  t.equal((await readDataset(path, 1)).samples.length, 1);
});

const sample = good.samples[0];
const timed = (...intervals: unknown[]): unknown => ({ ...good, samples: [{ ...sample, intervals }] });
const wrong: readonly (readonly [name: string, content: unknown, says: RegExp, code?: string])[] = [
  ["not JSON", "{", /dataset\.json is not JSON/],
  ["a list", [], /the top level is not an object/],
  ["another task", { ...good, task: "detection" }, /task is "detection", not "classification"/],
  ["no task", { labels: ["a"], samples: [sample] }, /task is missing/],
  ["no labels", { ...good, labels: [] }, /labels is not a list with entries/],
  ["a label that is a number", { ...good, labels: ["a", 7] }, /labels\[1\] is 7, not a string/],
  ["a label twice", { ...good, labels: ["a", "b", "a"] }, /labels\[2\] "a" stands there twice/],
  ["no samples", { ...good, samples: {} }, /samples is not a list with entries/],
  ["an empty list of samples", { ...good, samples: [] }, /samples is not a list with entries/],
  ["a sample that is null", { ...good, samples: [sample, null] }, /samples\[1\] is not an object/],
  ["a sample without a file", { ...good, samples: [{ label: "a" }] }, /samples\[0\]\.file is missing, not a path/],
  ["an absolute path", { ...good, samples: [{ file: "/etc/hostname", label: "a" }] }, /samples\[0\]\.file "\/etc\/hostname" is not relative/],
  ["a label of another type", { ...good, samples: [{ file: "one.bin", label: 3 }] }, /samples\[0\]\.label is 3, not a string \(file one\.bin\)/],
  ["an unknown label", { ...good, samples: [sample, { file: "one.bin", label: "z" }] }, /samples\[1\]\.label "z" \(file one\.bin\) is not one/],
  ["a format that is none", { ...good, samples: [{ ...sample, format: 1 }] }, /samples\[0\]\.format is 1, not a string/],
  ["intervals that are none", { ...good, samples: [{ ...sample, intervals: 5 }] }, /samples\[0\]\.intervals is 5, not a list/],
  ["an interval that is null", timed(null), /intervals\[0\] is not an object/],
  ["an interval's label that is unknown", timed({ start: 0, end: 1, label: "z" }), /intervals\[0\]\.label "z" is not one/],
  ["an interval without a start", timed({ end: 1, label: "a" }), /intervals\[0\]\.start is missing/],
  ["an interval that is over before it begins", timed({ start: 2, end: 2, label: "a" }), /intervals\[0\]\.end is 2, not after its start/],
  ["intervals that overlap", timed({ start: 0, end: 5, label: "a" }, { start: 4, end: 6, label: "b" }), /intervals\[1\]\.start is 4, before 5/],
  ["a sensor without width", { ...good, sensor: { height: 3 } }, /sensor\.width is missing/],
  ["a sensor too high", { ...good, sensor: { width: 3, height: 65536 } }, /sensor\.height is 65536/],
  ["a missing file", { ...good, samples: [{ file: "gone.bin", label: "a" }] }, /there is no file .*gone\.bin/, "FILE_NOT_FOUND"],
  ["a folder for a file", { ...good, samples: [{ file: "sub", label: "a" }] }, /sub is not a file/, "FILE_UNREADABLE"],
];

for (const [name, content, says, code = "DATASET_INVALID"] of wrong)
  t.test(`refused with one clear error: ${name}`, async t => {
    const path = await written(t, content);
    await t.rejects(readDataset(path), { code, message: says });
  });

t.test("a data set that is not there", async t => {
  await t.rejects(readDataset(join(t.testdir(), "dataset.json")), { code: "FILE_NOT_FOUND" });
  await t.rejects(readDataset(t.testdir()), { code: "FILE_UNREADABLE" });
});

t.test("the shared N-MNIST recordings", needs("dvs/nmnist-small/test.json"), async t => {
  const { labels, samples } = await readDataset(sharedData("dvs/nmnist-small/test.json")!);
  t.equal(labels.length, 10);
  t.equal(samples.length, 100);
});

for (const seed of seeds())
  t.test(`any JSON at all is a data set or one coded error, seed ${seed}`, async t => {
    const path = await written(t, good);
    const like = fc.record(
      {
        task: fc.oneof(fc.constant("classification"), fc.jsonValue()),
        labels: fc.oneof(fc.constant(["a", "b"]), fc.jsonValue()),
        sensor: fc.oneof(fc.constant({ width: 34, height: 34 }), fc.jsonValue()),
        samples: fc.oneof(fc.array(fc.record({ file: fc.oneof(fc.constant("one.bin"), fc.jsonValue()), label: fc.jsonValue() })), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(like.map(value => JSON.stringify(value)), fc.json(), fc.string()), async text => {
        await writeFile(path, text);
        await readDataset(path).catch((error: unknown) => assert.ok(error instanceof SaccadeError && !error.line.includes("\n"), String(error)));
      }),
      { seed, numRuns: 300 },
    );
  });
