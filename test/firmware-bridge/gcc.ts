import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";

const FIRMWARE = fileURLToPath(new URL("firmware-bridge/firmware/", packageRoot));
export const EXAMPLES = join(FIRMWARE, "examples");

/** What our C must stand without a word. */
const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wpedantic", "-Werror"];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"];

export const firmwareSources = (): string[] => cFiles(FIRMWARE);
export const cFiles = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith(".c")).map((name) => join(folder, name));
export const cFile = (name: string): string => fileURLToPath(new URL(`test/firmware-bridge/c/${name}`, packageRoot));

/** tap options: skips where there is no such compiler, but not in CI. */
export function needsCompiler(compiler: string): { skip: string | false } {
  const missing = spawnSync(compiler, ["--version"]).error !== undefined;
  if (missing && process.env["CI"]) throw new Error(`${compiler} is missing`);
  return { skip: missing ? `needs ${compiler}` : false };
}

/** A folder for what a test compiles; the system clears it. */
export const buildFolder = (): string => mkdtempSync(join(tmpdir(), "saccade-bridge-"));

/** Links a program of our C and the given sources, under address and undefined-behaviour sanitizers. @throws Error with gcc's words */
export function compileProgram(name: string, sources: readonly string[], defines: readonly string[] = []): string {
  const program = join(buildFolder(), name);
  run("gcc", [...WARNINGS, ...SANITIZERS, ...defines, `-I${FIRMWARE}`, "-o", program, ...sources, ...firmwareSources()]);
  return program;
}

/** Links an example for the emulated Cortex-M3. @throws Error with the compiler's words */
export function compileImage(name: string): string {
  const image = join(buildFolder(), `${name}.elf`);
  const sources = [join(EXAMPLES, `${name}.c`), join(EXAMPLES, "board_mps2.c"), ...firmwareSources()];
  const core = ["-Os", "-mcpu=cortex-m3", "-mthumb", "-ffunction-sections", "-fdata-sections", "-nostartfiles", "-nostdlib"];
  const script = ["-T", join(EXAMPLES, "mps2.ld"), "-Wl,--gc-sections"];
  run("arm-none-eabi-gcc", [...WARNINGS, ...core, ...script, `-I${FIRMWARE}`, "-o", image, ...sources, "-lc_nano", "-lgcc"]);
  return image;
}

/** Compiles each source by itself. @throws Error with the compiler's words */
export function compileObjects(compiler: string, flags: readonly string[], sources: readonly string[]): string[] {
  const folder = buildFolder();
  return sources.map((source) => {
    const object = join(folder, `${basename(source)}.o`);
    run(compiler, [...WARNINGS, ...flags, `-I${FIRMWARE}`, "-c", source, "-o", object]);
    return object;
  });
}

export function run(command: string, args: readonly string[], input?: Uint8Array): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input: input ?? "", maxBuffer: 1 << 30, timeout: 120_000 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.toString().slice(0, 4000)}`);
  return stdout;
}
