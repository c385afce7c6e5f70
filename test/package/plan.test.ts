import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { PlanField } from "../../assembly/abi.js";
import { ModelError } from "../../models/errors.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { decodePlan, encodePlan } from "../../models/package/plan.js";
import { planIdentity } from "../../models/package/sections.js";
import { planOf } from "../../models/package/writer.js";
import { seeds } from "../seeds.js";
import { smallProgram } from "./networks.js";

const program = smallProgram();
const plan = planOf(program);

t.test("a plan is read back as it was written", async (t) => {
  const view = decodePlan(plan);
  t.strictSame(view.memory, planMemory(program));
  t.equal(view.constantsBytes, program.constants.length);
  t.equal(view.identity, planIdentity(plan, program.constants));
  t.strictSame(encodePlan({ ...view.program, constants: program.constants }, view.memory, view.identity), plan);
});

t.test("the identity covers plan and constants, but for itself", async (t) => {
  const other = plan.slice();
  other[PlanField.Identity * 4] = other[PlanField.Identity * 4]! ^ 1;
  t.equal(planIdentity(other, program.constants), planIdentity(plan, program.constants));
  other[PlanField.Timesteps * 4] = 9;
  t.not(planIdentity(other, program.constants), planIdentity(plan, program.constants));
  t.not(planIdentity(plan, program.constants.slice(1)), planIdentity(plan, program.constants));
});

for (const seed of seeds())
  t.test(`any words give a view or a ModelError, seed ${seed}`, async () => {
    const change = fc.record({ at: fc.nat(plan.length / 4 - 1), value: fc.oneof(fc.nat(40), fc.nat(0xffffffff), fc.constant(0xffffffff)) });
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(12), (changes, cut) => {
      const changed = plan.slice(0, plan.length - Math.max(0, cut - 8));
      const view = new DataView(changed.buffer);
      for (const { at, value } of changes) if (at * 4 + 4 <= changed.length) view.setUint32(at * 4, value, true);
      try {
        decodePlan(changed);
      } catch (error) {
        assert.ok(error instanceof ModelError, String(error));
      }
    }), { seed, numRuns: 400 });
  });

t.test("another ABI is a version error", async (t) => {
  const other = plan.slice();
  other[PlanField.Abi * 4] = 99;
  t.throws(() => decodePlan(other), { code: "PACKAGE_VERSION" });
});
