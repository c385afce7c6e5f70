/** Prints what the engine takes on each core, by set of operators: the rows of models/export/engine-sizes.ts. Wants `npm run build:embedded`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../host/root.js";
import { CORES, type Core } from "../../models/export/boards.js";
import { OPERATOR_SETS } from "../../models/export/engine-sizes.js";
import { EMBED, runTool } from "./image.js";

const GENERATED = fileURLToPath(new URL("build/embed/", packageRoot));
/** Of the network; taken off again. */
const RAM_BYTES = 16384;

/** Bytes of saccade.c with all of its API and libgcc's part, before a linker drops what a program does not call. @throws Error with gcc's words */
export function measureEngine(core: Core, ops: number): { readonly text: number; readonly ram: number } {
  const folder = mkdtempSync(join(tmpdir(), "saccade-sizes-")), object = join(folder, "engine.o"), whole = join(folder, "whole.o");
  try {
    runTool("arm-none-eabi-gcc", ["-std=c99", "-O2", "-mthumb", `-mcpu=${core}`, `-DSACCADE_OPS=${ops}u`, `-DSACCADE_RAM_BYTES=${RAM_BYTES}`,
      `-I${EMBED}`, `-I${GENERATED}`, "-c", "-o", object, join(EMBED, "saccade.c")]);
    runTool("arm-none-eabi-gcc", ["-mthumb", `-mcpu=${core}`, "-r", "-nostdlib", "-o", whole, object, "-lgcc"]);
    const [text, data, bss] = runTool("arm-none-eabi-size", [whole]).toString().split("\n")[1]!.trim().split(/\s+/).map(Number) as [number, number, number];
    return { text: text + data, ram: data + bss - RAM_BYTES };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const core of CORES) {
    const measured = Object.entries(OPERATOR_SETS).map(([set, ops]) => ({ set, ...measureEngine(core, ops) }));
    process.stdout.write(`  "${core}": { ${measured.map(({ set, text }) => `${set}: ${text}`).join(", ")} },  RAM ${measured[0]!.ram}\n`);
  }
