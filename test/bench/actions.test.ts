import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { measured, said } from "../../bench/actions/score.js";
import { microsOf } from "../../host/cli/eval-decisions.js";
import { openNetwork } from "../../host/network.js";
import { ACTOR_SIZE } from "../../host/simulator/actor/scene.js";
import { DVS128_LIKE, DvsSensor } from "../../host/simulator/dvs.js";
import { watched } from "../../host/simulator/look.js";
import { Random } from "../../host/simulator/random.js";
import { blankScene } from "../../host/simulator/scene.js";
import { endRuns, saccade } from "../cli/run.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-actions-"));
t.teardown(() => {
  endRuns();
  rmSync(folder, { recursive: true, force: true });
});

t.test("the cards' scores are those of saccade eval", async t => {
  t.equal((await saccade("simulate", "actor", "--out", folder, "--actions", "wave,jog,squat", "--seed", "5")).code, 0);
  const data = join(folder, "dataset.json");
  const { whole, live } = await measured(data, await openNetwork("actions-trev"));
  const [told, held] = await Promise.all([[], ["--decisions"]].map(more => saccade("eval", "actions-trev", "--data", data, "--json", ...more)));
  t.same(JSON.parse(told!.stdout), whole);
  t.same(JSON.parse(held!.stdout), live.summary);
  t.equal(whole.n, 3);
});

t.test("of an empty room nothing is told", async t => {
  const room = watched(new DvsSensor(blankScene(ACTOR_SIZE), DVS128_LIKE, new Random(7)), 20_000_000);
  for (const name of ["actions-trev", "actions-point"]) {
    const { decisions, looked } = await said({ size: ACTOR_SIZE, drops: {}, async *decode() { yield room; } }, await openNetwork(name));
    t.same(decisions, [], name);
    t.ok(microsOf(looked) >= 15_000_000);
  }
});
