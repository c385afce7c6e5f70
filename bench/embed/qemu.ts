import { spawnSync } from "node:child_process";
import type { Board } from "./boards.js";

/** What a run gave: its program's exit code, and what it said. */
export interface Run {
  readonly code: number;
  readonly said: string;
}

/**
 * Runs an image to its end, with the files of a folder at hand. One instruction takes one ns of the board's time, so that a run repeats
 * exactly, and SysTick counts instructions.
 */
export function runImage(board: Board, image: string, folder: string): Run {
  const { status, stdout, stderr, error, signal } = spawnSync("qemu-system-arm", [
    "-M", board.machine, "-display", "none", "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native",
    "-icount", "shift=0", "-kernel", image,
  ], { cwd: folder, timeout: 300_000, stdio: ["ignore", "pipe", "pipe"] });
  if (error !== undefined) throw error;
  if (signal !== null) throw new Error(`qemu-system-arm was stopped by ${signal}`);
  return { code: status ?? -1, said: `${stdout.toString()}${stderr.toString()}` };
}
