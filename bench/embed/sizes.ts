import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";
import type { LoadedPackage } from "../../host/types.js";
import type { Board } from "./boards.js";
import { blobOf, linkImage, needsOf, networkFolder } from "./image.js";

/** Bytes of an image that are the engine's, and those that a network brings along. */
export interface Sizes {
  /** Code and constants of saccade.c, and what it takes of libgcc. */
  readonly text: number;
  /** RAM beside arena and state: scratch, variables. */
  readonly ram: number;
  readonly network: number;
  readonly arenaAndState: number;
}

const PROGRAM = fileURLToPath(new URL("test/embed/c/replay.c", packageRoot));
/** What the linker's map says of a section: its name, perhaps a line end, address, size, and the file it comes from. */
const SECTION = /^ (\.(?:text|rodata|data|bss)\S*)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$/gm;
const ENGINES = /saccade\.o$|libgcc\.a\(/;

/** Sizes on a board, for the operators of a package; what is not used is not linked. */
export function sizesOf(pkg: LoadedPackage, board: Board, optimise = "-O2"): Sizes {
  const needs = needsOf(pkg), folder = networkFolder(pkg);
  linkImage({ board, needs, folder, program: PROGRAM, optimise });
  const map = readFileSync(join(folder, "image.map"), "utf8");
  const linked = map.slice(map.indexOf("Linker script and memory map"));
  let text = 0, ram = 0;
  for (const [, name, size, file] of linked.matchAll(SECTION)) {
    if (!ENGINES.test(file!)) continue;
    const bytes = parseInt(size!, 16);
    if (!name!.startsWith(".bss")) text += bytes;
    if (name!.startsWith(".bss") || name!.startsWith(".data")) ram += bytes;
  }
  return { text, ram: ram - needs.ramBytes, network: blobOf(pkg).length, arenaAndState: needs.ramBytes };
}
