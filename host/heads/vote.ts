import type { Vote } from "../types.js";

/** One window's vote: a label's index, or undefined for no label. */
export type Ballot = number | undefined;

/**
 * The temporal vote: what is held stays until something else wins k of the last n windows. "No label" is a candidate like any other,
 * and is held at first. Of several that win k the one with the most windows takes over; of equals the lowest index, no label last.
 */
export class TemporalVote {
  held: Ballot = undefined;
  readonly #wins: number;
  readonly #of: number;
  readonly #ballots: Ballot[] = [];

  constructor({ wins, of }: Vote) {
    this.#wins = wins;
    this.#of = of;
  }

  /** Counts one window. @returns whether another candidate is held now. */
  cast(ballot: Ballot): boolean {
    this.#ballots.push(ballot);
    if (this.#ballots.length > this.#of) this.#ballots.shift();
    const counts = new Map<Ballot, number>();
    for (const each of this.#ballots) counts.set(each, (counts.get(each) ?? 0) + 1);
    if ((counts.get(this.held) ?? 0) >= this.#wins) return false;
    const leader = [...counts].filter(([, count]) => count >= this.#wins).sort(byCountThenIndex)[0];
    if (leader === undefined || leader[0] === this.held) return false;
    this.held = leader[0];
    return true;
  }

  /** How many windows ago the candidate won for the first time among the last n: 0 is the latest, undefined never. */
  firstWinAgo(candidate: Ballot): number | undefined {
    const at = this.#ballots.indexOf(candidate);
    return at < 0 ? undefined : this.#ballots.length - 1 - at;
  }
}

function byCountThenIndex([a, countA]: [Ballot, number], [b, countB]: [Ballot, number]): number {
  return countB - countA || (a ?? Infinity) - (b ?? Infinity);
}
