import { ModelError } from "../errors.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { Program } from "./program.js";

/** A plan section as read back: `{...view.program, constants}` is a Program again (names are empty: the plan holds none). */
export interface PlanView {
  readonly abi: number;
  readonly identity: number;
  readonly constantsBytes: number;
  readonly program: Omit<Program, "constants">;
  readonly memory: MemoryPlan;
}

/** The plan section: flat little-endian words, as FORMAT.md draws them. */
export function encodePlan(_program: Program, _memory: MemoryPlan, _identity: number): Uint8Array {
  throw new ModelError("NETWORK_UNSUPPORTED", "the plan codec is being written", "wait");
}

/** Reads a plan section; every length is bounded. @throws ModelError PACKAGE_INVALID or PACKAGE_VERSION */
export function decodePlan(_bytes: Uint8Array): PlanView {
  throw new ModelError("NETWORK_UNSUPPORTED", "the plan codec is being written", "wait");
}
