import type { Card, Decision, Inference, Micros, WindowSpan } from "../types.js";
import { scorePerMille } from "./classification.js";
import { LeakyEvidence } from "./evidence.js";
import { CREDULOUS, openSetJudge, type Judge } from "./open-set.js";
import { TemporalVote } from "./vote.js";

/** What a head needs to know of a package. */
export interface HeadOptions extends Pick<Card, "labels" | "vote" | "openSet"> {
  /** f of the logits' Q(f), for scores. */
  readonly fractionBits: number;
}

/** What a network, here or on a device, says of a window. */
export interface Said extends Pick<Inference, "logits" | "inferMicros"> {
  readonly window: WindowSpan;
}

/** The label that is held, since when, and what was last known of it. */
interface Life {
  readonly label: string;
  readonly start: Micros;
  end: Micros;
  score: number;
}

/**
 * Logits to decisions for classification. A label's life is `new` when it wins the vote, `update` for each further window that it
 * wins, `end` when another label or no label takes over, or the source ends. It lasts from the start of the first window that it won
 * within the vote, or the end of the life before it where that is later, to the end of the last one.
 */
export class ClassificationHead {
  readonly #options: HeadOptions;
  readonly #vote: TemporalVote;
  readonly #judge: Judge;
  readonly #evidence: LeakyEvidence;
  /** Starts of the windows in the vote. */
  readonly #starts: Micros[] = [];
  #life: Life | undefined;
  /** End of the life before. */
  #over: Micros = -Infinity;
  #latest: Said | undefined;

  constructor(options: HeadOptions) {
    this.#options = options;
    this.#vote = new TemporalVote(options.vote);
    this.#judge = options.openSet === undefined ? CREDULOUS : openSetJudge(options.openSet, options.labels);
    this.#evidence = new LeakyEvidence(options.openSet?.forget ?? 0);
  }

  *decide(said: Said): Generator<Decision> {
    const { window } = said;
    const evidence = this.#evidence.add(said.logits);
    this.#latest = said;
    this.#starts.push(window.start);
    if (this.#starts.length > this.#options.vote.of) this.#starts.shift();
    const ballot = this.#judge.ballot(evidence, window.events, this.#vote.held);
    const turned = this.#vote.cast(ballot);
    const { held } = this.#vote;
    if (turned) {
      yield* this.end();
      if (held === undefined) return;
      const ago = this.#vote.firstWinAgo(held)!;
      const start = Math.max(this.#starts[this.#starts.length - 1 - ago]!, this.#over);
      const label = this.#options.labels[held] ?? String(held);
      this.#life = { label, start, end: window.end, score: this.#score(evidence, held) };
      yield this.#decision("new", this.#life, said);
    } else if (this.#life !== undefined && ballot === held) {
      this.#life.end = window.end;
      this.#life.score = this.#score(evidence, held!);
      yield this.#decision("update", this.#life, said);
    }
  }

  /** No more windows, or another label: the end of the one that is held. */
  *end(): Generator<Decision> {
    if (this.#life === undefined) return;
    const ended = this.#life;
    this.#life = undefined;
    this.#over = ended.end;
    yield this.#decision("end", ended, this.#latest!);
  }

  #score(evidence: Int32Array, index: number): number {
    return scorePerMille(evidence, index, this.#options.fractionBits);
  }

  #decision(kind: Decision["kind"], { label, start, end, score }: Life, { window, inferMicros }: Said): Decision {
    return { kind, label, score, start, end: kind === "end" ? end : null, window, inferMicros };
  }
}
