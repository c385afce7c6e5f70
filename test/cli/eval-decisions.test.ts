import t from "tap";
import { DecisionScore } from "../../host/cli/eval-decisions.js";
import type { Decision } from "../../host/types.js";

const S = 1_000_000;
/** A label that is told at `told` and held from `start` to `end`, seconds. */
function life(label: string, start: number, told: number, end: number): Decision[] {
  const decision = (kind: Decision["kind"], until: number): Decision => ({
    kind, label, score: 900, start: start * S, end: kind === "end" ? end * S : null,
    window: { index: 0, start: (until - 0.1) * S, end: until * S, events: 9 }, inferMicros: 1,
  });
  return [decision("new", told), decision("update", end), decision("end", end + 0.3)];
}
const looked = (until: number) => [{ start: 0, end: until * S }];
const shown = (label: string, start: number, end: number) => ({ label, start: start * S, end: end * S });

t.test("what is held longest in an interval, or soon after, is what was decided", async t => {
  const score = new DecisionScore();
  const decisions = [...life("wave", 1.2, 1.5, 2.5), ...life("clap", 2.6, 2.8, 3), ...life("throw", 5, 5.4, 6.5), ...life("jog", 9, 9.1, 9.2)];
  score.add(decisions, [shown("wave", 1, 3), shown("clap", 5, 6), shown("squat", 7, 8)], looked(10));
  const { per_class, ...sums } = score.summary;
  t.same(sums, {
    intervals: 3, right: 1, wrong: 1, nothing: 1, told: { right: 1, wrong: 2, strays: 1 }, seconds: 10, idle_seconds: 3,
    after_us: { p10: 0.5 * S, p50: 0.5 * S, p90: 0.5 * S, p99: 0.5 * S },
  });
  t.same(per_class, {
    wave: { n: 1, right: 1, named: { wave: 1 } }, clap: { n: 1, right: 0, named: { throw: 1 } }, squat: { n: 1, right: 0, named: { nothing: 1 } },
  });
  t.match(score.text, /1 of 3 right, 1 wrong, 1 not told\ntold 500 ms \(p10\).*\nlabels told: 1 of what was shown, 2 of something else; 1 while nothing was shown, in 3 of 10 s\n/);
});

t.test("a decision may come late, but not once the next has begun", async t => {
  const score = new DecisionScore();
  score.add(life("wave", 2.1, 2.4, 2.9), [shown("wave", 1, 2)], looked(4));
  score.add(life("wave", 3.1, 3.4, 3.9), [shown("wave", 1, 2)], looked(4));
  score.add(life("clap", 2.1, 2.4, 2.9), [shown("wave", 1, 2), shown("clap", 2.05, 3)], looked(4));
  const { right, nothing, told, seconds, idle_seconds } = score.summary;
  t.same({ right, nothing, told, seconds, idle_seconds }, { right: 2, nothing: 2, told: { right: 2, wrong: 0, strays: 1 }, seconds: 12, idle_seconds: 5 });
});

t.test("what was told before something began does not name it", async t => {
  const score = new DecisionScore();
  score.add(life("wave", 0.4, 0.9, 2), [shown("wave", 1, 2)], looked(3));
  score.add(life("wave", 0.4, 1.1, 2), [shown("wave", 1, 2)], looked(3));
  const { right, nothing, told, after_us } = score.summary;
  t.same({ right, nothing, strays: told.strays, after: after_us?.p50 }, { right: 1, nothing: 1, strays: 1, after: 0.1 * S });
  const late = new DecisionScore();
  late.add(life("wave", 1, 4, 4), [shown("wave", 1, 2)], looked(4));
  t.same([late.summary.right, late.summary.told.strays], [1, 0], "told late, of a long window, it does");
  const again = new DecisionScore();
  again.add(life("wave", 1.1, 1.5, 5), [shown("wave", 1, 2), shown("wave", 3, 5)], looked(6));
  t.equal(again.summary.right, 2, "held on through the next of its kind");
});

t.test("nothing right, no times", async t => {
  const score = new DecisionScore();
  score.add([], [shown("wave", 1, 2)], looked(1));
  t.equal(score.summary.after_us, null);
  t.notMatch(score.text, /told \d+ ms/);
});
