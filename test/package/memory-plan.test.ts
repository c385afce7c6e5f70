import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { ALIGN, DType, FrameKind, Op } from "../../assembly/abi.js";
import { leastArena, lifetimes, planMemory } from "../../models/package/memory-plan.js";
import type { Program, ProgramOp } from "../../models/package/program.js";
import { seeds } from "../seeds.js";
import { smallProgram } from "./networks.js";

/** Ops that read one or two earlier tensors, mostly recent ones, and write a new one: only liveness matters here. */
const randomProgram: fc.Arbitrary<Program> = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 4000 }), back: fc.nat(3), far: fc.nat(), joins: fc.boolean() }),
  { minLength: 1, maxLength: 60 },
).map((steps) => ({
  tensors: [{ size: 100 }, ...steps].map(({ size }, i) =>
    ({ name: `t${i}`, dtype: DType.U8, h: 1, w: 1, c: size, bound: 1, fractionBits: 0 })),
  ops: steps.map(({ back, far, joins }, i): ProgramOp => ({
    op: Op.Add, name: `op${i}`, a: Math.max(0, i - back), b: joins ? far % (i + 1) : undefined, out: i + 1, words: {},
  })),
  input: 0,
  outputs: [steps.length],
  timesteps: 1,
  frame: FrameKind.None,
  frameCap: 1,
  constants: new Uint8Array(0),
  stateBytes: 32,
}));

for (const seed of seeds())
  t.test(`live tensors never share a byte, and the arena is near the least, seed ${seed}`, async (t) => {
    let worst = 1;
    fc.assert(fc.property(randomProgram, (program) => {
      const { offsets, arenaBytes } = planMemory(program);
      const lives = lifetimes(program);
      for (const [i, a] of lives.entries()) {
        assert.equal(offsets[i]! % ALIGN, 0);
        assert.ok(offsets[i]! + a.bytes <= arenaBytes);
        assert.ok(a.bytes >= program.tensors[i]!.c + 16);
        for (const [j, b] of lives.entries()) {
          if (j <= i || a.last < b.first || b.last < a.first) continue;
          assert.ok(offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!, `${i} and ${j}`);
        }
      }
      const ratio = arenaBytes / leastArena(lives, program.ops.length);
      worst = Math.max(worst, ratio);
      assert.ok(ratio <= 1.3, `${arenaBytes} bytes, ${ratio} times the least`);
    }), { seed, numRuns: 400 });
    t.pass(`worst ratio ${worst.toFixed(3)}`);
  });

t.test("the input lives from the beginning, outputs to the end", async (t) => {
  const program = smallProgram();
  const lives = lifetimes(program);
  t.same([lives[program.input]!.first, lives[program.input]!.last], [0, program.ops.length]);
  t.equal(lives[program.outputs[0]!]!.last, program.ops.length);
});

t.test("reading what none has written is refused", async (t) => {
  const program = smallProgram();
  t.throws(() => planMemory({ ...program, ops: [...program.ops].reverse() }), { code: "NETWORK_CORRUPT" });
  t.throws(() => planMemory({ ...program, ops: program.ops.slice(0, -1) }), { code: "NETWORK_CORRUPT" });
});
