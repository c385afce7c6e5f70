import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../host/root.js";

/** The compilers' settings that are set beside ours: what a distribution ships, and what knows this one processor. */
export const NATIVE_FLAGS = { "gcc -O3": ["-O3"], "gcc -O3 -march=native": ["-O3", "-march=native"] } as const;
export type NativeFlags = keyof typeof NATIVE_FLAGS;

/** Compiles bench/native where its sources are newer than the program. @returns the program, or undefined where there is no gcc */
export function compileNative(flags: NativeFlags): string | undefined {
  const sources = new URL("bench/native/", packageRoot), folder = new URL("build/bench/native/", packageRoot);
  mkdirSync(folder, { recursive: true });
  const program = fileURLToPath(new URL(flags.replaceAll(/[^a-z0-9]+/gi, "-"), folder));
  const files = readdirSync(sources).filter(name => /\.[ch]$/.test(name)).map(name => fileURLToPath(new URL(name, sources)));
  if (files.every(file => mtime(file) < mtime(program))) return program;
  const args = ["-std=gnu11", ...NATIVE_FLAGS[flags], "-o", program, ...files.filter(file => file.endsWith(".c"))];
  const { status, error, stderr } = spawnSync("gcc", args, { encoding: "utf8" });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`bench/native does not compile: ${stderr}`);
  return program;
}

function mtime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
