import type { Engine } from "./engine.js";
import type { Stream } from "./stream.js";

/** A stream's place in an engine. Its state is at rest when it is given. */
export interface Place {
  readonly engine: Engine;
  readonly stream: Stream;
  /** Gives the place to the next stream. */
  close(): void;
}

/**
 * Places for streams that come and go: an engine has room for a fixed number of states, planned when it is made; when all are taken
 * another engine is made, and it stays.
 */
export class Places {
  readonly #make: () => Engine;
  readonly #streams: number;
  readonly #free: Omit<Place, "close">[] = [];
  /** Engines made so far. */
  engines = 0;

  /** @param make an engine with room for `streams` streams */
  constructor(make: () => Engine, streams: number) {
    this.#make = make;
    this.#streams = streams;
    this.#grow();
  }

  open(): Place {
    if (this.#free.length === 0) this.#grow();
    const place = this.#free.pop()!;
    let open = true;
    return {
      ...place,
      close: () => {
        if (!open) return;
        open = false;
        place.stream.reset();
        this.#free.push(place);
      },
    };
  }

  #grow(): void {
    const engine = this.#make();
    this.engines++;
    for (let index = this.#streams - 1; index >= 0; index--) this.#free.push({ engine, stream: engine.stream(index) });
  }
}
