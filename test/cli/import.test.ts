import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { packageRoot } from "../../host/root.js";
import { readPackage } from "../../models/package/reader.js";
import { needs, sharedData } from "../data.js";
import { exactWeights, nirFile, randomNumbers } from "../importers/nir-file.js";
import { endRuns, saccade } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-import-"));
t.teardown(() => {
  endRuns();
  rmSync(folder, { recursive: true });
});

interface Printed {
  readonly package: { readonly bytes: number; readonly labels: readonly string[]; readonly framing: unknown };
  readonly digest: string;
  readonly report: {
    readonly rule: string;
    readonly assumptions: readonly { option: string; value: unknown; from: string }[];
    readonly requantised: readonly unknown[];
  };
}

t.test("three encodings of one network, one digest, one report", needs("nir/synthetic"), async (t) => {
  const digests = new Set<string>();
  for (const file of ["NIR/cnn_sinabs.nir", "synthetic/cnn_gzip_vreset.nir", "synthetic/cnn_gzip_latest.nir"]) {
    const out = join(folder, "cnn.saccade");
    const { code, stdout, stderr } = await saccade(
      "import",
      sharedData(`nir/${file}`)!,
      "-o",
      out,
      "--rule",
      "sinabs",
      "--dt",
      "10ms",
      "--v-min",
      "-theta",
      "--json",
    );
    t.equal(code, 0, stderr);
    const printed = JSON.parse(stdout) as Printed;
    digests.add(printed.digest);
    t.same(printed.package.labels, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    t.same(printed.package.framing, { kind: "time", windowMicros: 100_000, timesteps: 10, frame: "counts", cap: 127, state: "keep" });
    const said = new Map(printed.report.assumptions.map(({ option, value, from }) => [option, `${String(value)} ${from}`]));
    t.equal(said.get("dt"), "0.01 given");
    t.equal(said.get("v_min"), "-theta given");
    t.equal(said.get("reset"), "subtract rule");
    t.equal(said.get("timesteps"), "10 assumed");
    const pkg = readPackage(readFileSync(out));
    t.same(pkg.card.sensor, { kind: "dvs", width: 34, height: 34 });
    t.match(pkg.graph, { import_report: { rule: "sinabs", source: { format: "nir" } } });
    t.equal(readFileSync(out).length, printed.package.bytes);
  }
  t.equal(digests.size, 1);
});

t.test("a package is not written over the network that it is made of", async (t) => {
  const file = join(folder, "own.safetensors"), bytes = readFileSync(new URL("models/zoo/actions/actions-trev.safetensors", packageRoot));
  writeFileSync(file, bytes);
  t.match(await saccade("import", file, "-o", file), { code: 64, stdout: "", stderr: /^USAGE: .*own\.safetensors is also read; write to another file\n$/ });
  t.ok(readFileSync(file).equals(bytes));
});

t.test("Lava's netx, and what its rule does not allow", needs("nir/lava-netx"), async (t) => {
  const file = sharedData("nir/lava-netx/tinynet/tiny.net")!;
  const out = join(folder, "tiny.saccade");
  const { code, stdout } = await saccade("import", file, "-o", out, "--timesteps", "16");
  t.equal(code, 0);
  t.match(stdout, /read as netx, rule lava[\s\S]*frames hold the drive 36 · x \+ 34/);
  const refused = await saccade("import", file, "-o", out, "--reset", "subtract");
  t.equal(refused.code, 65);
  t.match(refused.stderr, /^NETWORK_UNSUPPORTED: .*--reset cannot change it; leave the option out\n$/);
});

t.test("calibration over recordings", needs("dvs/nmnist-small"), async (t) => {
  const random = randomNumbers(11);
  const conv = (o: number, i: number) => ({
    type: "Conv2d",
    weight: exactWeights([o, i, 3, 3], random),
    stride: [2, 2],
    padding: [1, 1],
    dilation: [1, 1],
    groups: [1],
  });
  const names = ["input", "a", "b", "if", "flat", "fc", "output"];
  const file = join(folder, "deep.nir");
  writeFileSync(
    file,
    await nirFile({
      nodes: {
        input: { type: "Input", shape: [2, 34, 34] },
        a: conv(4, 2),
        b: conv(3, 4),
        if: { type: "IF", r: 1, v_threshold: 4 },
        flat: { type: "Flatten", start_dim: [0], end_dim: [-1] },
        fc: { type: "Linear", weight: exactWeights([10, 3 * 81], random) },
        output: { type: "Output", shape: [10] },
      },
      edges: names.slice(1).map((to, i) => [names[i]!, to] as const),
    }),
  );
  const out = join(folder, "deep.saccade");
  const units: number[] = [];
  for (const options of [[], ["--calibrate", sharedData("dvs/nmnist-small/test.json")!]]) {
    const { code, stdout, stderr } = await saccade("import", file, "-o", out, "--dt", "10ms", "--json", ...options);
    t.equal(code, 0, stderr);
    const { requantised } = (JSON.parse(stdout) as Printed).report;
    t.match(requantised, [{ source: "a", range: options.length === 0 ? "worst case" : "calibrated" }]);
    units.push((requantised[0] as { unit: number }).unit);
  }
  t.ok(units[1]! < units[0]! / 4, `unit ${units[0]} becomes ${units[1]}`);
});

t.test("weights of four bits: a checkpoint's, all or by node", async (t) => {
  const out = join(folder, "int4.saccade"), file = fileURLToPath(new URL("models/zoo/nmnist/nmnist.safetensors", packageRoot));
  const weightsOf = async (...options: readonly string[]): Promise<{ bytes: number; int4: readonly string[] }> => {
    const { code, stdout, stderr } = await saccade("import", file, "-o", out, "--json", ...options);
    t.equal(code, 0, stderr);
    const { package: { bytes }, report } = JSON.parse(stdout) as Printed & { report: { weights: readonly { node: string; bits: number }[] } | null };
    return { bytes, int4: (report?.weights ?? []).filter(({ bits }) => bits === 4).map(({ node }) => node) };
  };
  const int8 = await weightsOf();
  t.same((await weightsOf("--weights", "int8")), int8);
  const whole = readPackage(readFileSync(out));
  t.equal(whole.card.scores.length, 1);
  const int4 = await weightsOf("--weights", "int4");
  t.same(int4.int4, ["conv1", "conv2", "conv3", "linear"]);
  const { card, view } = readPackage(readFileSync(out));
  t.same(card.scores, [], "what was scored was another network");
  t.match(card.provenance, { weights: /^int4, rounded after training: conv1, / });
  t.equal(whole.view.constantsBytes - view.constantsBytes, (288 + 4_608 + 18_432 + 16_000) / 2, "weights take half the bytes");
  t.same((await weightsOf("--weights", "int4,conv1=int8")).int4, ["conv2", "conv3", "linear"]);
  t.same((await weightsOf("--weights", "linear=int4")).int4, ["linear"]);
  const said = await saccade("import", file, "-o", out, "--weights", "int4");
  t.match(said.stdout, /read as checkpoint[\s\S]*weights +type +count +bits +clipped[\s\S]*conv3 +Conv2d +18,432 +4 +\d+/);
  const stranger = await saccade("import", file, "-o", out, "--weights", "conv9=int4");
  t.equal(stranger.code, 65);
  t.match(stranger.stderr, /^NETWORK_UNSUPPORTED: conv9, .*; name one of conv1, conv2, conv3, linear\n$/);
});

t.test("bad options and bad files", needs("nir/NIR"), async (t) => {
  const file = sharedData("nir/NIR/lif_norse.nir")!;
  const out = join(folder, "x.saccade");
  for (const options of [
    ["--dt", "soon"],
    ["--spikes", "16"],
    ["--rule", "brian"],
    ["--input", "2x"],
    ["--v-min", "1"],
    ["--labels", "a,,b"],
    ["--weights", "int5"],
    ["--weights", "mse"],
    ["--weights", "int4,int8"],
    ["--weights", "=int4"],
    ["--weight-scale", "least"],
  ]) {
    t.equal((await saccade("import", file, "-o", out, ...options)).code, 64, options.join(" "));
  }
  const zip = await saccade("import", sharedData("nir/NIR/history/2023-09-01_3049cfa1_Braille_snntorch.nir")!, "-o", out);
  t.equal(zip.code, 65);
  t.match(zip.stderr, /^NETWORK_CORRUPT: .* is a PyTorch zip archive, not HDF5; [^\n]*\n$/);
  t.equal((await saccade("import", join(folder, "none.nir"), "-o", out)).code, 66);
  t.throws(() => readFileSync(out));
});
