/** Index of the greatest logit; of equal ones the lowest. @param logits i32[n] or integer sums of them, n ≥ 1 */
export function argmax(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** What is said: the label that wins, or undefined when all logits are equal, as in silence, and nothing is said. @param logits as for argmax */
export function winner(logits: ArrayLike<number>): number | undefined {
  const best = argmax(logits);
  for (let i = 0; i < logits.length; i++) if (logits[i] !== logits[best]) return best;
  return undefined;
}

/** The name of what is said; undefined when nothing is. @param logits as for argmax    @param labels of each of them */
export function nameOf(logits: ArrayLike<number>, labels: readonly string[]): string | undefined {
  const best = winner(logits);
  return best === undefined ? undefined : labels[best];
}

/**
 * Softmax of one entry, for people to read; what decides are the logits.
 * @param logits        i32[n], Q(f)
 * @param fractionBits  f
 * @returns 0..1000, per mille
 */
export function scorePerMille(logits: Int32Array, index: number, fractionBits: number): number {
  const unit = 2 ** fractionBits;
  let sum = 0;
  for (const value of logits) sum += Math.exp((value - logits[index]!) / unit);
  return Math.round(1000 / sum);
}
