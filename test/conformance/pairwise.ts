import type { Random } from "./random.js";

type Axes = Readonly<Record<string, readonly unknown[]>>;
export type Row<A extends Axes> = { readonly [K in keyof A]: A[K][number] };

/**
 * Rows in which every pair of values of any two axes occurs at least once, where `allowed` lets it.
 * Greedy: each row starts from a pair not seen yet and takes, axis by axis, the value that shows most new pairs.
 */
export function pairwise<A extends Axes>(axes: A, random: Random, allowed: (row: Row<A>) => boolean = () => true): Row<A>[] {
  const names = Object.keys(axes);
  const missing = new Set<string>();
  for (const [i, a] of names.entries())
    for (const b of names.slice(i + 1))
      for (const x of axes[a]!.keys()) for (const y of axes[b]!.keys()) missing.add(pairKey(a, x, b, y));

  const rows: Row<A>[] = [];
  for (const first of [...missing]) {
    if (!missing.has(first)) continue;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const choice = complete(axes, names, parsePair(first), missing, random);
      const row = Object.fromEntries(names.map((name) => [name, axes[name]![choice.get(name)!]])) as Row<A>;
      if (!allowed(row)) continue;
      for (const key of pairsOf(names, choice)) missing.delete(key);
      rows.push(row);
      break;
    }
  }
  return rows;
}

/** A pair that no allowed row holds is given up after so many tries. */
const ATTEMPTS = 200;

function complete(
  axes: Axes, names: readonly string[], start: ReadonlyMap<string, number>, missing: ReadonlySet<string>, random: Random,
): Map<string, number> {
  const choice = new Map(start);
  const order = names.filter((name) => !choice.has(name)).sort(() => random.fraction() - 0.5);
  for (const name of order) {
    // Now and then any value at all, so that a row that is not allowed is not tried for ever.
    const values = [...axes[name]!.keys()];
    const gain = (value: number): number => [...choice].filter(([other, at]) =>
      missing.has(orderedKey(names, name, value, other, at))).length;
    const best = Math.max(...values.map(gain));
    choice.set(name, random.chance(0.2) ? random.pick(values) : random.pick(values.filter((value) => gain(value) === best)));
  }
  return choice;
}

function pairsOf(names: readonly string[], choice: ReadonlyMap<string, number>): string[] {
  return names.flatMap((a, i) => names.slice(i + 1).map((b) => pairKey(a, choice.get(a)!, b, choice.get(b)!)));
}

function orderedKey(names: readonly string[], a: string, x: number, b: string, y: number): string {
  return names.indexOf(a) < names.indexOf(b) ? pairKey(a, x, b, y) : pairKey(b, y, a, x);
}

function pairKey(a: string, x: number, b: string, y: number): string {
  return `${a} ${x} ${b} ${y}`;
}

function parsePair(key: string): Map<string, number> {
  const [a, x, b, y] = key.split(" ") as [string, string, string, string];
  return new Map([[a, Number(x)], [b, Number(y)]]);
}
