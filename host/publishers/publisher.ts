import type { Drops } from "../types.js";
import type { EventMessage, SourceStatus, StatsMessage } from "./messages.js";

/** Where messages go. One publisher serves many sources; what it could not deliver is in `drops`, by reason. */
export interface Publisher {
  /** Takes one event. Resolves when the publisher can take the next: at once, or when a blocking writer has room again. */
  publish(event: EventMessage): Promise<void>;
  /** A source came, went or fell silent; `online` also clears what an earlier run left as its state. */
  sourceStatus(source: string, status: SourceStatus): Promise<void>;
  /** How a source is; of use at once or not at all, so it is never held. */
  stats(source: string, stats: StatsMessage): void;
  readonly drops: Drops;
  /** Delivers what is held, within a bound of time, and lets go. Never rejects. */
  close(): Promise<void>;
}
