import type { Decision, Inference, Interval, Micros } from "../types.js";
import { countsUntil, longestWithin, overlap } from "./longest.js";
import { quantile } from "./measure.js";
import { countNames, NOTHING, othersText, table, whole } from "./text.js";

/** A label that was held. */
interface Life {
  readonly label: string;
  readonly start: Micros;
  /** End of the window with which it was told. */
  readonly toldAt: Micros;
  end: Micros;
}

/** What was decided of one interval of the truth: the label that was held longest in it. */
interface Outcome {
  readonly shown: string;
  readonly held: string | undefined;
  /** From the interval's start until it was told. */
  readonly afterMicros: number | undefined;
}

/**
 * Decisions of a head against what a data set says was seen when. A label counts for what was shown while it was held; one that was told before
 * anything had begun is a stray, however long it is held.
 */
export class DecisionScore {
  readonly #outcomes: Outcome[] = [];
  #micros: Micros = 0;
  #strays = 0;

  /** @param decisions of one recording, in order    @param micros its length */
  add(decisions: readonly Decision[], intervals: readonly Interval[], micros: Micros): void {
    const spans = intervals.map(({ label, start, end }, i) => ({ label, start, past: countsUntil(end, intervals[i + 1]?.start) }));
    const lives = livesOf(decisions);
    const founded = lives.filter(life => {
      const first = spans.find(({ start, past }) => overlap(life, start, past) > 0);
      return first !== undefined && life.toldAt > first.start;
    });
    for (const { label, start, past } of spans) {
      const held = longestWithin(founded, start, past);
      this.#outcomes.push({ shown: label, held: held?.label, afterMicros: held && Math.max(0, held.toldAt - start) });
    }
    this.#strays += lives.length - founded.length;
    this.#micros += micros;
  }

  /** What `eval --decisions --json` prints. */
  get summary() {
    const right = this.#outcomes.filter(({ shown, held }) => held === shown);
    const after = right.map(({ afterMicros }) => afterMicros!);
    const shown = [...new Set(this.#outcomes.map(({ shown }) => shown))];
    return {
      intervals: this.#outcomes.length,
      right: right.length,
      wrong: this.#outcomes.filter(({ shown, held }) => held !== undefined && held !== shown).length,
      nothing: this.#outcomes.filter(({ held }) => held === undefined).length,
      /** Labels told while nothing was shown, and how long was looked. */
      strays: this.#strays,
      seconds: this.#micros / 1e6,
      /** From the start of what is shown to the message that names it rightly: a share of them has it by then. */
      after_us: after.length === 0 ? null : { p10: quantile(after, 0.1), p50: quantile(after, 0.5), p90: quantile(after, 0.9), p99: quantile(after, 0.99) },
      per_class: Object.fromEntries(shown.map(label => [label, this.#of(label)])),
    };
  }

  get text(): string {
    const { intervals, right, wrong, nothing, strays, seconds, after_us, per_class } = this.summary;
    const rows = Object.entries(per_class).map(([label, { n, right, named }]) => [label, n, right, othersText(named, label)]);
    const told = after_us && `told ${(["p10", "p50", "p90", "p99"] as const).map(p => `${Math.round(after_us[p] / 1000)} ms (${p})`).join(", ")} after the start\n`;
    return (
      `${table([["shown", "times", "right", "otherwise held"], ...rows])}` +
      `${whole(right)} of ${whole(intervals)} right, ${whole(wrong)} wrong, ${whole(nothing)} not told\n${told ?? ""}` +
      `${whole(strays)} told while nothing was shown, in ${seconds.toFixed(0)} s\n`
    );
  }

  #of(label: string) {
    const own = this.#outcomes.filter(({ shown }) => shown === label);
    const named = countNames(own.map(({ held = NOTHING }) => held));
    return { n: own.length, right: named[label] ?? 0, named };
  }
}

/** How long the inferences of one recording looked, µs. */
export function lookedFor(inferences: readonly Inference[]): Micros {
  const [first, last] = [inferences[0], inferences.at(-1)];
  return first === undefined || last === undefined ? 0 : last.window.end - first.window.start;
}

function livesOf(decisions: readonly Decision[]): Life[] {
  const lives: Life[] = [];
  for (const { kind, label, start, end, window } of decisions) {
    if (kind === "new") lives.push({ label, start, toldAt: window.end, end: window.end });
    else lives.at(-1)!.end = end ?? window.end;
  }
  return lives;
}
