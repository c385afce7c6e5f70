import type { Drops, Micros } from "../types.js";

/** 12345 → "12,345" */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** µs as seconds: "12.345 s". */
export function seconds(micros: Micros): string {
  return `${(micros / 1e6).toFixed(3)} s`;
}

/** A duration in the unit that suits it: "812 µs", "4.21 ms", "1.50 s". */
export function duration(micros: Micros): string {
  if (micros < 1000) return `${Number(micros.toPrecision(3))} µs`;
  if (micros < 1e6) return `${(micros / 1000).toPrecision(3)} ms`;
  return `${(micros / 1e6).toFixed(2)} s`;
}

/** "nothing dropped", or every reason with its count. */
export function dropsText(drops: Drops): string {
  const reasons = Object.entries(drops).map(([reason, count]) => `${whole(count)} ${reason}`);
  return reasons.length === 0 ? "nothing dropped" : `dropped: ${reasons.join(", ")}`;
}

/** In the place of a name, where none was told. */
export const NOTHING = "nothing";

/** How often each name occurs. */
export function countNames(names: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** What something was called but its own name, the most frequent first: "jog 3, walk 1". */
export function othersText(counts: Readonly<Record<string, number>>, own: string): string {
  const others = Object.entries(counts).filter(([name]) => name !== own);
  return others.sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`).join(", ");
}

/**
 * Rows in columns, the first row a heading; numbers to the right.
 * @returns lines that end in a newline
 */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map(row => row.map(cell => (typeof cell === "number" ? whole(cell) : cell)));
  const columns = rows[0]!.map((_, column) => ({
    width: Math.max(...cells.map(row => row[column]!.length)),
    right: rows.slice(1).every(row => typeof row[column] === "number"),
  }));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (columns[i]!.right ? cell.padStart(columns[i]!.width) : cell.padEnd(columns[i]!.width))).join("  ").trimEnd();
  return cells.map(row => `${line(row)}\n`).join("");
}
