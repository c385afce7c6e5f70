import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";

/** A function of Node's that a program calls for nothing else: callgrind writes down and restarts its count whenever it is entered. */
const MARK = "uv_loadavg";
/** Code that V8 wrote is watched for changes. */
const VALGRIND = ["--tool=callgrind", `--dump-before=${MARK}`, "--smc-check=all-non-file"];
/** One thread, fixed seeds, WebAssembly compiled once and for good: counts repeat within 1e-4. */
const NODE = ["--predictable", "--no-liftoff"];

/** Ends one count and begins the next, in a program that callgrind runs. */
export function mark(): void {
  loadavg();
}

/**
 * Runs a Node program under callgrind.
 * @returns instructions from its start to the first mark, from there to the second, …, from the last to its end
 * @throws Error when valgrind is not there, or the program fails
 */
export async function countInstructions(program: string, args: readonly string[]): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-callgrind-"));
  try {
    await valgrind([...VALGRIND, `--callgrind-out-file=${join(folder, "part")}`, process.execPath, ...NODE, program, ...args]);
    const parts = readdirSync(folder).map(name => {
      const text = readFileSync(join(folder, name), "utf8");
      return { part: Number(/^part: (\d+)$/m.exec(text)?.[1]), instructions: Number(/^totals: (\d+)$/m.exec(text)?.[1]) };
    });
    return parts.sort((a, b) => a.part - b.part).map(({ instructions }) => instructions);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function valgrind(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("valgrind", args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.on("error", cause => reject(new Error("valgrind does not run: install it (Debian: valgrind)", { cause })));
    child.on("close", code => {
      if (code === 0) resolve();
      else reject(new Error(`the counted program ended with ${code}: ${said.trim().split("\n").at(-1)}`));
    });
  });
}
