import t, { type Test } from "tap";
import { randomProgram } from "../properties/random-program.js";
import { boardJudge, nativeJudge, planOf, type Judge } from "./judge.js";
import { BOARD_TOOLS, needsTools } from "./tools.js";

const RAM_BYTES = 1 << 20;
/** Small networks of every op, those of test/conformance/networks.test.ts. */
const CASES = Array.from({ length: 60 }, (_, i) => randomProgram(i + 1, 4 + (i % 14)));

function checkAll(t: Test, judge: Judge): void {
  const plans = CASES.map(planOf);
  const said = judge(plans.map(({ plan }) => plan));
  let at = 0;
  for (const [i, { answer }] of plans.entries()) {
    t.ok(Buffer.compare(said.subarray(at, at + answer.length), answer) === 0, CASES[i]!.name);
    at += answer.length;
  }
  t.equal(at, said.length);
}

t.test("C under sanitizers gives what Node gives, every load checked", needsTools("gcc"), async (t) => checkAll(t, nativeJudge(RAM_BYTES)));
t.test("C as it ships gives what Node gives", needsTools("gcc"), async (t) => checkAll(t, nativeJudge(RAM_BYTES, ["-O2"])));
t.test("an emulated Cortex-M3 gives what Node gives", needsTools(...BOARD_TOOLS), async (t) => checkAll(t, boardJudge(RAM_BYTES)));
