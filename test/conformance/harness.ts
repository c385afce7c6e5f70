import type { Test } from "tap";
import type { Program } from "../../models/package/program.js";
import { Reference, type ProfileCounters } from "../reference/run-program.js";
import type { Case } from "./cases/case.js";
import { planApart, RunningProgram, testedVariants, type Variant } from "./engine-under-test.js";

/** What a program gave: all that must be equal everywhere. */
export interface Trace {
  /** One a timestep: the bytes of every tensor, in the order of the program; undefined where it never stands in the arena. */
  readonly tensors: readonly (readonly (Uint8Array | undefined)[])[];
  readonly state: Uint8Array;
  readonly saturations: number;
  readonly profile: readonly ProfileCounters[];
}

/** Runs every case on every build in all its ways; outputs, tensors between, state and counters must equal the oracle's, byte for byte. */
export function conform(t: Test, cases: readonly Case[]): void {
  if (cases.length === 0) throw new Error("an empty table proves nothing");
  const variants = testedVariants();
  t.comment(`variants: ${variants.join(", ")}`);
  for (const testCase of cases) {
    t.test(testCase.name, async (t) => {
      const expected = referenceTrace(testCase);
      for (const variant of variants) {
        t.equal(difference(testCase.program, expected, engineTrace(variant, testCase)), "equal", variant);
        t.equal(outputsDiffer(variant, testCase, expected), "equal", `${variant}, tensors sharing memory`);
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
export function engineTrace(variant: Variant, { program, frames, windows }: Case): Trace {
  const running = new RunningProgram(variant, program, { memory: planApart(program), profile: true });
  const tensors = frames.map((frame, step) => {
    if (windows?.includes(step)) running.beginWindow();
    running.step(frame);
    return program.tensors.map((_, i) => (running.passes(i) ? undefined : running.tensor(i)));
  });
  const damage = running.engine.damage();
  if (damage.length > 0) throw new Error(`wrote outside its regions: ${damage.join(", ")}`);
  return { tensors, state: running.stateBody(), saturations: running.saturations(), profile: running.profile() };
}

/** With the memory plan that packages get, and without a profile: outputs, state and saturations can be looked at. */
function outputsDiffer(variant: Variant, { program, frames, windows }: Case, expected: Trace): string {
  const running = new RunningProgram(variant, program);
  for (const [step, frame] of frames.entries()) {
    if (windows?.includes(step)) running.beginWindow();
    running.step(frame);
    for (const [k, output] of program.outputs.entries()) {
      const at = firstDifference(expected.tensors[step]![output]!, running.output(k));
      if (at !== undefined) return `step ${step}, output ${k}, byte ${at}`;
    }
  }
  if (firstDifference(expected.state, running.stateBody()) !== undefined) return "state behind its head";
  const found = running.saturations();
  return found === expected.saturations ? "equal" : `saturations: ${expected.saturations} expected, ${found} found`;
}

/** The first place where two traces differ, in words, or "equal". */
export function difference(program: Program, expected: Trace, got: Trace): string {
  for (const [step, tensors] of expected.tensors.entries())
    for (const [i, bytes] of tensors.entries()) {
      const found = got.tensors[step]![i];
      const at = bytes === undefined || found === undefined ? undefined : firstDifference(bytes, found);
      if (bytes === undefined || found === undefined || at === undefined) continue;
      const writer = program.ops.findIndex(({ out }) => out === i);
      return `step ${step}, tensor ${i} (written by op ${writer}), byte ${at}: ${hex(bytes, at)} expected, ${hex(found, at)} found`;
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
