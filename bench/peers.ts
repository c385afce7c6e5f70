import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installed, peersFolder, RUNTIMES } from "./onnx/runtime.js";

/** Installs what bench/peers locks, unless it is there; says on one line why it is not, when that fails. */
export function installPeers(): void {
  if (RUNTIMES.every(installed)) return;
  process.stderr.write("installing the engines of bench/peers …\n");
  const args = ["ci", "--prefix", fileURLToPath(peersFolder), "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, stderr, error } = spawnSync("npm", args, { encoding: "utf8" });
  if (status !== 0) process.stderr.write(`bench/peers could not be installed: ${reason(stderr, error)}\n`);
}

function reason(stderr: string | undefined, error: Error | undefined): string {
  const lines = (stderr ?? "").split("\n").filter(line => /err/i.test(line));
  return error?.message ?? lines[0] ?? "npm ended without a word";
}
