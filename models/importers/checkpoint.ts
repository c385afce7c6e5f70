import type { IntegerGraph } from "../graph/integer.js";
import type { Card } from "../package/card.js";
import { ModelError } from "../errors.js";

export interface Checkpoint {
  readonly graph: IntegerGraph;
  readonly card: Card;
}

/** Reads a checkpoint of our training: a safetensors file with our graph in its metadata (CHECKPOINT.md). */
export function readCheckpoint(_bytes: Uint8Array): Checkpoint {
  throw new ModelError("NETWORK_CORRUPT", "the checkpoint importer is being written", "wait");
}
