/** The words of the stages. Times are µs, numbers below 2^53; frames and counts are integers. */

export type { Card, Denoise, Evidence, Framing, LoadedPackage, OpenSet, SelfTest, Vote } from "../models/package/card.js";

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

/** What a sensor is shown, and from when to when. */
export interface Interval {
  readonly label: string;
  readonly start: Micros;
  /** Exclusive. */
  readonly end: Micros;
}

/** Dropped bytes, events, windows or messages, by reason. */
export type Drops = Record<string, number>;

/** Bytes to events. The same bytes give the same events however they are cut into chunks. */
export interface Decoder {
  readonly format: string;
  /** What the header said, or undefined until it has been read, or for ever when the format has none. */
  readonly size: SensorSize | undefined;
  readonly drops: Drops;
  /** @param arrival when the last byte of the chunk came, on the caller's clock; of use to formats that tell little or no time */
  push(chunk: Uint8Array, arrival?: Micros): Iterable<Events>;
  /** No more bytes: gives what is held, counts a torn rest. */
  end(): Iterable<Events>;
}

/**
 * Points of a LiDAR, structure of arrays; entries 0..count−1 are valid, only until the generator that gave them is resumed.
 * t whole µs at which a point was measured; x ahead, y left, z up, from the sensor's origin, right-handed, in units of 0.1 mm: what the
 * finest sensor resolves, ±214 km in an i32, and integers, so that the engine reads them as they are and a digest is the same everywhere.
 */
export interface Points {
  readonly count: number;
  readonly t: Float64Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
  /** In the sensor's own steps, 0 when it does not tell. */
  readonly intensity: Uint16Array;
  /** The laser or row, as the sensor numbers them; 0 of a sensor with one. */
  readonly ring: Uint8Array;
  /** Which return of its pulse, as the sensor orders them: 0 the first that it reports. */
  readonly echo: Uint8Array;
  /** The turn or sweep that all of them are of, counted from 0. */
  readonly scan: number;
  /** Whether the scan is over with this batch, which may then be empty. */
  readonly over: boolean;
}

/**
 * Bytes to points, pushed by a file or by a port alike.
 *
 * A serial format takes chunks cut anywhere: the same bytes give the same points, scans and counters however they are cut. A packet format
 * takes one datagram a push. `arrival` is when the chunk's last byte came, µs on any clock of the caller that does not go back. Sensors
 * that tell no time get theirs from it, less what the line needed for the bytes that came later, where the line's rate is known. Without
 * arrivals a serial stream is taken for one that never rests, a packet stream for one that begins at 0.
 *
 * Nothing that is pushed makes it throw, and its memory is fixed when it is made: what cannot be read is counted in `drops`.
 */
export interface PointDecoder {
  readonly format: string;
  readonly drops: Drops;
  push(chunk: Uint8Array, arrival?: Micros): Iterable<Points>;
  /** No more bytes: gives what is held, counts a torn rest. */
  end(): Iterable<Points>;
}

/** Events that make one window, cut into slices: slice k is events sliceEnds[k−1] .. sliceEnds[k]−1. */
export interface Window {
  readonly index: number;
  /** How often the sensor's clock had begun anew before it: nothing is remembered from before. */
  readonly restarts: number;
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

/** What is told of a window. */
export interface WindowSpan extends Pick<Window, "index" | "start" | "end"> {
  /** How many it has. */
  readonly events: number;
}

/** What the engine says of one window. */
export interface Inference {
  readonly window: WindowSpan & Pick<Window, "restarts">;
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
  /** When the label's life began: the same in all of its decisions. */
  readonly start: Micros;
  readonly end: Micros | null;
  readonly window: WindowSpan;
  readonly inferMicros: number;
}
