import { parseArgs } from "node:util";
import { DecisionScore, lookedAt, microsOf } from "../../host/cli/eval-decisions.js";
import { table } from "../../host/cli/text.js";
import { ClassificationHead } from "../../host/heads/head.js";
import { logitFractionBits } from "../../host/heads/logit-scale.js";
import { openNetwork } from "../../host/network.js";
import { frame, infer } from "../../host/pipeline.js";
import { ACTOR_LABELS } from "../../host/simulator/actor/sequence.js";
import { Tally } from "../../host/tally.js";
import type { Decision, Inference, Interval, OpenSet, Vote } from "../../host/types.js";
import { actors, listed, nothings, type Shown } from "./shown.js";

/**
 * Which open-set thresholds suit a network of actions, for every combination of a grid; and what is told with the package's own thresholds.
 * Shown are recordings of a data set, of people whom training has not seen; or people of the actor who do everything that it knows, with rests
 * in between: the seeds are none that demo, tests or training show. Of all thresholds that lose but a fiftieth of what is right, those come first
 * that hold a label for the least of the time in which there is nothing to name: in empty rooms, of people who stand about, and of motions that
 * the package does not know. Such a data set is made by saccade simulate mesh --mesh BODY.glb --clips …, of clips that show none of the labels.
 * node build/bench/actions/thresholds.js [--package actions-trev] [--data DATASET.json | --people 6 --labels swipe_left,wave,…] [--unknown DATASET.json]
 * --own: what is told with the package's own thresholds alone.
 */
const LOGITS = [0, 100, 200, 300, 400, 600, 800], MARGINS = [0, 50, 100, 200, 400], STAYS = [0.3, 0.6, 1];
/** Events in 100 ms. */
const LEASTS = [20, 60, 100, 150, 200];
const SHOWN = 20;
const LOST = 0.02;

const { values } = parseArgs({
  options: {
    package: { type: "string", default: "actions-trev" }, data: { type: "string" }, unknown: { type: "string" }, people: { type: "string", default: "6" },
    labels: { type: "string", default: ACTOR_LABELS.join() }, own: { type: "boolean", default: false },
  },
});
const network = await openNetwork(values.package);
const { card, plan } = network.pkg;
const { windowMicros } = card.framing;
if (windowMicros === undefined) throw new Error(`${card.name}: windows of a number of events`);
// Windows of a network whose state is reset stand for themselves.
const alone = card.framing.state === "reset";
const forgets = alone ? [0] : [1, 2, 3], votes = alone ? [card.vote] : [{ wins: 2, of: 3 }, { wins: 3, of: 4 }];
const fractionBits = logitFractionBits(plan);

/** A recording with what is done in it. */
interface Seen {
  readonly inferences: readonly Inference[];
  readonly intervals: readonly Interval[];
}
const recordings = await seen(values.data === undefined ? actors(Number(values.people), values.labels.split(",")) : listed(values.data));
const unknown = values.unknown === undefined ? [] : await seen(listed(values.unknown));
const idle = await seen(nothings());

const rows = [];
for (const vote of values.own ? [] : votes)
  for (const forget of forgets)
    for (const logit of LOGITS)
      for (const margin of MARGINS)
        for (const stay of STAYS)
          for (const least of LEASTS) {
            const scale = 2 ** forget, enter = { logit: logit * scale, margin: margin * scale };
            const leastEvents = Math.round((least * windowMicros) / 1e5);
            const openSet = { enter, stay: { logit: Math.round(enter.logit * stay), margin: Math.round(enter.margin * stay) }, forget, leastEvents, idle: [] };
            rows.push({ vote, openSet, ...scoreWith(openSet, vote) });
          }
const enough = Math.max(...rows.map(({ right }) => right)) - LOST * recordings.reduce((sum, { intervals }) => sum + intervals.length, 0);
rows.sort((a, b) => Number(b.right >= enough) - Number(a.right >= enough) || a.held - b.held);
const shown = rows.slice(0, SHOWN).map(({ vote, openSet, right, wrong, nothing, told, unknowns, idles, p50, p90 }) => [
  `${vote.wins} of ${vote.of}`, openSet.forget, openSet.leastEvents, `${openSet.enter.logit} / ${openSet.enter.margin}`,
  `${openSet.stay.logit} / ${openSet.stay.margin}`, right, wrong, nothing, told.wrong + told.strays, percent(unknowns), percent(idles), p50, p90,
]);
const head = ["vote", "forget", "least", "enter", "stay", "right", "wrong", "not told", "told wrongly", "unknown", "nothing", "p50 ms", "p90 ms"];
if (!values.own) process.stdout.write(`${table([head, ...shown])}\n`);

const own = { openSet: card.openSet, vote: card.vote };
process.stdout.write(`with its own\n${decided(own.openSet, own.vote).text}`);
for (const [what, recordings] of [["of motions that it does not know", unknown], ["in empty rooms and of people who stand about", idle]] as const) {
  const { told, seconds, share } = heldIn(recordings, own.openSet, own.vote);
  process.stdout.write(`${what}: ${told} labels told in ${seconds.toFixed(0)} s, held for ${percent(share)} of it\n`);
}

async function seen(shown: AsyncIterable<Shown>): Promise<Seen[]> {
  const all: Seen[] = [];
  for await (const { source, intervals } of shown) {
    const inferences: Inference[] = [], tally = new Tally();
    for await (const inference of infer(frame(source, card, tally), network, tally)) inferences.push(inference);
    all.push({ inferences, intervals });
  }
  return all;
}

function scoreWith(openSet: OpenSet, vote: Vote) {
  const { right, wrong, nothing, told, after_us } = decided(openSet, vote).summary;
  const millis = (micros: number | undefined): number => Math.round((micros ?? 0) / 1000);
  const unknowns = heldIn(unknown, openSet, vote).share, idles = heldIn(idle, openSet, vote).share;
  return { right, wrong, nothing, told, p50: millis(after_us?.p50), p90: millis(after_us?.p90), unknowns, idles, held: unknowns + idles };
}

function decided(openSet: OpenSet | undefined, vote: Vote): DecisionScore {
  const score = new DecisionScore();
  for (const { inferences, intervals } of recordings) score.add(decisionsOf(inferences, openSet, vote), intervals, lookedAt(inferences));
  return score;
}

/** How many labels are told of recordings, and for what share of their time one is held. */
function heldIn(recordings: readonly Seen[], openSet: OpenSet | undefined, vote: Vote) {
  let told = 0, held = 0, micros = 0;
  for (const { inferences } of recordings) {
    for (const { kind, start, end } of decisionsOf(inferences, openSet, vote))
      if (kind === "end") {
        told++;
        held += end! - start;
      }
    micros += microsOf(lookedAt(inferences));
  }
  return { told, seconds: micros / 1e6, share: micros === 0 ? 0 : held / micros };
}

function decisionsOf(inferences: readonly Inference[], openSet: OpenSet | undefined, vote: Vote): Decision[] {
  const head = new ClassificationHead({ labels: card.labels, vote, ...(openSet && { openSet }), fractionBits });
  return [...inferences.flatMap(inference => [...head.decide(inference)]), ...head.end()];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
