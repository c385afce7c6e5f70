import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { DType, Fire, Neuron, Op } from "../../assembly/abi.js";
import { Engine, KERNELS } from "../../host/engine/engine.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { fill } from "../conformance/cases/case.js";
import { ONE_BY_ONE } from "../conformance/geometry.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-cache-"));
process.env["XDG_CACHE_HOME"] = folder;
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const caches = join(folder, "saccade", "crossovers");

/** Two pointwise ops of 32 channels on 12 × 12 pixels, with their neurons. */
function network(): { plan: Uint8Array; constants: Uint8Array; frames: Uint8Array[] } {
  const random = new Random(7), builder = new ProgramBuilder();
  const input = { dtype: DType.U8, h: 12, w: 12, c: 32, bound: 4 };
  let at = builder.tensor(input);
  for (let layer = 0; layer < 2; layer++) {
    at = builder.weighted(Op.Pointwise, at, 32, ONE_BY_ONE, { values: random.integers(1024, -30, 30) });
    at = neuron(builder, at, { kind: Neuron.Counts, period: 32, multipliers: new Array<number>(32).fill(16000), shift: 15, maxCount: 4,
      fire: Fire.HalfUp, fractionBits: 6 });
  }
  const program = builder.build(0, [at]);
  const frames = ([0, 0.05, 0.3, 1] as const).map((density) => fill(input, density, random));
  return { plan: encodePlan(program, planMemory(program), 1), constants: program.constants, frames };
}

function outputs(engine: Engine, frames: readonly Uint8Array[]): string {
  const stream = engine.stream();
  return frames.map((frame) => {
    engine.input.set(frame);
    stream.step();
    return Buffer.from(engine.outputs[0]!.buffer, engine.outputs[0]!.byteOffset, engine.outputs[0]!.byteLength).toString("hex");
  }).join(" ");
}

t.test("crossovers are measured once, kept for the machine, and change no output", async (t) => {
  const { plan, constants, frames } = network();
  const plain = outputs(new Engine(plan, constants, { build: "simd" }), frames);
  t.equal(outputs(new Engine(plan, constants, { build: "simd", tune: true }), frames), plain);
  const [file] = readdirSync(caches);
  t.equal(readdirSync(caches).length, 1);
  t.same(Object.keys(JSON.parse(readFileSync(join(caches, file!), "utf8"))), ["0", "2"], "one for each op that has a choice");

  for (const crossovers of [{ 0: 0, 2: 1024 }, { 0: 1024, 2: 0 }, { 0: 300, 2: 300 }]) {
    writeFileSync(join(caches, file!), JSON.stringify(crossovers));
    t.equal(outputs(new Engine(plan, constants, { build: "simd", tune: true }), frames), plain);
    t.same(JSON.parse(readFileSync(join(caches, file!), "utf8")), crossovers, "what was measured before is taken");
  }
  for (const nonsense of ["", "{", "null", '{"0":-1,"2":5}', '{"0":1e99,"2":5}', '{"0":1}', "[1,2]"]) {
    writeFileSync(join(caches, file!), nonsense);
    t.equal(outputs(new Engine(plan, constants, { build: "simd", tune: true }), frames), plain, `a cache that holds ${nonsense}`);
    t.same(Object.keys(JSON.parse(readFileSync(join(caches, file!), "utf8"))), ["0", "2"], "measured again");
  }
});

t.test("a cache that cannot be written costs nothing but the measurement", async (t) => {
  const { plan, constants, frames } = network();
  process.env["XDG_CACHE_HOME"] = "/dev/null/nowhere";
  const tuned = outputs(new Engine(plan, constants, { build: "simd", tune: true }), frames);
  for (const kernels of KERNELS) t.equal(outputs(new Engine(plan, constants, { build: "simd", kernels }), frames), tuned, kernels);
  t.equal(outputs(new Engine(plan, constants, { build: "scalar", tune: true }), frames), tuned, "scalar has nothing to choose");
});
