import type { Drops } from "../types.js";
import { Tally } from "../tally.js";

/** What came in at a source since the gateway's start, over all its connections. */
export class Counters {
  bytes = 0;
  chunks = 0;
  events = 0;
  points = 0;
  scans = 0;
  connections = 0;
  readonly #tally = new Tally();

  get dropped(): Drops {
    return this.#tally.dropped;
  }

  /** Counts what a part of a connection drops while it lasts. @returns what to call at its end */
  follow(drops: () => Drops): () => void {
    return this.#tally.follow(drops);
  }
}
