import { createInterface } from "node:readline";
import type { Greeting } from "./child.js";

/** The child's end of child.ts: greets, then does `work` as often as each "run N" line asks. */
export async function answer(greeting: Greeting, work: (n: number) => void | Promise<void>): Promise<void> {
  process.stdout.write(`${JSON.stringify(greeting)}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const n = Number(/^run (\d+)$/.exec(line)?.[1] ?? 0);
    const began = process.hrtime.bigint();
    await work(n);
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    process.stdout.write(`${JSON.stringify({ seconds })}\n`);
  }
}
