import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packageRoot } from "../../host/root.js";

const run = promisify(execFile);

/** Where `python -m saccade_training…` runs. */
export const TRAINING = fileURLToPath(new URL("models/training", packageRoot));

/** A Python that has torch: SACCADE_PYTHON, or what is found. With CI set there must be one. */
export async function findPython(): Promise<string | undefined> {
  for (const python of [process.env["SACCADE_PYTHON"], "python3", "/usr/bin/python3"]) {
    if (python === undefined) continue;
    const found = await run(python, ["-c", "import numpy, torch"]).then(() => true, () => false);
    if (found) return python;
  }
  if (process.env["CI"]) throw new Error("no Python with torch; name one in SACCADE_PYTHON");
  return undefined;
}
