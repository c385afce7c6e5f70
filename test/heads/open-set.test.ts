import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { winner } from "../../host/heads/classification.js";
import { ClassificationHead } from "../../host/heads/head.js";
import { openSetJudge } from "../../host/heads/open-set.js";
import type { Decision, OpenSet } from "../../host/types.js";
import { seeds } from "../seeds.js";

const LABELS = ["idle", "wave", "throw"];
const RULE: OpenSet = { enter: { logit: 100, margin: 40 }, stay: { logit: 60, margin: 10 }, forget: 0, leastEvents: 5, idle: ["idle"] };
const judge = openSetJudge(RULE, LABELS);
const ballot = (logits: number[], events = 9, held?: number) => judge.ballot(Int32Array.from(logits), events, held);

t.test("a window that shows nothing known votes for no label", async t => {
  t.equal(ballot([0, 100, 60]), 1);
  t.equal(ballot([0, 99, 0]), undefined, "too weak");
  t.equal(ballot([0, 100, 61]), undefined, "too like another");
  t.equal(ballot([0, 200, 0], 4), undefined, "too few events");
  t.equal(ballot([300, 200, 0]), undefined, "idle");
  t.equal(ballot([-2147483648, 2147483647, -2147483648]), 1);
});

t.test("the label that is held needs less, another does not", async t => {
  t.equal(ballot([0, 60, 50], 9, 1), 1);
  t.equal(ballot([0, 59, 0], 9, 1), undefined);
  t.equal(ballot([0, 60, 51], 9, 1), undefined);
  t.equal(ballot([0, 60, 50], 9, 2), undefined);
});

t.test("equal logits name nobody, whatever is asked", async t => {
  const easy = openSetJudge({ enter: { logit: -5, margin: 0 }, stay: { logit: -5, margin: 0 }, forget: 0, leastEvents: 0, idle: [] }, LABELS);
  t.equal(easy.ballot(Int32Array.of(7, 7, 0), 0, 0), undefined);
  t.equal(easy.ballot(Int32Array.of(0, 0, 0), 0, undefined), undefined);
});

/** One window of 100 µs a value: the logit of "wave"; the others are 0. */
function lives(openSet: OpenSet, waves: readonly number[]): unknown[][] {
  const head = new ClassificationHead({ labels: LABELS, vote: { wins: 1, of: 1 }, openSet, fractionBits: 0 });
  const said: Decision[] = [];
  for (const [index, wave] of waves.entries()) {
    const window = { index, start: index * 100, end: index * 100 + 100, events: 9 };
    said.push(...head.decide({ window, logits: Int32Array.of(0, wave, 0), inferMicros: 1 }));
  }
  said.push(...head.end());
  return said.filter(({ kind }) => kind !== "update").map(({ kind, label, start, end }) => [kind, label, start, end]);
}

t.test("a life begins when enough is shown and lasts while a little is", async t => {
  const waves = [0, 70, 120, 70, 90, 61, 59, 99, 130];
  t.same(lives(RULE, waves), [["new", "wave", 200, null], ["end", "wave", 200, 600], ["new", "wave", 800, null], ["end", "wave", 800, 900]]);
  const strict = lives({ ...RULE, stay: RULE.enter }, [0, 120, 99, 120, 99, 120]);
  t.equal(strict.length, 6, "without the difference it would flicker");
});

t.test("what was shown before may carry a label over a weak window, and must wear off before another begins", async t => {
  const patient = { ...RULE, enter: { logit: 330, margin: 40 }, stay: { logit: 150, margin: 10 }, forget: 1 };
  t.same(lives(patient, [160, 160, 160, 160]), [], "two windows' worth at most");
  t.same(lives({ ...patient, forget: 2 }, [160, 160, 160, 0, 0, 0, 0, 0]), [["new", "wave", 200, null], ["end", "wave", 200, 600]]);
});

for (const seed of seeds()) {
  t.test(`a vote is the winner's or none; more evidence never loses it, seed ${seed}`, async () => {
    const logits = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(logits, fc.nat(20), fc.option(fc.nat(2), { nil: undefined }), fc.nat(300), (values, events, held, more) => {
        const logits = Int32Array.from(values);
        const vote = judge.ballot(logits, events, held);
        if (vote === undefined) return;
        assert.equal(vote, winner(logits));
        logits[vote]! += more;
        assert.equal(judge.ballot(logits, events + more, held), vote);
        assert.equal(judge.ballot(logits, events, vote), vote);
      }),
      { seed, numRuns: 500 },
    );
  });
}
