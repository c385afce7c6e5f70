import t from "tap";
import { isMet, figure, resultText } from "../../bench/result.js";
import { inRounds, timesFaster, type Timing } from "../../bench/rounds.js";

t.test("runners take turns, forwards and backwards", async t => {
  const log: string[] = [];
  const runner = (name: string, seconds: number) => ({
    name,
    run: (n: number) => {
      log.push(name);
      return n * seconds;
    },
  });
  const timings = await inRounds([runner("a", 0.001), runner("b", 0.002)], { rounds: 3, turnMillis: 4, warmMillis: 0 });
  t.same(log.slice(-6), ["a", "b", "b", "a", "a", "b"]);
  t.same(timings.map(({ name, seconds }) => [name, seconds.length]), [["a", 3], ["b", 3]]);
  t.ok(timings.every(({ median }, i) => Math.abs(median - (i + 1) / 1000) < 1e-9));
});

t.test("ratios are taken within rounds", async t => {
  const timing = (seconds: number[]): Timing => ({ name: "", seconds, median: 0, p10: 0, p90: 0 });
  t.equal(timesFaster(timing([1, 10, 1]), timing([2, 20, 2])), 2, "a machine that slows down slows both");
});

t.test("marks", async t => {
  const mark = { name: "m", unit: "×", wanted: 3 };
  t.equal(isMet({ ...mark, found: 3 }), true);
  t.equal(isMet({ ...mark, found: 2.9 }), false);
  t.equal(isMet({ ...mark, atMost: true, found: 2.9 }), true);
  t.equal(isMet({ ...mark, found: undefined }), undefined);
  t.match(resultText({ tables: [], figures: {}, marks: [{ ...mark, found: undefined }] }), /m +≥ 3 × +not measured/);
  t.same([0.01234, 1.234, 12.34, 123.4, 1234].map(figure), ["0.0123", "1.23", "12.3", "123", "1234"]);
});
