import { table } from "../host/cli/text.js";
import type { RoundOptions } from "./rounds.js";

/** A figure that the design wants, and what was found. */
export interface Mark {
  readonly name: string;
  readonly unit: string;
  readonly wanted: number;
  /** Whether less is better. */
  readonly atMost?: boolean;
  /** Undefined when it could not be measured here. */
  readonly found: number | undefined;
}

export interface Table {
  readonly title: string;
  /** The first row is the heading. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What one bench gives: tables for people, figures for programs, marks for both. */
export interface Result {
  readonly tables: readonly Table[];
  readonly figures: object;
  readonly marks: readonly Mark[];
}

export interface Settings {
  readonly rounds: RoundOptions;
  /** Small networks, few points, and no PyTorch: to see that everything runs. */
  readonly quick: boolean;
}

export type Bench = (settings: Settings) => Promise<Result>;

/** Undefined when it was not measured. */
export function isMet({ wanted, found, atMost }: Mark): boolean | undefined {
  if (found === undefined) return undefined;
  return atMost ? found <= wanted : found >= wanted;
}

export function resultText({ tables, marks }: Result): string {
  const parts = tables.map(({ title, rows }) => `${title}\n${table(rows)}`);
  if (marks.length > 0) parts.push(table([["mark", "wanted", "found", ""], ...marks.map(markRow)]));
  return parts.join("\n");
}

function markRow(mark: Mark): string[] {
  const { name, unit, wanted, atMost, found } = mark;
  const met = isMet(mark);
  return [name, `${atMost ? "≤" : "≥"} ${wanted} ${unit}`, found === undefined ? "" : `${figure(found)} ${unit}`,
    met === undefined ? "not measured" : met ? "met" : "not met"];
}

/** Three digits that count: 0.0123, 1.23, 12.3, 123, 1234. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
