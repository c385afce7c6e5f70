import { Windower } from "../host/framing/windower.js";
import type { Events, Framing } from "../host/types.js";

/** One measured figure: median of the runs, million events a second. */
export interface FramingRow {
  readonly name: string;
  readonly mevPerSecond: number;
  readonly windows: number;
}

const BATCH_EVENTS = 8192, BATCHES = 128, RUNS = 25, WARM_UP_RUNS = 5;
const rest = { timesteps: 5, frame: "counts", cap: 15, state: "keep" } as const;
const FRAMINGS: Readonly<Record<string, Framing>> = {
  "time, 10 ms": { kind: "time", windowMicros: 10_000, ...rest },
  "count, 20,000 events": { kind: "count", windowEvents: 20_000, ...rest },
  "mixed, 20,000 events or 10 ms": { kind: "mixed", windowEvents: 20_000, windowMicros: 10_000, ...rest },
};

/** Cutting 1 M events, 1 in a µs, into windows of 5 slices: framing must never be what a decoder of 300 Mev/s waits for. */
export function framingBench(): FramingRow[] {
  const batches = Array.from({ length: BATCHES }, (_, batch) => eventsFrom(batch * BATCH_EVENTS));
  return Object.entries(FRAMINGS).map(([name, framing]) => {
    const seconds: number[] = [];
    let windows = 0;
    for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
      const windower = new Windower(framing);
      windows = 0;
      const began = performance.now();
      for (const batch of batches) for (const window of windower.push(batch)) windows += Number(window.events.count > 0);
      for (const window of windower.end()) windows += Number(window.events.count > 0);
      if (run >= 0) seconds.push((performance.now() - began) / 1000);
    }
    seconds.sort((a, b) => a - b);
    return { name, mevPerSecond: (BATCHES * BATCH_EVENTS) / seconds[RUNS >> 1]! / 1e6, windows };
  });
}

function eventsFrom(start: number): Events {
  const events = {
    count: BATCH_EVENTS,
    t: new Float64Array(BATCH_EVENTS),
    x: new Uint16Array(BATCH_EVENTS),
    y: new Uint16Array(BATCH_EVENTS),
    p: new Uint8Array(BATCH_EVENTS),
  };
  for (let i = 0; i < BATCH_EVENTS; i++) {
    events.t[i] = start + i;
    events.x[i] = (start + i) % 640;
    events.y[i] = (start + i) % 480;
    events.p[i] = i & 1;
  }
  return events;
}
