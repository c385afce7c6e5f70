/** Words of this many letters or fewer have to be nearer. */
const SHORT = 3;

/**
 * What a user may have meant: the nearest candidate by letters, whatever its case, hyphens and underscores, or one that the word begins
 * with. @returns undefined when none is near
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = bare(word);
  if (wanted === "") return undefined;
  let best: string | undefined;
  let least = 1 + (wanted.length <= SHORT ? 1 : Math.max(2, Math.floor(wanted.length / 3)));
  for (const candidate of candidates) {
    const known = bare(candidate);
    const distance = wanted === known ? 0 : wanted.startsWith(known) && known.length > SHORT ? 1 : editDistance(wanted, known, least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, "");
}

/**
 * Letters to insert, delete, replace or swap with their neighbour until a is b: optimal string alignment, in three rows.
 * Words whose lengths differ by `enough` or more are not looked at: they are at least that far apart.
 */
export function editDistance(a: string, b: string, enough = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) >= enough) return Math.abs(a.length - b.length);
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, before[column - 2]! + 1);
      current.push(distance);
    }
    [before, above] = [above, current];
  }
  return above[b.length]!;
}
