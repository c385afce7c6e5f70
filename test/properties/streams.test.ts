import fc from "fast-check";
import t from "tap";
import type { Program } from "../../models/package/program.js";
import { fill, type Case } from "../conformance/cases/case.js";
import { RunningProgram, testedVariants, type Variant } from "../conformance/engine-under-test.js";
import { Random } from "../conformance/random.js";
import { seeds } from "../seeds.js";
import { randomProgram } from "./random-program.js";

const STREAMS = 3;
const STEPS = 8;

/** NUMERICS.md §6.4. */
for (const variant of testedVariants()) {
  for (const seed of seeds()) {
    t.test(`streams do not see each other, ${variant}, seed ${seed}`, async () => {
      fc.assert(fc.property(fc.nat(), fc.integer({ min: 3, max: 12 }), (draw, size) => {
        const { program } = randomProgram(draw, size);
        const random = new Random(draw);
        const frames = Array.from({ length: STREAMS }, () => framesFor(program, random));
        const alone = frames.map((own) => run(variant, program, own));
        return sameAs(alone, interleaved(variant, program, frames, random));
      }), { seed, numRuns: 40 });
    });

    t.test(`save, restore and continue changes nothing, ${variant}, seed ${seed}`, async () => {
      fc.assert(fc.property(fc.nat(), fc.integer({ min: 3, max: 12 }), fc.integer({ min: 0, max: STEPS }), (draw, size, cut) => {
        const { program } = randomProgram(draw, size);
        const random = new Random(draw);
        const frames = framesFor(program, random);
        const first = new RunningProgram(variant, program);
        const before = frames.slice(0, cut).map((frame) => outputs(first, frame, 0));
        const second = new RunningProgram(variant, program, { streams: 2 });
        for (const frame of framesFor(program, random)) second.step(frame, 1);
        second.restore(first.state(), 1);
        const after = frames.slice(cut).map((frame) => outputs(second, frame, 1));
        return sameAs([run(variant, program, frames)], [[...before, ...after]]);
      }), { seed, numRuns: 40 });
    });
  }
}

type Outputs = string;

function outputs(running: RunningProgram, frame: Uint8Array, stream: number): Outputs {
  running.step(frame, stream);
  return running.program.outputs.map((_, k) => Buffer.from(running.output(k)).toString("hex")).join(" ");
}

function run(variant: Variant, program: Program, frames: readonly Uint8Array[]): Outputs[] {
  const running = new RunningProgram(variant, program);
  return frames.map((frame) => outputs(running, frame, 0));
}

/** All streams on one engine, the next one to step drawn each time. */
function interleaved(variant: Variant, program: Program, frames: readonly (readonly Uint8Array[])[], random: Random): Outputs[][] {
  const running = new RunningProgram(variant, program, { streams: STREAMS });
  const results = frames.map((): Outputs[] => []);
  for (;;) {
    const waiting = frames.flatMap((own, stream) => (results[stream]!.length < own.length ? [stream] : []));
    if (waiting.length === 0) return results;
    const stream = random.pick(waiting);
    results[stream]!.push(outputs(running, frames[stream]![results[stream]!.length]!, stream));
  }
}

function framesFor(program: Program, random: Random): Case["frames"] {
  const input = program.tensors[program.input]!;
  return Array.from({ length: STEPS }, () => fill(input, random.pick([0.05, 0.3, 1] as const), random));
}

function sameAs(a: readonly (readonly Outputs[])[], b: readonly (readonly Outputs[])[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
