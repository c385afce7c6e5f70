import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ALIGN } from "../../assembly/abi.js";
import { packageRoot } from "../../host/root.js";
import type { LoadedPackage } from "../../host/types.js";
import { decodePlan } from "../../models/package/plan.js";
import type { Board } from "./boards.js";

export const EMBED = fileURLToPath(new URL("firmware-bridge/firmware/embed/", packageRoot));
export const ENGINE_FOLDER = fileURLToPath(new URL("build/embed/", packageRoot));
const BOARD_FILES = join(EMBED, "boards");

/** What our own C must stand without a word; the generated engine stands the same but for -Wunused-function, for SACCADE_OPS leaves some out. */
export const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"];
const LINK = ["-nostdlib", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments"];

export interface Needs {
  /** SACCADE_OPS and SACCADE_RAM_BYTES. */
  readonly ops: number;
  readonly ramBytes: number;
}

/** A plan and its constants as saccade_load takes them. */
export function blobOf({ plan, constants }: Pick<LoadedPackage, "plan" | "constants">): Uint8Array {
  const at = Math.ceil(plan.byteLength / ALIGN) * ALIGN, blob = new Uint8Array(at + Math.ceil(constants.byteLength / ALIGN) * ALIGN);
  blob.set(plan);
  blob.set(constants, at);
  return blob;
}

export function needsOf(pkg: Pick<LoadedPackage, "plan">): Needs {
  const { program, memory } = decodePlan(pkg.plan), rounded = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
  return {
    ops: program.ops.reduce((mask, { op }) => mask | (1 << op), 0),
    ramBytes: rounded(memory.arenaBytes) + ALIGN + rounded(program.stateBytes),
  };
}

/** A folder with the network as network.h and network.S; the system clears it. */
export function networkFolder(pkg: Pick<LoadedPackage, "plan" | "constants">): string {
  const folder = mkdtempSync(join(tmpdir(), "saccade-embed-")), blob = blobOf(pkg);
  writeFileSync(join(folder, "network.bin"), blob);
  writeFileSync(join(folder, "network.h"), `#include <stdint.h>\nextern const uint32_t network_plan[];\n#define PLAN network_plan\n#define PLAN_BLOB_BYTES ${blob.byteLength}u\n`);
  writeFileSync(join(folder, "network.S"), `.section .rodata.network, "a"\n.balign 16\n.global network_plan\nnetwork_plan: .incbin "${join(folder, "network.bin")}"\n`);
  return folder;
}

export interface ImageOptions {
  readonly board: Board;
  readonly needs: Needs;
  /** For the image; with a network in it (networkFolder) that network is linked too. */
  readonly folder: string;
  readonly program: string | readonly string[];
  readonly optimise?: string;
  readonly extra?: readonly string[];
}

/** Compiles the engine by itself. @returns the object   @throws Error with the compiler's words */
export function compileEngine(options: Omit<ImageOptions, "program">): string {
  const object = join(options.folder, "saccade.o");
  runTool("arm-none-eabi-gcc", [...compileOptions(options), "-c", "-o", object, join(EMBED, "saccade.c")]);
  return object;
}

/** Links programs, the engine, a network and the board's start-up. @throws Error with the compiler's words */
export function linkImage({ program, ...options }: ImageOptions): string {
  const { board, folder } = options, image = join(folder, "image.elf"), network = join(folder, "network.S");
  const sources = [program].flat().concat(compileEngine(options), existsSync(network) ? [network] : []);
  runTool("arm-none-eabi-gcc", [
    ...compileOptions(options), ...LINK, `-L${BOARD_FILES}`, "-T", join(BOARD_FILES, board.script), `-Wl,-Map=${join(folder, "image.map")}`, "-o", image,
    ...sources, join(BOARD_FILES, "start.c"), join(BOARD_FILES, "semihosting.c"), "-lc_nano", "-lgcc",
  ]);
  return image;
}

function compileOptions({ board, needs, folder, optimise = "-O2", extra = [] }: Omit<ImageOptions, "program">): string[] {
  const includes = [EMBED, ENGINE_FOLDER, BOARD_FILES, folder].map((path) => `-I${path}`);
  return [
    ...WARNINGS, optimise, "-mthumb", "-ffunction-sections", "-fdata-sections", ...board.flags, `-DSACCADE_OPS=${needs.ops}u`,
    `-DSACCADE_RAM_BYTES=${needs.ramBytes}u`, ...includes, ...extra,
  ];
}

/** @returns what the tool printed   @throws Error with its words when it fails */
export function runTool(command: string, args: readonly string[], options: { readonly cwd?: string } = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, maxBuffer: 1 << 28, timeout: 300_000, stdio: ["ignore", "pipe", "pipe"] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.toString().slice(0, 4000)}`);
  return stdout;
}
