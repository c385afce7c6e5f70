/** The words of the stages. Times are µs, numbers below 2^53; frames and counts are integers. */

export type { Card, Framing, LoadedPackage, SelfTest, Vote } from "../models/package/card.js";

export type Micros = number;

/**
 * Events of a DVS, structure of arrays; entries 0..count−1 are valid, only until the generator that gave them is resumed.
 * t µs, not falling unless a counter says so; x 0..width−1 from the left; y 0..height−1 from the top; p 0 OFF, 1 ON.
 */
export interface Events {
  readonly count: number;
  readonly t: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly p: Uint8Array;
}

export interface SensorSize {
  readonly width: number;
  readonly height: number;
}

/** Dropped bytes, events, windows or messages, by reason. */
export type Drops = Record<string, number>;

/** Bytes to events. The same bytes give the same events however they are cut into chunks. */
export interface Decoder {
  readonly format: string;
  /** What the header said, or undefined until it has been read, or for ever when the format has none. */
  readonly size: SensorSize | undefined;
  readonly drops: Drops;
  push(chunk: Uint8Array): Iterable<Events>;
  /** No more bytes: gives what is held, counts a torn rest. */
  end(): Iterable<Events>;
}

/** Events that make one window, cut into slices: slice k is events sliceEnds[k−1] .. sliceEnds[k]−1. */
export interface Window {
  readonly index: number;
  readonly start: Micros;
  /** Exclusive. */
  readonly end: Micros;
  readonly events: Events;
  /** length T, of a part its slices; last entry = events.count */
  readonly sliceEnds: Uint32Array;
  /** Absent when this is the whole window. */
  readonly part?: WindowPart;
}

/** Slices of a live source's window that are over before the window is: the engine can run them meanwhile. */
export interface WindowPart {
  /** How many slices, and events, came in earlier parts. */
  readonly firstSlice: number;
  readonly earlierEvents: number;
  /** Whether the window is over with this part. */
  readonly last: boolean;
}

/** What the engine says of one window. */
export interface Inference {
  readonly window: { readonly index: number; readonly start: Micros; readonly end: Micros; readonly events: number };
  readonly logits: Int32Array;
  /** The engine's time, frames included. */
  readonly inferMicros: number;
  /** From the window's closing to this result: in line the engine's time, in a pool also the way there and back, and waiting. */
  readonly latencyMicros: number;
}

/** What the head says. Score is per mille. */
export interface Decision {
  readonly kind: "new" | "update" | "end" | "once";
  readonly label: string;
  readonly score: number;
  readonly start: Micros;
  readonly end: Micros | null;
  readonly window: { readonly index: number; readonly start: Micros; readonly end: Micros; readonly events: number };
  readonly inferMicros: number;
}
