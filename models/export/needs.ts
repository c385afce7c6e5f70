import { ALIGN } from "../../assembly/abi.js";
import { alignUp } from "../package/lowering/constant-pool.js";
import type { Program } from "../package/program.js";
import type { PackageFile } from "../package/reader.js";

/** Bit n for each Op n of the program: what an engine built for few operators has to have. */
export function opsMask({ ops }: Pick<Program, "ops">): number {
  return ops.reduce((mask, { op }) => mask | (1 << op), 0);
}

/** Bytes of RAM for tensors: the arena, and the margin behind it. */
export function arenaBytes({ view }: Pick<PackageFile, "view">): number {
  return alignUp(view.memory.arenaBytes, ALIGN) + ALIGN;
}

/** Bytes of RAM for the state of one stream. */
export function stateBytes({ view }: Pick<PackageFile, "view">): number {
  return alignUp(view.program.stateBytes, ALIGN);
}
