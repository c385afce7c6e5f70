import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../host/root.js";

/**
 * Path of a file or folder of the shared recordings, or undefined when they are not on this machine.
 * With CI set their absence is an error, so that no check is passed over there.
 */
export function sharedData(path: string): string | undefined {
  const found = fileURLToPath(new URL(`../shared/data/${path}`, packageRoot));
  if (existsSync(found)) return found;
  if (process.env["CI"]) throw new Error(`shared data missing: ${path}`);
  return undefined;
}

/** tap options that skip a test, with the reason, when a shared file is absent. */
export function needs(path: string): { skip: string | false } {
  return { skip: sharedData(path) === undefined ? `needs ../shared/data/${path}` : false };
}
