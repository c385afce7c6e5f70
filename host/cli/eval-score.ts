import type { Tally } from "../tally.js";
import { countNames, dropsText, NOTHING, othersText, table, whole } from "./text.js";

/** What a recording shows, and what it was named: undefined when nothing was said. */
export interface Answer {
  readonly shown: string;
  readonly name: string | undefined;
}

export interface ClassScore {
  readonly n: number;
  readonly correct: number;
  readonly value: number | null;
  /** How often the recordings of this class were named what: a row of the confusion matrix, without its zeros. */
  readonly named: Readonly<Record<string, number>>;
}

export interface Score {
  readonly task: "classification";
  readonly metric: "accuracy";
  readonly value: number;
  readonly n: number;
  readonly per_class: Readonly<Record<string, ClassScore>>;
}

/** @param labels  of the data set, in the order of the score's rows */
export function scoreOf(answers: readonly Answer[], labels: readonly string[]): Score {
  const scored = labels.map((label): [string, ClassScore] => {
    const own = answers.filter(answer => answer.shown === label);
    const named = countNames(own.map(({ name = NOTHING }) => name));
    const correct = named[label] ?? 0;
    return [label, { n: own.length, correct, value: own.length === 0 ? null : correct / own.length, named }];
  });
  const n = answers.length;
  const right = scored.reduce((sum, [, { correct }]) => sum + correct, 0);
  return { task: "classification", metric: "accuracy", value: right / n, n, per_class: Object.fromEntries(scored) };
}

export function scoreText(score: Score): string {
  return `${classesText(score)}accuracy ${(score.value * 100).toFixed(2)} % of ${whole(score.n)} recordings\n`;
}

/** What was read, and what was not. */
export function readText({ events, windows, dropped }: Tally): string {
  return `${whole(events)} events in ${whole(windows)} windows; ${dropsText(dropped)}\n`;
}

/** A row for each class. */
export function classesText({ per_class }: Score): string {
  const rows = Object.entries(per_class).map(([label, { n, correct, named }]) => [label, n, correct, othersText(named, label)]);
  return table([["class", "recordings", "right", "otherwise named"], ...rows]);
}
