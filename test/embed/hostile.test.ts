import { readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { Status } from "../../assembly/abi.js";
import { blobOf } from "../../bench/embed/image.js";
import { packageRoot } from "../../host/root.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import { readPackage } from "../../models/package/reader.js";
import { Random } from "../conformance/random.js";
import { severalWords, singleWords, truncations } from "../hostile/plan-mutations.js";
import { randomProgram } from "../properties/random-program.js";
import { seeds } from "../seeds.js";
import { boardJudge, nativeJudge, type Judge, type Plan } from "./judge.js";
import { BOARD_TOOLS, needsTools } from "./tools.js";

const RAM_BYTES = 1 << 18;
const NMNIST = readPackage(new Uint8Array(readFileSync(new URL("models/zoo/nmnist.saccade", packageRoot))));
const STEPS = 2;

interface Sections {
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
}

/** The zoo's network, and small ones of other ops. */
function networks(random: Random, count: number): Sections[] {
  const drawn = Array.from({ length: count }, () => {
    const { program } = randomProgram(random.integer(1, 0x3fffffff), random.integer(3, 12));
    return { plan: encodePlan(program, planMemory(program), 0), constants: program.constants };
  });
  return [NMNIST, ...drawn];
}

/** Plans with words replaced, cut short, said to be longer than they are, with bits turned anywhere, and bytes that are none. */
function* hostile(random: Random, count: number, each: number): Generator<Plan> {
  for (const { plan, constants } of networks(random, count)) {
    const whole = (mutated: Uint8Array): Plan => ({ blob: blobOf({ plan: mutated, constants }), steps: STEPS });
    const share = each / (plan.length / 4 * 11);
    for (const { plan: mutated } of singleWords(plan, random, () => random.chance(share))) yield whole(mutated);
    for (const { plan: mutated } of severalWords(plan, random, each / 4)) yield whole(mutated);
    for (const { plan: mutated } of truncations(plan, random, 20)) yield whole(mutated);
    const blob = blobOf({ plan, constants });
    for (let i = 0; i < 20; i++) yield { blob: blob.slice(0, random.integer(0, blob.length)), steps: STEPS };
    for (let i = 0; i < each / 4; i++) yield { blob: flipped(blob, random), steps: STEPS };
    yield { blob: Uint8Array.from(blob, () => random.integer(0, 255)), steps: STEPS };
  }
}

function flipped(blob: Uint8Array, random: Random): Uint8Array {
  const bytes = blob.slice();
  for (let flips = random.integer(1, 8); flips > 0; flips--) bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
  return bytes;
}

/** Every plan gets a verdict of the gate's; the judge itself fails on a trap, and a sanitizer on a fault. */
function mustJudge(t: Test, judge: Judge, plans: readonly Plan[]): void {
  const said = judge(plans);
  t.ok(said.length >= plans.length * 8, `${plans.length} plans, ${said.length} bytes of verdicts`);
}

/** Compiled once for both seeds. */
let judge: Judge | undefined;
for (const seed of seeds()) {
  t.test(`plans that are not what they seem get a status, seed ${seed}`, needsTools("gcc"), async (t) => {
    judge ??= nativeJudge(RAM_BYTES);
    mustJudge(t, judge, Array.from(hostile(new Random(seed), 16, 120)));
  });
}

t.test("on an emulated Cortex-M3 too, where a fault would end the program", needsTools(...BOARD_TOOLS), async (t) => {
  mustJudge(t, boardJudge(RAM_BYTES), Array.from(hostile(new Random(1), 6, 60)));
});

t.test("what the C itself refuses", needsTools("gcc"), async (t) => {
  const blob = blobOf(NMNIST);
  const statusOf = (judge: Judge, plan: Uint8Array): number | undefined => new Int32Array(new Uint8Array(judge([{ blob: plan, steps: 0 }])).buffer)[0];
  const judge = nativeJudge(RAM_BYTES, ["-O1"]);
  t.equal(statusOf(judge, blob), Status.Ok);
  t.equal(statusOf(judge, new Uint8Array()), Status.BadLength, "empty");
  t.equal(statusOf(judge, blob.slice(0, 79)), Status.BadLength, "shorter than a header");
  t.equal(statusOf(judge, blob.slice(0, -16)), Status.BadLength, "cut short");
  t.equal(statusOf(judge, Buffer.concat([blob, new Uint8Array(64)])), Status.Ok, "more behind it");
  t.equal(statusOf(nativeJudge(40_000, ["-O1"]), blob), Status.ArenaTooSmall, "RAM that is too small");
});
