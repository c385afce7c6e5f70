import { ALIGN } from "../../assembly/abi.js";
import type { PackageFile } from "../package/reader.js";
import type { Program } from "../package/program.js";
import { alignUp } from "../package/lowering/constant-pool.js";

/** Bit n for each Op n of the program: what an engine built for few operators has to have. */
export function opsMask({ ops }: Pick<Program, "ops">): number {
  return ops.reduce((mask, { op }) => mask | (1 << op), 0);
}

/** Bytes of RAM that one stream of a package takes beside the engine's own: tensors, the margin behind them, and state. */
export function ramBytes({ view: { program, memory } }: Pick<PackageFile, "view">): number {
  return alignUp(memory.arenaBytes, ALIGN) + ALIGN + alignUp(program.stateBytes, ALIGN);
}
