import type { FrameKind } from "../../assembly/abi.js";
import type { IntegerGraph } from "../graph/integer.js";
import { ModelError } from "../errors.js";
import type { Program } from "./program.js";

export interface LowerOptions {
  /** T: timesteps of a window. */
  readonly timesteps: number;
  readonly frame: FrameKind;
  /** Counts above this saturate in a frame, 1..255. */
  readonly frameCap: number;
}

/**
 * Turns an integer graph into the engine's ops: one way, no decision left open but the tensors' places.
 * @throws ModelError NETWORK_CORRUPT (the graph contradicts itself), NETWORK_RANGE (a number could leave its range), NETWORK_UNSUPPORTED
 */
export function lower(_graph: IntegerGraph, _options: LowerOptions): Program {
  throw new ModelError("NETWORK_UNSUPPORTED", "lowering is being written", "wait");
}
