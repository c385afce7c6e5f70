import t from "tap";
import { SELF_CHECK, instantiate, usableBuilds } from "../../host/engine/instance.js";

const ROWS = 96;
const COLUMNS = 40;

/** What assembly/executor/self-check.ts computes, in plain numbers: inputs · weights, folded (FNV-1a over words). */
function knownAnswer(): number {
  let seed = 1;
  const next = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  const weights = Array.from({ length: ROWS * COLUMNS }, () => ((next() >>> 24) % 255) - 127);
  const inputs = Array.from({ length: ROWS }, () => next() >>> 25);
  let folded = 2166136261;
  for (let column = 0; column < COLUMNS; column++) {
    const sum = inputs.reduce((acc, x, row) => acc + x * weights[row * COLUMNS + column]!, 0);
    folded = Math.imul(folded ^ sum, 16777619) >>> 0;
  }
  for (let lane = 0; lane < 4; lane++) {
    const sum = inputs.reduce((acc, x, i) => acc + (Math.floor(i / 4) % 4 === lane ? x * weights[i]! : 0), 0);
    folded = Math.imul(folded ^ sum, 16777619) >>> 0;
  }
  return folded;
}

t.test("the constant is what plain numbers give", async (t) => {
  t.equal(knownAnswer(), SELF_CHECK);
});

t.test("builds that this machine runs give it", async (t) => {
  const builds = usableBuilds();
  t.match(builds, ["scalar", "simd"]);
  for (const build of builds) t.equal(instantiate(build, 0).exports.selfCheck() >>> 0, SELF_CHECK, build);
});
