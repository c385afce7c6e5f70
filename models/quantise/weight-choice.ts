import { ModelError } from "../errors.js";
import type { WeightBits } from "../graph/integer.js";

/** How wide weights become: all of them, but for the nodes that are named. */
export interface WeightChoice {
  readonly all: WeightBits;
  readonly nodes: ReadonlyMap<string, WeightBits>;
}

export const INT8: WeightChoice = { all: 8, nodes: new Map() };

export function bitsOf(choice: WeightChoice, node: string): WeightBits {
  return choice.nodes.get(node) ?? choice.all;
}

/** @throws ModelError NETWORK_UNSUPPORTED when the choice names a node that has no weights */
export function mustName(choice: WeightChoice, nodes: readonly string[]): void {
  const stranger = [...choice.nodes.keys()].find((name) => !nodes.includes(name));
  if (stranger === undefined) return;
  throw new ModelError("NETWORK_UNSUPPORTED", `${stranger}, whose weights are to be of a width, is no node with weights`,
    `name one of ${nodes.slice(0, 12).join(", ")}`);
}
