import type { Drops } from "./types.js";

/** What went through, and what did not, by reason. */
export class Tally {
  events = 0;
  windows = 0;
  inferences = 0;
  readonly #settled: Drops = {};
  readonly #followed = new Set<() => Drops>();

  /** By reason, up to now. */
  get dropped(): Drops {
    const all = { ...this.#settled };
    for (const drops of this.#followed) addDrops(all, drops());
    return all;
  }

  drop(reason: string, count: number): void {
    addDrops(this.#settled, { [reason]: count });
  }

  dropAll(drops: Drops): void {
    addDrops(this.#settled, drops);
  }

  /** Counts what a stage drops while it goes on. @returns what to call when the stage has ended: its count stays */
  follow(drops: () => Drops): () => void {
    this.#followed.add(drops);
    return () => {
      if (this.#followed.delete(drops)) this.dropAll(drops());
    };
  }
}

/** Adds counts to `all`; reasons with none do not appear. */
export function addDrops(all: Drops, drops: Drops): void {
  for (const [reason, count] of Object.entries(drops)) if (count > 0) all[reason] = (all[reason] ?? 0) + count;
}
