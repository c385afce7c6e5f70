import { ModelError } from "../errors.js";
import type { Program } from "./program.js";

/** Where each tensor lies in the arena. */
export interface MemoryPlan {
  /** Byte offset of each tensor, a multiple of ALIGN. */
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
}

export function planMemory(_program: Program): MemoryPlan {
  throw new ModelError("NETWORK_UNSUPPORTED", "the memory plan is being written", "wait");
}
