import t from "tap";
import { ACTION_LABELS, ACTIONS, parseClipName, splitOf } from "../../host/simulator/actions.js";

t.test("27 actions; mirrored twice an action is itself", async (t) => {
  t.equal(new Set(ACTION_LABELS).size, 27);
  for (const { label, mirrored } of ACTIONS) {
    const twin = ACTIONS.find((other) => other.label === mirrored);
    if (twin !== undefined) t.equal(twin.mirrored, label, `${label} and ${twin.label}`);
  }
});

t.test("names of clips", async (t) => {
  t.match(parseClipName("a3_s5_t2"), { action: { label: "wave" }, subject: 5, trial: 2 });
  t.equal(splitOf(parseClipName("a27_s8_t4")!), "test");
  t.equal(splitOf(parseClipName("a27_s7_t4")!), "train");
  for (const name of ["", "a28_s1_t1", "a0_s1_t1", "a3_s5", "a3_s5_t2_v1", "b3_s5_t2"]) t.equal(parseClipName(name), undefined, name);
});
