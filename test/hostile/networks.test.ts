import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { ModelError } from "../../models/errors.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork } from "../../models/importers/network.js";
import { lower } from "../../models/package/lower.js";
import { needs, sharedData } from "../data.js";
import { seeds } from "../seeds.js";

const FILES = [
  "NIR/lif_norse.nir",
  "NIR/braille_noDelay_bias_zero_subgraph.nir",
  "synthetic/cnn_gzip_latest.nir",
  "lava-netx/tinynet/tiny.net",
] as const;
const RUNS = 300;
t.teardown(stopHdf5);

type Mutation =
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "flip"; readonly at: readonly number[]; readonly bit: number }
  | { readonly kind: "fill"; readonly at: number; readonly length: number; readonly byte: number }
  | { readonly kind: "copy"; readonly at: number; readonly from: number; readonly length: number };

/** Positions are shares of the file; half of them fall into its first eighth, where the structure is. */
const position = fc.oneof(fc.double({ min: 0, max: 0.125, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: position }),
  fc.record({
    kind: fc.constant("flip" as const),
    at: fc.array(position, { minLength: 1, maxLength: 12 }),
    bit: fc.integer({ min: 0, max: 7 }),
  }),
  fc.record({
    kind: fc.constant("fill" as const),
    at: position,
    length: fc.integer({ min: 1, max: 64 }),
    byte: fc.constantFrom(0, 1, 0x7f, 0xff),
  }),
  fc.record({ kind: fc.constant("copy" as const), at: position, from: position, length: fc.integer({ min: 1, max: 256 }) }),
);

function mutated(bytes: Uint8Array, change: Mutation): Uint8Array {
  const out = bytes.slice();
  const place = (share: number): number => Math.min(bytes.length - 1, Math.floor(share * bytes.length));
  switch (change.kind) {
    case "cut":
      return out.subarray(0, place(change.at));
    case "flip":
      for (const at of change.at) out[place(at)]! ^= 1 << change.bit;
      return out;
    case "fill":
      return out.fill(change.byte, place(change.at), place(change.at) + change.length);
    case "copy":
      return out.copyWithin(place(change.at), place(change.from), place(change.from) + change.length);
  }
}

/** Imported and lowered, or refused by one coded error with a remedy. Anything else fails. */
async function importOrRefuse(bytes: Uint8Array, name: string): Promise<"imported" | "refused"> {
  try {
    const { graph, timesteps, cap } = await importNetwork(bytes, { name });
    lower(graph, { timesteps, frame: 0, frameCap: cap });
    return "imported";
  } catch (error) {
    assert.ok(error instanceof ModelError, error instanceof Error ? error.stack : String(error));
    assert.ok(error.code.startsWith("NETWORK_"), error.line);
    assert.ok(error.remedy.length > 0 && !error.line.includes("\n") && error.line.length < 600, error.line);
    return "refused";
  }
}

for (const seed of seeds()) {
  t.test(`${RUNS} mutated networks are imported or refused, seed ${seed}`, needs("nir"), async (t) => {
    const files = FILES.map((name) => ({ name, bytes: new Uint8Array(readFileSync(sharedData(`nir/${name}`)!)) }));
    const fate = { imported: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), mutation, async (file, change) => {
        const { name, bytes } = files[file]!;
        fate[await importOrRefuse(mutated(bytes, change), name)]++;
      }),
      { seed, numRuns: RUNS },
    );
    t.ok(fate.imported > 0 && fate.refused > 0, JSON.stringify(fate));
    for (const { name, bytes } of files) t.equal(await importOrRefuse(bytes, name), "imported", `${name} itself still reads`);
  });
}

t.test("a PyTorch zip named .nir", needs("nir/NIR/history/2023-09-01_3049cfa1_Braille_snntorch.nir"), async (t) => {
  const name = "2023-09-01_3049cfa1_Braille_snntorch.nir";
  await t.rejects(importNetwork(readFileSync(sharedData(`nir/NIR/history/${name}`)!), { name }), {
    code: "NETWORK_CORRUPT",
    message: `${name} is a PyTorch zip archive, not HDF5`,
  });
});
