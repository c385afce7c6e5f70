import { parseArgs } from "node:util";
import { readDataset } from "../../host/cli/dataset.js";
import { DecisionScore, lookedFor } from "../../host/cli/eval-decisions.js";
import { table } from "../../host/cli/text.js";
import { ClassificationHead } from "../../host/heads/head.js";
import { logitFractionBits } from "../../host/heads/logit-scale.js";
import { openNetwork } from "../../host/network.js";
import { type EventSource, frame, infer } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import { actorRecording } from "../../host/simulator/actor/recording.js";
import { ACTOR_SIZE } from "../../host/simulator/actor/scene.js";
import { ACTOR_LABELS } from "../../host/simulator/actor/sequence.js";
import { Random } from "../../host/simulator/random.js";
import { Tally } from "../../host/tally.js";
import type { Decision, Inference, Interval, OpenSet, Vote } from "../../host/types.js";

/**
 * Which open-set thresholds suit a network of actions, for every combination of a grid; and what is told with the package's own thresholds.
 * Shown are recordings of a data set, of people whom training has not seen; or people of the actor who do everything that it knows, with rests
 * in between: the seeds are none that demo, tests or training show. With motions that the package does not know, of another data set, those
 * come first that name them for the least of the time, of all that lose but a fiftieth of what is right.
 * It is made by saccade simulate mesh --mesh BODY.glb --clips …, of clips that show none of the labels.
 * node build/bench/actions/thresholds.js [--package actions-trev] [--data DATASET.json | --people 6 --labels swipe_left,wave,…] [--unknown DATASET.json]
 */
const FIRST_SEED = 1000;
const REST = { least: 600_000, most: 1_000_000 };
const LOGITS = [0, 100, 200, 300, 400, 500, 600, 800], MARGINS = [0, 50, 100, 200, 400], STAYS = [0.3, 0.6, 1];
const SHOWN = 20;
const LOST = 0.02;

const { values } = parseArgs({
  options: {
    package: { type: "string", default: "actions-trev" }, data: { type: "string" }, unknown: { type: "string" }, people: { type: "string", default: "6" },
    labels: { type: "string", default: ACTOR_LABELS.join() },
  },
});
const network = await openNetwork(values.package);
const { card, plan } = network.pkg;
// Windows of a network whose state is reset stand for themselves.
const alone = card.framing.state === "reset";
const forgets = alone ? [0] : [1, 2, 3], votes = alone ? [card.vote] : [{ wins: 2, of: 3 }, { wins: 3, of: 4 }];
const fractionBits = logitFractionBits(plan);

/** A recording with what is done in it. */
interface Seen {
  readonly inferences: readonly Inference[];
  readonly intervals: readonly Interval[];
  readonly micros: number;
}
const recordings = await seen(values.data === undefined ? actors() : listed(values.data));
const unknown = values.unknown === undefined ? [] : await seen(listed(values.unknown));

const rows = [];
for (const vote of votes)
  for (const forget of forgets)
    for (const logit of LOGITS)
      for (const margin of MARGINS)
        for (const stay of STAYS) {
          const scale = 2 ** forget, enter = { logit: logit * scale, margin: margin * scale };
          const openSet = { enter, stay: { logit: Math.round(enter.logit * stay), margin: Math.round(enter.margin * stay) }, forget, leastEvents: 20, idle: [] };
          rows.push({ vote, openSet, ...scoreWith(openSet, vote) });
        }
const enough = Math.max(...rows.map(({ worth }) => worth)) - LOST * recordings.reduce((sum, { intervals }) => sum + intervals.length, 0);
rows.sort((a, b) => (unknown.length > 0 ? Number(b.worth >= enough) - Number(a.worth >= enough) || a.named - b.named : b.worth - a.worth));
const shown = rows.slice(0, SHOWN).map(({ vote, openSet, right, wrong, nothing, strays, named, p50, p90 }) => [
  `${vote.wins} of ${vote.of}`, openSet.forget, `${openSet.enter.logit} / ${openSet.enter.margin}`, `${openSet.stay.logit} / ${openSet.stay.margin}`,
  right, wrong, nothing, strays, unknown.length === 0 ? "" : percent(named), p50, p90,
]);
process.stdout.write(table([["vote", "forget", "enter", "stay", "right", "wrong", "not told", "strays", "unknown", "p50 ms", "p90 ms"], ...shown]));

const own = card.openSet === undefined ? rows[0]! : { openSet: card.openSet, vote: card.vote };
process.stdout.write(`\nwith ${card.openSet === undefined ? "the best" : "its own"}\n${decided(own.openSet, own.vote).text}`);
if (unknown.length > 0) process.stdout.write(`motions that it does not know are named for ${percent(namedFor(own.openSet, own.vote))} of their time\n`);

interface Shown {
  readonly source: EventSource;
  readonly intervals: readonly Interval[];
}

async function seen(shown: AsyncIterable<Shown>): Promise<Seen[]> {
  const all: Seen[] = [];
  for await (const { source, intervals } of shown) {
    const inferences: Inference[] = [], tally = new Tally();
    for await (const inference of infer(frame(source, card, tally), network, tally)) inferences.push(inference);
    all.push({ inferences, intervals, micros: lookedFor(inferences) });
  }
  return all;
}

async function* actors(): AsyncGenerator<Shown> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + Number(values.people); seed++) {
    const { events, acts } = actorRecording(seed, shuffled(values.labels.split(","), new Random(seed)), REST);
    yield { source: { size: ACTOR_SIZE, drops: {}, async *decode() { yield events; } }, intervals: acts };
  }
}

async function* listed(path: string): AsyncGenerator<Shown> {
  const { samples, sensor } = await readDataset(path);
  for (const { path: file, format, intervals = [] } of samples) yield { source: await openRecording(file, { format, size: sensor }), intervals };
}

/** What is right counts for, what is told while nothing is shown half against. */
function scoreWith(openSet: OpenSet, vote: Vote) {
  const { right, wrong, nothing, strays, after_us } = decided(openSet, vote).summary;
  const millis = (micros: number | undefined): number => Math.round((micros ?? 0) / 1000);
  return { right, wrong, nothing, strays, p50: millis(after_us?.p50), p90: millis(after_us?.p90), worth: right - strays / 2, named: namedFor(openSet, vote) };
}

function decided(openSet: OpenSet, vote: Vote): DecisionScore {
  const score = new DecisionScore();
  for (const { inferences, intervals, micros } of recordings) score.add(decisionsOf(inferences, openSet, vote), intervals, micros);
  return score;
}

/** For what share of their time motions that the package does not know are given a label. */
function namedFor(openSet: OpenSet, vote: Vote): number {
  let named = 0, micros = 0;
  for (const each of unknown) {
    for (const { kind, start, end } of decisionsOf(each.inferences, openSet, vote)) if (kind === "end") named += end! - start;
    micros += each.micros;
  }
  return micros === 0 ? 0 : named / micros;
}

function decisionsOf(inferences: readonly Inference[], openSet: OpenSet, vote: Vote): Decision[] {
  const head = new ClassificationHead({ labels: card.labels, vote, openSet, fractionBits });
  return [...inferences.flatMap(inference => [...head.decide(inference)]), ...head.end()];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function shuffled(labels: string[], random: Random): string[] {
  for (let left = labels.length; left > 1; left--) {
    const at = random.below(left);
    [labels[at], labels[left - 1]] = [labels[left - 1]!, labels[at]!];
  }
  return labels;
}
