import type { Test } from "tap";
import type { Build } from "../../host/engine/builds.js";
import type { Program } from "../../models/package/program.js";
import { Reference, type ProfileCounters } from "../reference/run-program.js";
import type { Case } from "./cases/case.js";
import { planApart, RunningProgram, testedBuilds } from "./engine-under-test.js";

/** What a program gave: all that must be equal everywhere. */
export interface Trace {
  /** One a timestep: the bytes of every tensor, in the order of the program. */
  readonly tensors: readonly (readonly Uint8Array[])[];
  readonly state: Uint8Array;
  readonly saturations: number;
  readonly profile: readonly ProfileCounters[];
}

/** Runs every case on every build; outputs, tensors between, state and counters must equal the oracle's, byte for byte. */
export function conform(t: Test, cases: readonly Case[]): void {
  if (cases.length === 0) throw new Error("an empty table proves nothing");
  const builds = testedBuilds();
  t.comment(`builds: ${builds.join(", ")}`);
  for (const testCase of cases) {
    t.test(testCase.name, async (t) => {
      const expected = referenceTrace(testCase);
      for (const build of builds) {
        t.equal(difference(testCase.program, expected, engineTrace(build, testCase)), "equal", build);
        t.equal(outputsDiffer(build, testCase, expected), "equal", `${build}, tensors sharing memory`);
      }
    });
  }
}

export function referenceTrace({ program, frames, windows }: Case): Trace {
  const reference = new Reference(program);
  const tensors = frames.map((frame, step) => {
    if (windows?.includes(step)) reference.beginWindow();
    reference.step(frame);
    return program.tensors.map((_, i) => reference.tensorBytes(i));
  });
  return { tensors, state: reference.stateBody, saturations: reference.saturations, profile: reference.profile };
}

/** On an engine build, each tensor at a place of its own. */
export function engineTrace(build: Build, { program, frames, windows }: Case): Trace {
  const running = new RunningProgram(build, program, { memory: planApart(program), profile: true });
  const tensors = frames.map((frame, step) => {
    if (windows?.includes(step)) running.beginWindow();
    running.step(frame);
    return program.tensors.map((_, i) => running.tensor(i));
  });
  const damage = running.engine.damage();
  if (damage.length > 0) throw new Error(`wrote outside its regions: ${damage.join(", ")}`);
  return { tensors, state: running.stateBody(), saturations: running.saturations(), profile: running.profile() };
}

/** With the memory plan that packages get: the outputs alone can be looked at. */
function outputsDiffer(build: Build, { program, frames, windows }: Case, expected: Trace): string {
  const running = new RunningProgram(build, program);
  for (const [step, frame] of frames.entries()) {
    if (windows?.includes(step)) running.beginWindow();
    running.step(frame);
    for (const [k, output] of program.outputs.entries()) {
      const at = firstDifference(expected.tensors[step]![output]!, running.output(k));
      if (at !== undefined) return `step ${step}, output ${k}, byte ${at}`;
    }
  }
  return "equal";
}

/** The first place where two traces differ, in words, or "equal". */
export function difference(program: Program, expected: Trace, got: Trace): string {
  for (const [step, tensors] of expected.tensors.entries())
    for (const [i, bytes] of tensors.entries()) {
      const at = firstDifference(bytes, got.tensors[step]![i]!);
      if (at === undefined) continue;
      const writer = program.ops.findIndex(({ out }) => out === i);
      return `step ${step}, tensor ${i} (written by op ${writer}), byte ${at}: ${hex(bytes, at)} expected, ${hex(got.tensors[step]![i]!, at)} found`;
    }
  const stateAt = firstDifference(expected.state, got.state);
  if (stateAt !== undefined) return `state behind its head, byte ${stateAt}`;
  if (expected.saturations !== got.saturations) return `saturations: ${expected.saturations} expected, ${got.saturations} found`;
  const [want, have] = [JSON.stringify(expected.profile), JSON.stringify(got.profile)];
  return want === have ? "equal" : `profile: ${want} expected, ${have} found`;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  if (Buffer.compare(a, b) === 0) return undefined;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at === -1 ? a.length : at;
}

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at & ~3, (at & ~3) + 8)).toString("hex");
}
