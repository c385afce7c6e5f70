import type { Events, Window } from "../../host/types.js";

/** One event, as tests write it. */
export interface TestEvent {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

/** A batch of events whose arrays are longer than their count, as decoders give them. */
export function batch(events: readonly TestEvent[], slack = 3): Events {
  const n = events.length;
  const made = {
    count: n,
    t: new Float64Array(n + slack).fill(-1),
    x: new Uint16Array(n + slack),
    y: new Uint16Array(n + slack),
    p: new Uint8Array(n + slack),
  };
  for (const [i, event] of events.entries()) {
    made.t[i] = event.t;
    made.x[i] = event.x;
    made.y[i] = event.y;
    made.p[i] = event.p;
  }
  return made;
}

/** Events at these times, each at a place of its own. */
export function at(...times: readonly number[]): TestEvent[] {
  return times.map((t, i) => ({ t, x: i % 34, y: (i * 7) % 34, p: i & 1 }));
}

/** A window as plain values, copied before its generator moves on. */
export interface PlainWindow {
  readonly index: number;
  readonly restarts: number;
  readonly start: number;
  readonly end: number;
  readonly slices: readonly TestEvent[][];
}

export function plain({ index, restarts, start, end, events, sliceEnds }: Window): PlainWindow {
  const slices: TestEvent[][] = [];
  let from = 0;
  for (const to of sliceEnds) {
    const slice: TestEvent[] = [];
    for (let i = from; i < to; i++) slice.push({ t: events.t[i]!, x: events.x[i]!, y: events.y[i]!, p: events.p[i]! });
    slices.push(slice);
    from = to;
  }
  if (from !== events.count) throw new Error(`the last slice ends at ${from} of ${events.count} events`);
  return { index, restarts, start, end, slices };
}
