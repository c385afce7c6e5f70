import { NMNIST_SIZE } from "../simulator/digit-scene.js";
import { DIGIT_LABELS, simulateDigits, type Truth } from "../simulator/digits.js";
import type { Events, SensorSize } from "../types.js";

export interface PlayOptions {
  readonly seed: number;
  /** Default without end. */
  readonly count?: number;
  readonly pace: "real" | "max";
  readonly signal: AbortSignal;
}

/** What the demo's sensor looks at: one thing after the other, each with its name. */
export interface Show {
  /** What the things are called. */
  readonly things: string;
  readonly labels: readonly string[];
  /** Who looks at what, for the demo's first line. */
  readonly says: string;
  /** The package that knows them, and how many are shown. */
  readonly model: string;
  readonly count: number;
  readonly size: SensorSize;
  play(options: PlayOptions): AsyncIterable<{ readonly events: Events; readonly truth: Truth | undefined }>;
}

export const SHOWS = {
  digits: {
    things: "digits",
    labels: DIGIT_LABELS,
    says: "A simulated event camera looks at handwritten digits.",
    model: "nmnist",
    count: 20,
    size: NMNIST_SIZE,
    play: simulateDigits,
  },
} as const satisfies Record<string, Show>;
export type ShowName = keyof typeof SHOWS;
