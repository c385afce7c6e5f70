import type { Card, Decision, Inference, Micros } from "../types.js";
import { scorePerMille } from "./classification.js";
import { LeakyEvidence } from "./evidence.js";
import { CREDULOUS, openSetJudge, type Judge } from "./open-set.js";
import { TemporalVote } from "./vote.js";

/** What a head needs to know of a package. */
export interface HeadOptions extends Pick<Card, "labels" | "vote" | "openSet"> {
  /** f of the logits' Q(f), for scores. */
  readonly fractionBits: number;
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
 * within the vote to the end of the last one.
 */
export class ClassificationHead {
  readonly #options: HeadOptions;
  readonly #vote: TemporalVote;
  readonly #judge: Judge;
  readonly #evidence: LeakyEvidence;
  /** Starts of the windows in the vote. */
  readonly #starts: Micros[] = [];
  #life: Life | undefined;
  #latest: Inference | undefined;

  constructor(options: HeadOptions) {
    this.#options = options;
    this.#vote = new TemporalVote(options.vote);
    this.#judge = options.openSet === undefined ? CREDULOUS : openSetJudge(options.openSet, options.labels);
    this.#evidence = new LeakyEvidence(options.openSet?.forget ?? 0);
  }

  *decide(inference: Inference): Generator<Decision> {
    const { window } = inference;
    const evidence = this.#evidence.add(inference.logits);
    this.#latest = inference;
    this.#starts.push(window.start);
    if (this.#starts.length > this.#options.vote.of) this.#starts.shift();
    const ballot = this.#judge.ballot(evidence, window.events, this.#vote.held);
    const turned = this.#vote.cast(ballot);
    const { held } = this.#vote;
    if (turned) {
      yield* this.end();
      if (held === undefined) return;
      const ago = this.#vote.firstWinAgo(held)!;
      const start = this.#starts[this.#starts.length - 1 - ago]!;
      const label = this.#options.labels[held] ?? String(held);
      this.#life = { label, start, end: window.end, score: this.#score(evidence, held) };
      yield this.#decision("new", this.#life, inference);
    } else if (this.#life !== undefined && ballot === held) {
      this.#life.end = window.end;
      this.#life.score = this.#score(evidence, held!);
      yield this.#decision("update", this.#life, inference);
    }
  }

  /** No more windows, or another label: the end of the one that is held. */
  *end(): Generator<Decision> {
    if (this.#life === undefined) return;
    const ended = this.#life;
    this.#life = undefined;
    yield this.#decision("end", ended, this.#latest!);
  }

  #score(evidence: Int32Array, index: number): number {
    return scorePerMille(evidence, index, this.#options.fractionBits);
  }

  #decision(kind: Decision["kind"], { label, start, end, score }: Life, { window, inferMicros }: Inference): Decision {
    return { kind, label, score, start, end: kind === "end" ? end : null, window, inferMicros };
  }
}
