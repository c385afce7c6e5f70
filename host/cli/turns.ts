/** Doings that are held back for one turn, at most. */
const HELD_LIMIT = 4096;

/** Work that runs side by side, its outcome said in order: each in its turn, as if one had run after the other. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** The next turn: it comes when all earlier ones are over. */
  next(): Turn {
    const turn = new Turn(this.#last);
    this.#last = turn.over;
    return turn;
  }
}

export class Turn {
  readonly over: Promise<void>;
  #end!: () => void;
  #come = false;
  #held = 0;
  /** Settles when all that was given so far is done. */
  #done: Promise<void>;

  constructor(before: Promise<void>) {
    this.over = new Promise(resolve => (this.#end = resolve));
    this.#done = before.then(() => void (this.#come = true));
  }

  /**
   * Does it when the turn has come and what was given before is done. Resolves then, or at once while it is held back for the turn.
   * @throws what this, or anything before it, has thrown
   */
  async do(what: () => void | Promise<void>): Promise<void> {
    this.#held++;
    const done = this.#done.then(what).finally(() => this.#held--);
    done.catch(() => undefined);
    this.#done = done;
    if (this.#come || this.#held > HELD_LIMIT) await done;
  }

  /** Waits for all that was given; then the next turn comes, also when something failed. */
  async end(): Promise<void> {
    await this.#done.finally(this.#end);
  }
}
