import { isNeuron, type FloatNode, type Tensor } from "./graph.js";

const PARAMETERS = ["tau", "tauSyn", "tauMem", "r", "vLeak", "wIn", "vThreshold", "vReset", "threshold", "scale"] as const;

/** Nodes that treat every element alike: their parameters spread over the shape of their input. */
export function isElementwise(node: FloatNode): boolean {
  return isNeuron(node) || node.type === "Threshold" || node.type === "Scale" || node.type === "StepDelay" || node.type === "Add";
}

/** An elementwise node with every parameter run through `of`. */
export function mapParameters(node: FloatNode, of: (parameter: Tensor, field: string) => Tensor): FloatNode {
  if (!isElementwise(node)) return node;
  const mapped: Record<string, unknown> = { ...node };
  for (const field of PARAMETERS) if (field in node) mapped[field] = of(mapped[field] as Tensor, field);
  return mapped as unknown as FloatNode;
}
