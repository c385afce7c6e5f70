import { DecisionScore, type Looked, lookedAt } from "../../host/cli/eval-decisions.js";
import { type Answer, type Score, scoreOf } from "../../host/cli/eval-score.js";
import { readDataset } from "../../host/cli/dataset.js";
import { quantile } from "../../host/cli/measure.js";
import { nameOf } from "../../host/heads/classification.js";
import { decide, frame, infer, type EventSource, type Network } from "../../host/pipeline.js";
import { openRecording } from "../../host/recording.js";
import { Tally } from "../../host/tally.js";
import type { Decision, Inference } from "../../host/types.js";

/** What a network says of one recording. */
export interface Said {
  /** The label that gathers most over the whole recording, as `saccade eval` decides; undefined when nothing is said. */
  readonly named: string | undefined;
  readonly decisions: readonly Decision[];
  readonly looked: readonly Looked[];
  /** µs of the engine for each step. */
  readonly stepMicros: readonly number[];
}

export async function said(source: EventSource, network: Network): Promise<Said> {
  const { labels, framing } = network.pkg.card;
  const sums = new Float64Array(labels.length);
  const inferences: Inference[] = [], decisions: Decision[] = [], tally = new Tally();
  async function* heard(): AsyncGenerator<Inference> {
    for await (const inference of infer(frame(source, network.pkg.card, tally), network, tally)) {
      inference.logits.forEach((logit, i) => (sums[i]! += logit));
      inferences.push(inference);
      yield inference;
    }
  }
  for await (const decision of decide(heard(), network.pkg)) decisions.push(decision);
  const stepMicros = inferences.map(({ inferMicros }) => inferMicros / framing.timesteps);
  return { named: nameOf(sums, labels), decisions, looked: lookedAt(inferences), stepMicros };
}

/** A data set's score: of whole recordings, of what is told while they happen, and of the engine's time. */
export interface SetScore {
  readonly whole: Score;
  readonly live: DecisionScore;
  readonly step_us: { readonly p50: number; readonly p99: number };
}

export async function measured(dataset: string, network: Network): Promise<SetScore> {
  const { samples, sensor, labels } = await readDataset(dataset);
  const answers: Answer[] = [], live = new DecisionScore(), steps: number[] = [];
  for (const { path, format, label, intervals } of samples) {
    const heard = await said(await openRecording(path, { format, size: sensor }), network);
    answers.push({ shown: label, name: heard.named });
    if (intervals !== undefined) live.add(heard.decisions, intervals, heard.looked);
    steps.push(...heard.stepMicros);
  }
  return { whole: scoreOf(answers, labels), live, step_us: { p50: quantile(steps, 0.5), p99: quantile(steps, 0.99) } };
}
