import assert from "node:assert/strict";
import t from "tap";
import { FrameKind } from "../../assembly/abi.js";
import { lower } from "../../models/package/lower.js";
import type { Program } from "../../models/package/program.js";
import { levelGraph } from "../package/level-graph.js";
import { fill, type Case } from "./cases/case.js";
import { RunningProgram, testedVariants } from "./engine-under-test.js";
import { conform } from "./harness.js";
import { Random } from "./random.js";

const STEPS = 13;

function levels(timesteps: number): Case {
  const name = `level states, ${timesteps} sub-networks`, random = new Random(name);
  const program = lower(levelGraph(timesteps, name), { timesteps, frame: FrameKind.Counts, frameCap: 15 });
  const input = program.tensors[program.input]!;
  const densities = [0.05, 0.3, 0, 0.05, 1, "max"] as const;
  const frames = Array.from({ length: STEPS }, (_, step) => fill(input, densities[step % densities.length]!, random));
  return { name, program, frames, windows: frames.flatMap((_, step) => (step % timesteps === 0 ? [step] : [])) };
}

/** Whole windows, windows cut short, and weights shared by all steps. */
conform(t, [1, 2, 3, 4].map(levels));

for (const variant of testedVariants()) {
  t.test(`a stream of level states that is saved in mid-window goes on elsewhere, ${variant}`, async () => {
    const { program, frames, windows } = levels(4);
    const wanted = outputs(new RunningProgram(variant, program), frames, windows!, 0);
    for (const cut of [0, 5, 6, 8]) {
      const first = new RunningProgram(variant, program), second = new RunningProgram(variant, program, { streams: 2 });
      const before = outputs(first, frames.slice(0, cut), windows!, 0);
      outputs(second, frames, [0, 3, 7], 0, 1);
      second.restore(first.state(), 1);
      assert.deepEqual([...before, ...outputs(second, frames.slice(cut), windows!, cut, 1)], wanted);
    }
  });
}

t.test("state and arena do not grow with the number of sub-networks", async (t) => {
  const [one, four] = [levels(1).program, levels(4).program];
  t.equal(four.stateBytes, one.stateBytes);
  t.equal(arenaBytes(four), arenaBytes(one));
  t.equal(four.ops.length, one.ops.length);
});

function arenaBytes(program: Program): number {
  return program.tensors.reduce((bytes, { h, w, c }) => bytes + h * w * c, 0);
}

/** Logits after each step; windows begin before the steps whose number, counted on from `first`, is in `windows`. */
function outputs(running: RunningProgram, frames: readonly Uint8Array[], windows: readonly number[], first: number, stream = 0): string[] {
  return frames.map((frame, i) => {
    if (windows.includes(first + i)) running.beginWindow(stream);
    running.step(frame, stream);
    return Buffer.from(running.output(0)).toString("hex");
  });
}
