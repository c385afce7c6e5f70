import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../types.js";

/** Resolves when as much time has passed since the first call as the sensor's time says. */
export function pacer(signal: AbortSignal | undefined): (until: Micros) => Promise<void> {
  const begun = performance.now();
  return async (until) => {
    const ahead = until / 1000 - (performance.now() - begun);
    if (ahead > 0) await sleep(ahead, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  };
}
