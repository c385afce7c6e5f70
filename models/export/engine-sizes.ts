import type { Core } from "./boards.js";

/** Bytes of the engine itself on a core. */
export interface EngineSize {
  readonly text: number;
  readonly ram: number;
  readonly stack: number;
}

export function engineSize(_core: Core | undefined, _ops: number): EngineSize | undefined {
  return undefined;
}
