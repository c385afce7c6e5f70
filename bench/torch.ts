import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../host/root.js";

const requirements = fileURLToPath(new URL("bench/torch/requirements.txt", packageRoot));
const folder = fileURLToPath(new URL("build/bench/torch-venv/", packageRoot));
const python = `${folder}bin/python`;
const stamp = `${folder}requirements.txt`;

/** Pythons that may have PyTorch: the path's own, and the system's, where a distribution puts its packages. */
const PYTHONS = ["python3", "/usr/bin/python3"];

export const torchProgram = fileURLToPath(new URL("bench/torch/main.py", packageRoot));

/** A Python that imports SpikingJelly and snnTorch, which are installed when they are missing; says on one line why there is none. */
export function torchPython(): string | undefined {
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  const base = PYTHONS.find(candidate => succeeds(candidate, ["-c", "import torch"]));
  if (base === undefined) {
    process.stderr.write("SpikingJelly and snnTorch are left out: no Python here has PyTorch (Debian: python3-torch)\n");
    return undefined;
  }
  process.stderr.write("installing SpikingJelly and snnTorch …\n");
  const made = succeeds(base, ["-m", "venv", "--system-site-packages", folder]) &&
    succeeds(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements]);
  if (!made) {
    process.stderr.write("SpikingJelly and snnTorch could not be installed: pip or venv failed\n");
    return undefined;
  }
  writeFileSync(stamp, wanted);
  return python;
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
