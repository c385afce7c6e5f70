/** How events become frames. */
export interface Framing {
  readonly kind: "time" | "count" | "mixed";
  /** Length of a window in µs, for time and mixed. */
  readonly windowMicros?: number;
  /** Events of a window, for count and mixed. */
  readonly windowEvents?: number;
  /** count and mixed: a window closes at the latest this long (µs) after its first event. */
  readonly maxLatencyMicros?: number;
  /** T: slices of a window, each one frame and one timestep; of equal time, or of equal count for kind count. */
  readonly timesteps: number;
  /** points: the events of a slice as a cloud of x, y, t, p (format 2). */
  readonly frame: "counts" | "last-polarity" | "points";
  /** Greatest count of a pixel in one frame, 1..255. */
  readonly cap: number;
  /** Whether potentials live on from one window to the next. */
  readonly state: "keep" | "reset";
}

/** What is taken out of events before they are framed, as `host/denoise` does it; what is left out is off, and one filter is there. */
export interface Denoise {
  /** An event without a neighbour's within so many µs is background activity: 1 to MOST_DENOISE_MICROS. */
  readonly backgroundActivityMicros?: number;
  /** A pixel's events this soon, µs, after one that was kept are taken out: 1 to MOST_DENOISE_MICROS. */
  readonly refractoryMicros?: number;
  /** A pixel with more events a second than this, sustained, is hot and muted: 1 to MOST_DENOISE_RATE. */
  readonly hotPixelRate?: number;
}

/** A label is held until it wins k of the last n windows (the temporal vote). */
export interface Vote {
  readonly wins: number;
  readonly of: number;
}

/** What the logits must show for a window to be believed; in the logits' own units. */
export interface Evidence {
  /** The least greatest logit. */
  readonly logit: number;
  /** The least distance from the greatest logit to the next. */
  readonly margin: number;
}

/** Open-set rejection: a window that shows nothing known votes for no label. */
export interface OpenSet {
  /** For a label that is not held, and for the one that is: less is asked to go on than to begin, so that decisions do not flicker. */
  readonly enter: Evidence;
  readonly stay: Evidence;
  /** 0..8: windows are judged by a sum of logits that forgets 1/2^forget of itself each window (host/heads/evidence.ts); 0: each by its own. */
  readonly forget: number;
  /** A window with fewer events shows nothing. */
  readonly leastEvents: number;
  /** Labels that mean that nothing is done; they win windows and are never told. */
  readonly idle: readonly string[];
}

/** A measured score, with what it was measured on. */
export interface Score {
  readonly metric: string;
  readonly value: number;
  readonly n: number;
  readonly data: string;
}

/** The model card: what the package is for, made of, and worth. */
export interface Card {
  readonly name: string;
  /** semver */
  readonly version: string;
  readonly task: "classification" | "none";
  readonly labels: readonly string[];
  readonly sensor: { readonly kind: "dvs"; readonly width: number; readonly height: number } | { readonly kind: "none" };
  /** Absent: events are framed as they come (format 2). */
  readonly denoise?: Denoise;
  readonly framing: Framing;
  readonly vote: Vote;
  /** Absent: every window's greatest logit is believed. */
  readonly openSet?: OpenSet;
  readonly licence: string;
  /** Data, recipe, seed, source file and its SHA-256: how it came to be. */
  readonly provenance: Readonly<Record<string, string>>;
  readonly scores: readonly Score[];
}

/** A package as read and checked: what an engine needs to run it. */
export interface LoadedPackage {
  readonly card: Card;
  /** The graph, in NIR's words, after passes and quantisation; informative. */
  readonly graph: unknown;
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
  readonly selfTest: SelfTest;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

/** Frames and the digest of the logits that they must give, run by load. */
export interface SelfTest {
  /** Bytes of `timesteps` input tensors, one after the other. */
  readonly frames: Uint8Array;
  readonly timesteps: number;
  /** SHA-256, hex, of the first output tensor's bytes after each timestep, concatenated. */
  readonly digest: string;
}
