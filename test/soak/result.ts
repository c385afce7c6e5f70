import { readdirSync } from "node:fs";

/** Something that must hold, and what was found. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** Whether it may fail for want of a machine that keeps up with the sender. */
  readonly ofMachine: boolean;
}

export interface SoakResult {
  readonly name: string;
  readonly checks: readonly Check[];
  /** For programs: whatever was counted or measured. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export const check = (name: string, ok: boolean, found: unknown, ofMachine = false): Check =>
  ({ name, ok, found: typeof found === "string" ? found : JSON.stringify(found), ofMachine });

export const descriptors = (): number => readdirSync("/proc/self/fd").length;

/** Memory of this process, looked at every second. */
export class MemoryWatch {
  readonly #samples: { readonly minutes: number; readonly mebibytes: number }[] = [];
  readonly #began = performance.now();
  readonly #timer = setInterval(() => this.#look(), 1000);

  #look(): void {
    this.#samples.push({ minutes: (performance.now() - this.#began) / 60_000, mebibytes: process.memoryUsage().rss / 2 ** 20 });
  }

  /** @returns the greatest, and the slope in its second half, MiB a minute: least squares */
  stop(): { readonly peak: number; readonly slope: number } {
    clearInterval(this.#timer);
    this.#look();
    const late = this.#samples.slice(Math.floor(this.#samples.length / 2)), mean = (of: (s: (typeof late)[number]) => number): number =>
      late.reduce((sum, sample) => sum + of(sample), 0) / late.length;
    const at = mean(({ minutes }) => minutes), level = mean(({ mebibytes }) => mebibytes);
    const spread = mean(({ minutes }) => (minutes - at) ** 2);
    const slope = spread === 0 ? 0 : mean(({ minutes, mebibytes }) => (minutes - at) * (mebibytes - level)) / spread;
    return { peak: Math.max(...this.#samples.map(({ mebibytes }) => mebibytes)), slope };
  }
}

export function quantileOf(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** One line a check, then the figures. */
export function soakText({ name, checks, figures }: SoakResult): string {
  const lines = checks.map(({ name: what, ok, found }) => `  ${ok ? "ok    " : "NOT OK"}  ${what}: ${found}`);
  return [name, ...lines, `  ${JSON.stringify(figures)}`, ""].join("\n");
}
