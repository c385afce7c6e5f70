import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Child } from "../../bench/contestants/child.js";
import { engineOf, outputsOf } from "../../bench/engines.js";
import { compileNative, NATIVE_FLAGS, type NativeFlags } from "../../bench/native.js";
import { writeNetwork } from "../../bench/networks/folder.js";
import { fanIn, layerOf, macs, mobileLayers } from "../../bench/networks/layers.js";
import { nativeFile } from "../../bench/networks/native-file.js";
import { makeNetwork, type Network } from "../../bench/networks/network.js";
import { driveOf, ONE, thresholdsOf } from "../../bench/networks/neurons.js";
import { programOf } from "../../bench/networks/program.js";
import { ONNX_FORMS, onnxModel } from "../../bench/onnx/network.js";
import { installed, openModel, planesOf, RUNTIMES } from "../../bench/onnx/runtime.js";
import { distance } from "../../bench/agreement.js";
import { KERNELS } from "../../host/engine/engine.js";
import { usableBuilds } from "../../host/engine/instance.js";
import { Reference } from "../reference/run-program.js";

const SIDE = 32;
const network = (neuron: "counts" | "lif", density: number): Network =>
  makeNetwork({ layers: mobileLayers(SIDE), neuron, density, head: true, frames: 3, seed: 5 });
const numbers = (outputs: readonly Int32Array[]): number[][] => outputs.map(output => [...output]);

t.test("the network is the one that the design names", async t => {
  const layers = mobileLayers();
  t.equal(layers.reduce((sum, layer) => sum + macs(layer), 0), 13_287_424);
  t.same(layers.map(({ ci, co }) => [ci, co]), [[2, 16], [16, 16], [16, 32], [32, 32], [32, 64], [64, 64], [64, 64], [64, 64], [64, 128]]);
  t.same([layers.at(-1)!.oh, layers.at(-1)!.ow], [16, 16]);
  t.same(layers.map(fanIn), [18, 9, 16, 9, 32, 9, 64, 9, 64]);
});

for (const [neuron, densities] of [["counts", [0.1, 1]], ["lif", [0.1]]] as const)
  for (const density of densities)
    t.test(`${neuron}, ${density * 100} % activity: oracle, builds and kernels agree with the plain numbers`, async t => {
      const made = network(neuron, density);
      const wanted = numbers(made.outputs);
      for (const found of made.activity) t.ok(Math.abs(found - density) < 0.02 + density * 0.3, `${found} of the values are not zero`);
      const oracle = new Reference(programOf(made), false);
      oracle.beginWindow();
      const words = made.inputs.map(input => {
        oracle.step(input);
        return [...new Int32Array(Uint8Array.from(oracle.output(0)).buffer)];
      });
      t.same(words, wanted, "oracle");
      for (const build of usableBuilds())
        for (const kernels of KERNELS) t.same(numbers(outputsOf(engineOf(made, { kernels, build }), made)), wanted, `${build}, ${kernels}`);
    });

t.test("thresholds count as the neuron does", async t => {
  for (const { drive } of network("counts", 0.2).parts.slice(0, 3)) {
    const thresholds = thresholdsOf(drive);
    const wrong = [...thresholds].filter((at, i) => {
      const c = Math.floor(i / 4), least = ((i % 4) + 0.5) * ONE;
      return driveOf(at, c, drive) < least || driveOf(at - 1, c, drive) >= least;
    });
    t.same(wrong, []);
    t.equal(thresholds.length, drive.bias.length * 4);
  }
});

t.test("C gives the same logits", async t => {
  for (const flags of Object.keys(NATIVE_FLAGS) as NativeFlags[]) {
    const program = compileNative(flags);
    if (program === undefined) {
      t.comment("no gcc");
      continue;
    }
    const folder = t.testdir({});
    for (const density of [0.1, 1]) {
      const made = network("counts", density);
      writeFileSync(join(folder, "network"), nativeFile(made));
      for (const kernels of ["dense", "spikes"]) {
        const child = await Child.start(kernels, program, [join(folder, "network"), kernels]);
        t.same(child.greeting.outputs, numbers(made.outputs), `${flags}, ${kernels}, ${density * 100} %`);
        t.ok((await child.run(2)) > 0);
        child.stop();
      }
    }
  }
});

t.test("the native file refuses what C does not run", async t => {
  t.throws(() => nativeFile(network("lif", 0.1)), /counts networks/);
  const layers = [layerOf("linear", "linear", 1, { h: 1, w: 1, c: 16 }, 16)];
  t.throws(() => nativeFile(makeNetwork({ layers, neuron: "counts", density: 0.5, head: true, frames: 1, seed: 1 })), /no linear/);
});

t.test("ONNX: rounded as ours the logits are ours, and clipped forms agree with one another", async t => {
  const made = network("counts", 0.2), wanted = made.outputs.flatMap(output => [...output]);
  for (const runtime of RUNTIMES) {
    if (!installed(runtime)) {
      t.comment(`onnxruntime-${runtime} is not installed: npm run bench installs it`);
      continue;
    }
    const logits = await Promise.all(ONNX_FORMS.map(async form => {
      const type = form === "int8" ? "uint8" : "float32";
      const model = await openModel(runtime, onnxModel(made, form), type, [SIDE, SIDE, 2]);
      const found: number[] = [];
      for (const input of made.inputs) {
        const planes = planesOf(input, 2);
        found.push(...(await model.run(type === "uint8" ? planes : Float32Array.from(planes))));
      }
      return found;
    }));
    const [counts, fp32, int8] = logits as [number[], number[], number[]];
    t.ok(distance(counts, wanted) < 0.001, `onnxruntime-${runtime}: ${distance(counts, wanted)} from our logits`);
    t.ok(distance(int8, fp32) < 0.1, `onnxruntime-${runtime}: int8 is ${distance(int8, fp32)} from fp32`);
    t.ok(distance(fp32, counts) > 0.01, "rounding shows, so the first line says something");
  }
});

t.test("a folder holds every form", async t => {
  const folder = writeNetwork(network("counts", 0.1), ONNX_FORMS);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const ours = await Child.start("saccade", process.execPath, [join(process.cwd(), "build/bench/contestants/saccade.js"), folder, "auto"]);
  t.same(ours.greeting.outputs, numbers(network("counts", 0.1).outputs));
  ours.stop();
  await t.rejects(Child.start("nobody", process.execPath, ["-e", "throw new Error('no such engine')"]), /nobody ended: .*no such engine/);
});
