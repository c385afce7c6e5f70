import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { ClassificationHead } from "../../host/heads/head.js";
import { TemporalVote, type Ballot } from "../../host/heads/vote.js";
import type { Decision, Vote } from "../../host/types.js";
import { seeds } from "../seeds.js";

const none = undefined;

function held(vote: Vote, ballots: readonly Ballot[]): Ballot[] {
  const votes = new TemporalVote(vote);
  return ballots.map(ballot => {
    votes.cast(ballot);
    return votes.held;
  });
}

t.test("a label is held until another wins k of the last n windows", async t => {
  t.same(held({ wins: 1, of: 1 }, [3, 4, none, 4]), [3, 4, none, 4], "1 of 1 follows every window");
  t.same(held({ wins: 2, of: 3 }, [3, 4, 3, 4, 4]), [none, none, 3, 4, 4]);
  t.same(held({ wins: 2, of: 3 }, [3, 3, 1, 2, 5, 6]), [none, 3, 3, 3, 3, 3], "what nobody beats stays");
  t.same(held({ wins: 2, of: 3 }, [3, 3, none, none]), [none, 3, 3, none], "no label is a candidate too");
});

t.test("of several winners the one with more windows, then the lowest index, no label last", async t => {
  t.equal(held({ wins: 2, of: 4 }, [5, 5, 2, 2]).at(-1), 5, "what is held stays while it has k itself");
  t.equal(held({ wins: 2, of: 6 }, [5, 5, 2, 9, 9, 9, 2]).at(-1), 9, "three beat two");
  t.equal(held({ wins: 2, of: 6 }, [5, 5, 9, 9, 2, 2, 1]).at(-1), 2);
  t.equal(held({ wins: 2, of: 6 }, [5, 5, none, none, 2, 2, 1]).at(-1), 2);
});

/** One window a label, 100 µs each; logits 512 for the label, 0 for the rest. */
function decisions(vote: Vote, won: readonly Ballot[]): Decision[] {
  const head = new ClassificationHead({ labels: ["zero", "one", "two"], vote, fractionBits: 8 });
  const said: Decision[] = [];
  for (const [index, label] of won.entries()) {
    const logits = new Int32Array(3);
    if (label !== undefined) logits[label] = 512;
    const window = { index, start: index * 100, end: index * 100 + 100, events: 5 };
    said.push(...head.decide({ window, logits, inferMicros: 7 }));
  }
  said.push(...head.end());
  return said;
}
const brief = (said: readonly Decision[]): unknown[][] => said.map(({ kind, label, start, end, window }) => [kind, label, start, end, window.index]);

t.test("a life is new, update, end", async t => {
  const said = decisions({ wins: 2, of: 3 }, [1, none, 1, 1, 2, 2]);
  t.same(brief(said), [
    ["new", "one", 0, null, 2],
    ["update", "one", 0, null, 3],
    ["end", "one", 0, 400, 5],
    ["new", "two", 400, null, 5],
    ["end", "two", 400, 600, 5],
  ]);
  t.ok(said.every(decision => decision.score === 787 && decision.inferMicros === 7), "softmax of 2, 0, 0 in per mille");
});

t.test("a life does not begin before the one before it has ended", async t => {
  t.same(brief(decisions({ wins: 2, of: 3 }, [0, 0, 1, 0, 1, 1])), [
    ["new", "zero", 0, null, 1],
    ["update", "zero", 0, null, 3],
    ["end", "zero", 0, 400, 4],
    ["new", "one", 400, null, 4],
    ["update", "one", 400, null, 5],
    ["end", "one", 400, 600, 5],
  ]);
});

t.test("silence ends a label and begins none", async t => {
  t.same(brief(decisions({ wins: 1, of: 1 }, [none, 0, none])), [["new", "zero", 100, null, 1], ["end", "zero", 100, 200, 2]]);
  t.same(decisions({ wins: 1, of: 1 }, [none, none]), []);
});

t.test("a label without a name is its index", async t => {
  const head = new ClassificationHead({ labels: [], vote: { wins: 1, of: 1 }, fractionBits: 0 });
  const [decision] = head.decide({ window: { index: 0, start: 0, end: 1, events: 1 }, logits: Int32Array.of(0, 1), inferMicros: 0 });
  t.equal(decision!.label, "1");
});

for (const seed of seeds()) {
  t.test(`lives never overlap, each ends once, seed ${seed}`, async () => {
    const vote = fc.integer({ min: 1, max: 6 }).chain(of => fc.record({ wins: fc.integer({ min: 1, max: of }), of: fc.constant(of) }));
    const ballots = fc.array(fc.option(fc.nat(2), { nil: undefined }), { maxLength: 60 });
    fc.assert(
      fc.property(vote, ballots, (vote, won) => {
        let alive: Decision | undefined, over = 0;
        for (const decision of decisions(vote, won)) {
          assert.equal(alive === undefined, decision.kind === "new");
          if (alive !== undefined) assert.deepEqual([decision.label, decision.start], [alive.label, alive.start]);
          assert.equal(decision.end === null, decision.kind !== "end");
          assert.ok(decision.start < (decision.end ?? decision.window.end));
          assert.ok(decision.start >= over);
          over = decision.end ?? over;
          alive = decision.kind === "end" ? undefined : decision;
        }
        assert.equal(alive, undefined);
      }),
      { seed, numRuns: 300 },
    );
  });
}
