import { spawn } from "node:child_process";

/** Code that V8 wrote is watched for changes, and nothing but the count is kept. */
const VALGRIND = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--smc-check=all-non-file"];
/** One thread, fixed seeds, WebAssembly compiled once and for good: counts repeat within 1e-4. */
const NODE = ["--predictable", "--no-liftoff"];

/**
 * Instructions of a Node program from start to end.
 * @throws Error when valgrind is not there, or the program fails
 */
export function countInstructions(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("valgrind", [...VALGRIND, process.execPath, ...NODE, program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.on("error", cause => reject(new Error("valgrind does not run: install it (Debian: valgrind)", { cause })));
    child.on("close", code => {
      const found = /Collected : (\d+)/.exec(said);
      if (code === 0 && found !== null) resolve(Number(found[1]));
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${said.trim().split("\n").at(-1)}`));
    });
  });
}
