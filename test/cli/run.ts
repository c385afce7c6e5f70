import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = fileURLToPath(new URL("host/cli/main.ts", packageRoot));
/** The loader that runs this test's TypeScript runs the program's too. */
const LOADER = process.execArgv.filter(argument => argument.startsWith("--import=") && argument.includes("typescript"));

/** Runs `saccade` from its sources as a process of its own. */
export function saccade(...argv: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1" };
  const child = spawn(process.execPath, [...LOADER, MAIN, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", text => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", text => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", code => resolve({ code, stdout, stderr }));
  });
}
