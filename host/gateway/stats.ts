import { memoryUsage } from "node:process";
import { wallMicros } from "../publishers/clock.js";
import type { StatsMessage } from "../publishers/messages.js";
import type { SourceState } from "../sources/supervise.js";
import type { Counters } from "./counters.js";
import type { Line } from "./line.js";

/** What a source says of itself every few seconds: counters since the gateway's start, latencies since the last time. */
export function statsOf(state: SourceState | "ended", counters: Counters, lines: readonly Pick<Line, "model" | "tally" | "takeLatencies">[]): StatsMessage {
  const { bytes, chunks, events, points, scans, connections, dropped } = counters;
  return {
    v: 1,
    ts: wallMicros(),
    state,
    in: { bytes, chunks, events, points, scans, connections },
    drop: dropped,
    models: lines.map((line) => {
      const { windows, inferences, dropped: drop } = line.tally;
      const latencies = line.takeLatencies();
      return { name: line.model, windows, inferences, p50_us: latencies.quantile(0.5), p99_us: latencies.quantile(0.99), drop };
    }),
    rss_kb: Math.round(memoryUsage.rss() / 1024),
  };
}
