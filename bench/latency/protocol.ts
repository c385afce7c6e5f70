import type { Drops } from "../../host/types.js";

/** µs of CLOCK_MONOTONIC, which all processes of a machine share. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

/** Sensor of the package that is run. */
export const SIZE = { width: 34, height: 34 };
export const GATEWAY = "latency";
export const SOURCE = "sensor";

export interface SenderOrders {
  readonly port: number;
  readonly eventsPerSecond: number;
  /** What is sent at once, µs of events: no divisor of a window, so that windows end anywhere in a chunk. */
  readonly chunkMicros: number;
  readonly seconds: number;
}

/** Chunk k held the events of k · chunkMicros .. (k + 1) · chunkMicros − 1. */
export interface Sent {
  /** When the sensor's clock was 0. */
  readonly began: number;
  /** When each chunk was written. */
  readonly at: readonly number[];
  readonly events: number;
}

export interface GatewayOrders {
  readonly broker: string;
  readonly model: string;
  /** 0: the engine in line. */
  readonly workers: number;
  readonly cbor: boolean;
}

/** For the message by itself. */
export interface BareOrders {
  readonly broker: string;
  readonly windows: number;
  readonly windowMicros: number;
  readonly messageBytes: number;
}

/** What the gateway counted, and its own latencies: from a window's closing to its result, µs. */
export interface Passed {
  readonly events: number;
  readonly windows: number;
  readonly inferences: number;
  readonly dropped: Drops;
  readonly inferMicros: { readonly p50: number; readonly p99: number };
  readonly resultMicros: { readonly p50: number; readonly p99: number };
  readonly windowMicros: number;
  /** Ends of the windows, µs of the sensor, and when their results were there. */
  readonly windowEnds: readonly number[];
  readonly at: readonly number[];
}

/** Messages as the subscriber got them: the end of the window that they tell of, µs of the sensor, and when. */
export interface Heard {
  readonly windowEnds: readonly number[];
  readonly at: readonly number[];
}

/** What a child tells its parent: that it is ready, with its port if it has one; at the end what it has found. */
export interface Told {
  readonly ready?: number;
  readonly done?: unknown;
}
