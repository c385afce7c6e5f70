import t from "tap";
import { FrameKind, PLAN_HEADER_WORDS, PlanField, STATE_HEADER_BYTES, Status } from "../../assembly/abi.js";
import type { Build } from "../../host/engine/builds.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import type { Program } from "../../models/package/program.js";
import { fill } from "../conformance/cases/case.js";
import { EngineUnderTest } from "../conformance/engine-under-test.js";
import { Random } from "../conformance/random.js";
import { randomProgram } from "../properties/random-program.js";
import { seeds } from "../seeds.js";
import { severalWords, singleWords, truncations, type Mutation } from "./plan-mutations.js";

const BUILDS = ["scalar", "simd"] as const satisfies readonly Build[];
const LAST_STATUS = Status.BadState;
/** A host allots no more than this to one stream of so small a network. */
const MOST_STATE_BYTES = 1 << 20;
const STEPS = 3;
const LEAST_CASES = 1500;

interface Subject {
  readonly program: Program;
  readonly plan: Uint8Array;
  readonly arenaBytes: number;
  /** Of the input tensor, in the arena, before anybody lied. */
  readonly inputAt: number;
}

/** The arena after a run, or the refusal. */
type Outcome = Uint8Array | Status;

interface Tally {
  refused: number;
  ran: number;
}

function drawSubject(seed: number): Subject {
  const { program } = randomProgram(seed, 10);
  const memory = planMemory(program);
  return { program, plan: encodePlan(program, memory, 1), arenaBytes: memory.arenaBytes, inputAt: memory.offsets[program.input]! };
}

/** Loads a plan that nobody should trust, and runs it where the gate lets it through. */
function attempt(build: Build, subject: Subject, plan: Uint8Array, constants: Uint8Array, tally: Tally): Outcome {
  const { arenaBytes } = subject;
  const declared = wordAt(plan, PlanField.StateBytes);
  const stateBytes = declared <= MOST_STATE_BYTES ? declared : 0;
  const events = 16;
  const engine = new EngineUnderTest(build, { plan, constants, arenaBytes, stateBytes, streams: 1, profiledOps: 0, events });
  const { exports, status, states } = engine;
  if (status !== Status.Ok) {
    tally.refused++;
    if (status > LAST_STATUS) throw new Error(`status ${status} is unknown`);
    if (exports.reset(states[0]!) !== Status.NotLoaded) throw new Error("a refused plan stayed loaded");
  } else if (declared <= MOST_STATE_BYTES) {
    tally.ran++;
    run(engine, subject, wordAt(plan, PlanField.Frame));
  }
  const damage = engine.damage();
  if (damage.length > 0) throw new Error(damage.join(", "));
  return status === Status.Ok ? engine.bytes.slice(engine.arena, engine.arena + arenaBytes) : status;
}

function run(engine: EngineUnderTest, { program, inputAt }: Subject, frame: FrameKind): void {
  const { exports, states, arena } = engine;
  const random = new Random(7);
  must(exports.reset(states[0]!));
  for (let step = 0; step < STEPS; step++) {
    if (step === 1) must(exports.beginWindow(states[0]!));
    engine.bytes.set(fill(program.tensors[program.input]!, 0.3, random), arena + inputAt);
    if (frame !== FrameKind.None) {
      exports.clearFrame();
      engine.addEvents(Array.from({ length: 16 }, () =>
        ({ x: random.integer(0, 65535), y: random.integer(0, 9), p: random.integer(0, 255) })));
    }
    must(exports.step(states[0]!));
  }
}

/** Both builds refuse alike; and, where every tensor kept a place of its own, compute alike. */
function alike(a: Outcome, b: Outcome, placesKept: boolean): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return !placesKept || Buffer.compare(a, b) === 0;
  return a === b;
}

function must(status: Status): void {
  if (status !== Status.Ok) throw new Error(`status ${status} after load said Ok`);
}

function wordAt(plan: Uint8Array, field: PlanField): number {
  if (plan.length < PLAN_HEADER_WORDS * 4) return STATE_HEADER_BYTES;
  return new DataView(plan.buffer, plan.byteOffset).getUint32(field * 4, true);
}

for (const seed of seeds()) {
  t.test(`plans that lie, seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const subjects = Array.from({ length: 6 }, () => drawSubject(random.integer(0, 2 ** 31)));
    const tally: Tally = { refused: 0, ran: 0 };
    let cases = 0;
    const failures: string[] = [];
    for (const [i, lied] of subjects.entries()) {
      const share = Math.min(1, 900 / (lied.plan.length * 2.5));
      const mutations: Iterable<Mutation>[] = [
        singleWords(lied.plan, random, () => random.chance(share)),
        severalWords(lied.plan, random, 150),
        truncations(lied.plan, random, 30),
      ];
      for (const { what, plan, placesKept } of mutations.flatMap((each) => [...each])) {
        cases++;
        try {
          const [scalar, simd] = BUILDS.map((build) => attempt(build, lied, plan, lied.program.constants, tally));
          if (!alike(scalar!, simd!, placesKept)) failures.push(`subject ${i}, ${what}: scalar and simd differ`);
        } catch (error) {
          failures.push(`subject ${i}, ${what}: ${String(error)}`);
        }
      }
    }
    t.comment(`${cases} plans: ${tally.refused} refusals, ${tally.ran} runs`);
    t.same(failures.slice(0, 10), []);
    t.ok(cases >= LEAST_CASES, `${cases} cases`);
    t.ok(tally.ran > cases / 20 && tally.refused > cases / 20, "both happen often enough to prove something");
  });

  t.test(`constants that lie, seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const tally: Tally = { refused: 0, ran: 0 };
    const failures: string[] = [];
    for (let i = 0; i < 300; i++) {
      const lied = drawSubject(random.integer(0, 2 ** 31));
      const constants = lied.program.constants.slice(0, random.chance(0.2) ? random.integer(0, lied.program.constants.length) : undefined);
      for (let k = 0; k < 4; k++) constants[random.integer(0, constants.length - 1)] = random.pick([0, 127, 128, 255]);
      try {
        const [scalar, simd] = BUILDS.map((build) => attempt(build, lied, lied.plan, constants, tally));
        if (!alike(scalar!, simd!, true)) failures.push(`constants ${i}: scalar and simd differ`);
      } catch (error) {
        failures.push(`constants ${i}: ${String(error)}`);
      }
    }
    t.comment(`${tally.refused} refusals, ${tally.ran} runs`);
    t.same(failures.slice(0, 10), []);
  });

  t.test(`states that lie, seed ${seed}`, async (t) => {
    const random = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const { program, plan, arenaBytes } = drawSubject(random.integer(0, 2 ** 31));
      for (const build of BUILDS) {
        const engine = new EngineUnderTest(build,
          { plan, constants: program.constants, arenaBytes, stateBytes: program.stateBytes, streams: 1, profiledOps: 0, events: 0 });
        const state = engine.states[0]!;
        must(engine.exports.reset(state));
        engine.bytes[state + random.integer(0, 11)]! ^= 1 << random.integer(0, 7);
        t.equal(engine.exports.checkState(state), Status.BadState, "a bit of the magic, the identity or the length");
        t.equal(engine.exports.step(state), Status.BadState);
        must(engine.exports.reset(state));
        for (let at = 12; at < program.stateBytes; at++) engine.bytes[state + at] = random.integer(0, 255);
        for (let step = 0; step < STEPS; step++) must(engine.exports.step(state));
        t.same(engine.damage(), [], "potentials and counters of any value");
      }
    }
  });
}
