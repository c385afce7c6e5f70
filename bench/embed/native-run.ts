import { spawnSync } from "node:child_process";

/** One run of bench/embed/c/native.c. */
export interface NativeRun {
  /** i32, the first output after each step. */
  readonly logits: Buffer;
  /** A step; NaN when it was not timed. */
  readonly nanos: number;
}

/** @param emulator what runs a program of another machine, before it   @throws Error with the status that the library gave */
export function runNative(program: string, args: readonly string[], emulator: readonly string[] = []): NativeRun {
  const [command, ...rest] = [...emulator, program, ...args] as [string, ...string[]];
  const { status, stdout, stderr, error } = spawnSync(command, rest, { maxBuffer: 1 << 28, timeout: 300_000 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.toString().slice(0, 2000)}`);
  return { logits: stdout, nanos: Number.parseFloat(stderr.toString()) };
}
