import type { Framing } from "../../host/types.js";
import type { PlainWindow, TestEvent } from "./events.js";

/** Windows of a whole recording at once, event by event, from the rules' words alone; time must not fall. */
export function windowsOf(events: readonly TestEvent[], framing: Framing, gapMicros: number): PlainWindow[] {
  const { kind, timesteps, windowMicros = Infinity, windowEvents = Infinity, maxLatencyMicros = Infinity } = framing;
  const span = kind === "time" ? windowMicros : kind === "count" ? maxLatencyMicros : Math.min(windowMicros, maxLatencyMicros);
  const most = kind === "time" ? Infinity : windowEvents;
  const windows: PlainWindow[] = [];
  let held: TestEvent[] = [];
  let start: number | undefined;

  const close = (end: number): void => {
    const slices: TestEvent[][] = Array.from({ length: timesteps }, () => []);
    held.forEach((event, i) => {
      let slice = timesteps - 1;
      if (kind === "count") while (i < Math.floor((slice * held.length) / timesteps)) slice--;
      else while (event.t < start! + Math.floor((slice * (end - start!)) / timesteps)) slice--;
      slices[slice]!.push(event);
    });
    windows.push({ index: windows.length, restarts: 0, start: start!, end, slices });
    held = [];
  };

  let newest = -Infinity;
  for (const event of events) {
    while (start !== undefined && event.t >= start + span) {
      const end: number = start + span;
      close(end);
      start = kind === "time" && end - newest <= gapMicros ? end : undefined;
    }
    start ??= event.t;
    held.push(event);
    newest = event.t;
    if (held.length === most) {
      close(event.t + 1);
      start = undefined;
    }
  }
  if (start !== undefined) close(span === Infinity ? newest + 1 : start + span);
  return windows;
}
