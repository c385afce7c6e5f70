import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";
import { packageRoot } from "../../host/root.js";

const ENGINE = fileURLToPath(new URL("build/embed/saccade_engine.c", packageRoot));

/** Path of a C program of these tests. */
export const program = (name: string): string => fileURLToPath(new URL(`test/embed/c/${name}`, packageRoot));

/** tap options: skips where the engine's C or a tool is missing, but not in CI. */
export function needsTools(...tools: readonly string[]): { skip: string | false } {
  const missing = [
    ...existsSync(ENGINE) ? [] : ["the engine's C (npm run build, with wasm2c)"],
    ...tools.filter((tool) => spawnSync(tool, ["--version"]).error !== undefined),
  ];
  if (missing.length > 0 && process.env["CI"]) throw new Error(`missing: ${missing.join(", ")}`);
  return { skip: missing.length > 0 ? `needs ${missing.join(", ")}` : false };
}

export const BOARD_TOOLS = ["arm-none-eabi-gcc", "qemu-system-arm"] as const;
