/** One write to the port. */
export interface Command {
  readonly bytes: Uint8Array;
  /** Rest before the next, ms. */
  readonly restMillis: number;
}

/**
 * What is said to a sensor on one opening of its port, so that it streams. A control remembers what it heard: each opening takes a new one.
 *
 * The port's owner writes `start`, hands every chunk to `hear`, and after each `hear` writes what is `due`. It writes commands in the order
 * in which it got them: what is due waits until `start` is through.
 */
export interface SensorControl {
  /** What to send once the port is open, in order. */
  readonly start: readonly Command[];
  /**
   * True when what comes before the last command of `start` is written is of no stream that it asks for, but of one that another program
   * left running, in another format or at another time: to be heard, and not to be decoded.
   */
  readonly foreignUntilStarted?: boolean;
  /** What to send before we close the port. */
  readonly stop: readonly Command[];
  /**
   * Sees every chunk that comes, for answers (health, info, versions). Never throws; its memory is bounded.
   * @returns one line for people, or undefined
   */
  hear?(chunk: Uint8Array): string | undefined;
  /** What the answers so far ask to be sent next; each command is given once. */
  due?(): readonly Command[];
}
