import type { Events, Window } from "../types.js";
import { SensorClock } from "./sensor-clock.js";
import type { Windower } from "./windower.js";

/** The longest wait of a timer, ms; it looks again then. */
const LONGEST_TIMER_MILLIS = 60_000;

/**
 * The windows of a live source: closed by events as those of a recording are, and by the clock when their time is over though no event
 * came. A silent sensor so gives silent windows, at its own pace.
 * @throws what the batches' iterator throws
 */
export async function* liveWindows(batches: AsyncIterable<Events>, windower: Windower, clock = new SensorClock()): AsyncGenerator<Window> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = new Awaited(iterator.next());
      while (!(await next.within(clock.millisUntil(windower.deadline)))) yield* windower.tick(clock.settled());
      const result = await next.promise;
      if (result.done) break;
      clock.hear(result.value);
      yield* windower.push(result.value);
    }
    yield* windower.end();
  } finally {
    await iterator.return?.();
  }
}

/** A promise that is waited for again and again, for some time at a time; it keeps one reaction, not one for each wait. */
class Awaited<T> {
  #settled = false;
  #wake: ((settled: boolean) => void) | undefined;

  constructor(readonly promise: Promise<T>) {
    const settle = (): void => {
      this.#settled = true;
      this.#wake?.(true);
    };
    promise.then(settle, settle);
  }

  /** Resolves true as soon as the promise is settled, false when `millis` are over first. */
  within(millis: number): Promise<boolean> {
    if (this.#settled) return Promise.resolve(true);
    return new Promise(resolve => {
      // What has arrived while this process was busy is read first: timers come before reads in a turn of the loop, this after them.
      const over = (): unknown => setImmediate(() => resolve(false));
      const timer = millis === Infinity ? undefined : setTimeout(over, Math.min(Math.max(millis, 0), LONGEST_TIMER_MILLIS));
      this.#wake = settled => {
        clearTimeout(timer);
        resolve(settled);
      };
    });
  }
}
