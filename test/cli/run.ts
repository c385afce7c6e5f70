import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const MAIN = fileURLToPath(new URL("build/host/cli/main.js", packageRoot));
const ENV = { ...process.env, NO_COLOR: "1" };

let driver: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Runs one `saccade` command line in a process that many share: from its arguments to its exit code. Runs wait for each other. */
export function saccade(...argv: readonly string[]): Promise<Outcome> {
  const run = last.then(async () => {
    driver ??= fork(new URL("driver.js", import.meta.url), { execArgv: [], env: ENV });
    driver.send(argv);
    const [outcome] = (await once(driver, "message")) as [Outcome];
    return outcome;
  });
  last = run.catch(() => undefined);
  return run;
}

/** Lets the shared process go; a test file calls it in its teardown. */
export function endRuns(): void {
  driver?.disconnect();
  driver = undefined;
}

/** Runs `saccade` as a process of its own. @param readOnce closes its stdout after the first output, as `head` does */
export async function saccadeProcess(argv: readonly string[], readOnce = false): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: ENV, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", text => {
    stdout += text;
    if (readOnce) child.stdout.destroy();
  });
  child.stderr.setEncoding("utf8").on("data", text => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}
