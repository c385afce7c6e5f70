import { quantile } from "../host/cli/measure.js";

/** Something that does one and the same work any number of times. */
export interface Runner {
  readonly name: string;
  /** @returns seconds that n times took */
  run(n: number): number | Promise<number>;
}

/** Seconds of one time, one entry a round; round i of all runners lies within the same moments. */
export interface Timing {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

export interface RoundOptions {
  /** At least 15 for a figure that is quoted. */
  readonly rounds: number;
  /** What a runner's turn in a round takes, about. */
  readonly turnMillis: number;
  /** How long a runner runs before it is timed, so that it is compiled for speed and its caches are full. */
  readonly warmMillis: number;
}

export const QUOTED: RoundOptions = { rounds: 21, turnMillis: 20, warmMillis: 400 };
/** For tests: shows that it works, says nothing about speed. */
export const TINY: RoundOptions = { rounds: 1, turnMillis: 1, warmMillis: 1 };

/**
 * Times runners in turns, round by round, so that whatever else the machine does meets all of them alike. Rounds alternate in direction.
 */
export async function inRounds(runners: readonly Runner[], { rounds, turnMillis, warmMillis }: RoundOptions): Promise<Timing[]> {
  const times: number[] = [];
  for (const runner of runners) times.push(await timesFor(runner, turnMillis, warmMillis));
  const seconds = runners.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    const order = runners.map((_, i) => i);
    for (const i of round % 2 === 0 ? order : order.reverse()) seconds[i]!.push((await runners[i]!.run(times[i]!)) / times[i]!);
  }
  return runners.map(({ name }, i) => timingOf(name, seconds[i]!));
}

/** How often `a` is as fast as `b`: the median of the rounds' ratios, which a machine's changes of pace move least. */
export function timesFaster(a: Timing, b: Timing): number {
  return quantile(a.seconds.map((seconds, i) => b.seconds[i]! / seconds), 0.5);
}

function timingOf(name: string, seconds: readonly number[]): Timing {
  return { name, seconds, median: quantile(seconds, 0.5), p10: quantile(seconds, 0.1), p90: quantile(seconds, 0.9) };
}

/** Runs until warm. @returns how many times fill a turn */
async function timesFor(runner: Runner, turnMillis: number, warmMillis: number): Promise<number> {
  const until = performance.now() + warmMillis;
  let times = 1, seconds = await runner.run(1);
  while (performance.now() < until || seconds < turnMillis / 2000) {
    if (seconds < turnMillis / 2000) times *= 2;
    seconds = await runner.run(times);
  }
  return Math.max(1, Math.round((times * turnMillis) / 1000 / seconds));
}
