import type { Vector } from "./vector.js";

/** Where something is at a time, s. */
export type Key = readonly [seconds: number, x: number, y: number, z: number];

/**
 * A smooth way through keys, in order of time; at rest before the first and after the last, and where it turns back.
 * Source: Fritsch and Carlson 1980, doi:10.1137/0717021, in Butland's form: a cubic that does not overshoot its keys.
 */
export function along(keys: readonly Key[], seconds: number): Vector {
  const first = keys[0]!;
  const last = keys.at(-1)!;
  if (seconds <= first[0]) return [first[1], first[2], first[3]];
  if (seconds >= last[0]) return [last[1], last[2], last[3]];
  let at = 1;
  while (keys[at]![0] < seconds) at++;
  const axis = (k: 1 | 2 | 3): number => cubic(keys, at, k, seconds);
  return [axis(1), axis(2), axis(3)];
}

function cubic(keys: readonly Key[], at: number, axis: 1 | 2 | 3, seconds: number): number {
  const [before, after] = [keys[at - 1]!, keys[at]!];
  const span = after[0] - before[0];
  const s = (seconds - before[0]) / span;
  const [from, to] = [before[axis], after[axis]];
  const [leaving, arriving] = [span * speedAt(keys, at - 1, axis), span * speedAt(keys, at, axis)];
  const [s2, s3] = [s * s, s * s * s];
  return (2 * s3 - 3 * s2 + 1) * from + (s3 - 2 * s2 + s) * leaving + (3 * s2 - 2 * s3) * to + (s3 - s2) * arriving;
}

/** Harmonic mean of the speeds before and after a key, 0 where the way turns or ends. */
function speedAt(keys: readonly Key[], at: number, axis: 1 | 2 | 3): number {
  const [before, here, after] = [keys[at - 1], keys[at]!, keys[at + 1]];
  if (before === undefined || after === undefined) return 0;
  const coming = (here[axis] - before[axis]) / (here[0] - before[0]);
  const going = (after[axis] - here[axis]) / (after[0] - here[0]);
  return coming * going <= 0 ? 0 : (2 * coming * going) / (coming + going);
}
