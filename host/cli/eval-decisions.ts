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

/** For how long was looked without a gap, µs; the end is exclusive. */
export interface Looked {
  readonly start: Micros;
  readonly end: Micros;
}

/** What was decided of one interval of the truth: the label that was held longest in it. */
interface Outcome {
  readonly shown: string;
  readonly held: string | undefined;
  /** From the interval's start until it was told. */
  readonly afterMicros: number | undefined;
}

/**
 * Decisions of a head against what a data set says was seen when. An interval is named by the label that was held longest in it; each label
 * that was told counts as well, for one message can set something off. One that was told before anything had begun is a stray, however long it
 * is held.
 */
export class DecisionScore {
  readonly #outcomes: Outcome[] = [];
  #micros: Micros = 0;
  #idleMicros: Micros = 0;
  readonly #told = { right: 0, wrong: 0, strays: 0 };

  /** @param decisions of one recording, in order    @param looked  what its windows cover (lookedAt) */
  add(decisions: readonly Decision[], intervals: readonly Interval[], looked: readonly Looked[]): void {
    const spans = intervals.map(({ label, start, end }, i) => ({ label, start, past: countsUntil(end, intervals[i + 1]?.start) }));
    const founded: Life[] = [];
    for (const life of livesOf(decisions)) {
      const during = spans.filter(({ start, past }) => overlap(life, start, past) > 0);
      if (during.length === 0 || life.toldAt <= during[0]!.start) {
        this.#told.strays++;
        continue;
      }
      founded.push(life);
      this.#told[during.some(({ label }) => label === life.label) ? "right" : "wrong"]++;
    }
    for (const { label, start, past } of spans) {
      const held = longestWithin(founded, start, past);
      this.#outcomes.push({ shown: label, held: held?.label, afterMicros: held && Math.max(0, held.toldAt - start) });
    }
    this.#micros += microsOf(looked);
    for (const span of looked) this.#idleMicros += idleWithin(span, spans);
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
      /** Labels told: of what was shown, of something else, while nothing was shown. */
      told: { ...this.#told },
      /** How long was looked, and for how long of it nothing was shown. */
      seconds: this.#micros / 1e6,
      idle_seconds: this.#idleMicros / 1e6,
      /** From the start of what is shown to the message that names it rightly: a share of them has it by then. */
      after_us: after.length === 0 ? null : { p10: quantile(after, 0.1), p50: quantile(after, 0.5), p90: quantile(after, 0.9), p99: quantile(after, 0.99) },
      per_class: Object.fromEntries(shown.map(label => [label, this.#of(label)])),
    };
  }

  get text(): string {
    const { intervals, right, wrong, nothing, told, seconds, idle_seconds, after_us, per_class } = this.summary;
    const rows = Object.entries(per_class).map(([label, { n, right, named }]) => [label, n, right, othersText(named, label)]);
    const after = after_us && `told ${(["p10", "p50", "p90", "p99"] as const).map(p => `${Math.round(after_us[p] / 1000)} ms (${p})`).join(", ")} after the start\n`;
    return (
      `${table([["shown", "times", "right", "otherwise held"], ...rows])}` +
      `${whole(right)} of ${whole(intervals)} right, ${whole(wrong)} wrong, ${whole(nothing)} not told\n${after ?? ""}` +
      `labels told: ${whole(told.right)} of what was shown, ${whole(told.wrong)} of something else; ` +
      `${whole(told.strays)} while nothing was shown, in ${idle_seconds.toFixed(0)} of ${seconds.toFixed(0)} s\n`
    );
  }

  #of(label: string) {
    const own = this.#outcomes.filter(({ shown }) => shown === label);
    const named = countNames(own.map(({ held = NOTHING }) => held));
    return { n: own.length, right: named[label] ?? 0, named };
  }
}

/** When the inferences of one recording looked: windows that follow one another are one span; in a long silence there are none. */
export function lookedAt(inferences: readonly Inference[]): Looked[] {
  const spans: { start: Micros; end: Micros }[] = [];
  for (const { window: { start, end } } of inferences) {
    const last = spans.at(-1);
    if (last?.end === start) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

/** How long that is in all. */
export function microsOf(looked: readonly Looked[]): Micros {
  return looked.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** How long nothing was shown. @param spans  in the order of their starts */
function idleWithin({ start, end }: Looked, spans: readonly { readonly start: Micros; readonly past: Micros }[]): Micros {
  let idle = 0, at = start;
  for (const span of spans) {
    idle += Math.max(0, Math.min(span.start, end) - at);
    at = Math.max(at, Math.min(span.past, end));
  }
  return idle + Math.max(0, end - at);
}

function livesOf(decisions: readonly Decision[]): Life[] {
  const lives: Life[] = [];
  for (const { kind, label, start, end, window } of decisions) {
    if (kind === "new") lives.push({ label, start, toldAt: window.end, end: window.end });
    else lives.at(-1)!.end = end ?? window.end;
  }
  return lives;
}
