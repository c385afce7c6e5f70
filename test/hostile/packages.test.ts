import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { Engine } from "../../host/engine/engine.js";
import { SaccadeError } from "../../host/errors.js";
import { ModelError } from "../../models/errors.js";
import { readPackage, type PackageFile } from "../../models/package/reader.js";
import { smallPackage } from "../package/networks.js";
import { seeds } from "../seeds.js";
import { mutatedPackages, resealed, sectionsOf } from "./mutated-packages.js";

const RUNS = 1000;
const intact = await smallPackage();

/** The package, or undefined when it was refused by a coded error with a remedy. Anything else fails the test. */
function readOrRefuse(bytes: Uint8Array): PackageFile | undefined {
  try {
    return readPackage(bytes);
  } catch (error) {
    assert.ok(error instanceof ModelError, String(error));
    assert.ok(error.remedy.length > 0 && !error.line.includes("\n") && error.line.length < 500, error.line);
    assert.ok(error.code.startsWith("PACKAGE_"), error.line);
    return undefined;
  }
}

/** Whether the engine takes the plan; then it must run the self-test's frames without a trap, whatever it computes. */
function runOrRefuse({ plan, constants, selfTest }: PackageFile): boolean {
  try {
    new Engine(plan, constants).digest(selfTest.frames, selfTest.timesteps);
    return true;
  } catch (error) {
    assert.ok(error instanceof SaccadeError && error.code === "PACKAGE_REFUSED", String(error));
    return false;
  }
}

for (const seed of seeds())
  t.test(`${RUNS} mutated packages are refused or run, seed ${seed}`, async (t) => {
    const fate = { refused: 0, gate: 0, ran: 0 };
    fc.assert(fc.property(mutatedPackages(intact), ({ bytes }) => {
      const read = readOrRefuse(bytes);
      if (read === undefined) fate.refused++;
      else if (runOrRefuse(read)) fate.ran++;
      else fate.gate++;
    }), { seed, numRuns: RUNS });
    t.equal(fate.refused + fate.gate + fate.ran, RUNS);
    t.ok(fate.refused > 0 && fate.gate > 0 && fate.ran > 0, JSON.stringify(fate));
  });

/** CBOR that is small in the file and large in the mind. */
const BOMBS: Readonly<Record<string, Uint8Array>> = {
  "arrays 40,000 deep": new Uint8Array(40_000).fill(0x81),
  "maps 20,000 deep": Uint8Array.from({ length: 40_000 }, (_, i) => (i % 2 === 0 ? 0xa1 : 0x60)),
  "an array of 2^32 − 1": Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
  "an array of 2^53": Uint8Array.of(0x9b, 0, 0x20, 0, 0, 0, 0, 0, 0),
  "a map of 2^32 − 1": Uint8Array.of(0xba, 0xff, 0xff, 0xff, 0xff),
  "bytes of 4 GiB": Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff),
  "text of 4 GiB": Uint8Array.of(0x7a, 0xff, 0xff, 0xff, 0xff),
  "40,000 arrays of 30,000": Uint8Array.from({ length: 40_000 }, (_, i) => [0x99, 0x75, 0x30][i % 3]!),
  "a bignum": Uint8Array.from([0xc2, 0x59, 0x10, 0x00, ...new Uint8Array(4096).fill(255)]),
  "a record definition": Uint8Array.of(0xd9, 0xdf, 0xff, 0x82, 0x81, 0x61, 0x61, 0x01),
  "a shared reference": Uint8Array.of(0xd8, 0x1c, 0x81, 0xd8, 0x1d, 0x00),
  "an indefinite map": Uint8Array.of(0xbf, 0xff),
  "a prototype": Uint8Array.of(0xa1, 0x69, ...Buffer.from("__proto__"), 0xa0),
  "nothing": new Uint8Array(0),
  "a ZIP": Uint8Array.from(Buffer.from("PK\u0003\u0004archive/data.pkl")),
  "65 MiB of zeros": new Uint8Array(65 * 1024 * 1024),
};

for (const [what, bytes] of Object.entries(BOMBS))
  t.test(`refuses ${what} at once`, async (t) => {
    const sections = sectionsOf(intact);
    const names = bytes.length > 100_000 ? [] : (["card", "graph", "selftest"] as const);
    const inside = names.map((name) => resealed({ ...sections, [name]: bytes }));
    const files = [bytes, ...inside];
    for (const file of files) {
      const began = process.hrtime.bigint();
      const heap = process.memoryUsage().arrayBuffers;
      t.throws(() => readPackage(file), { name: "ModelError", code: "PACKAGE_CORRUPT" });
      t.ok(process.memoryUsage().arrayBuffers - heap < 16 * 1024 * 1024, "no large allocation");
      t.ok(process.hrtime.bigint() - began < 1_000_000_000n, "within a second");
    }
  });
