/** First and greatest bound of a wait, ms. */
export interface BackoffRange {
  readonly firstMillis: number;
  readonly mostMillis: number;
}

export const BROKER_BACKOFF: BackoffRange = { firstMillis: 500, mostMillis: 60_000 };

/**
 * How long to wait before try number `attempt` (0, 1, …), ms: anywhere between nothing and a bound that doubles each time, so that
 * many gateways do not come back to a restarted broker at the same moment.
 * Source: "full jitter", AWS Architecture Blog 2015.
 */
export function fullJitter(attempt: number, range: BackoffRange = BROKER_BACKOFF, random: () => number = Math.random): number {
  const bound = Math.min(range.mostMillis, range.firstMillis * 2 ** Math.min(attempt, 30));
  return Math.round(random() * bound);
}
