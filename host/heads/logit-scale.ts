import { OP_WORDS, PLAN_HEADER_WORDS, PlanField, TENSOR_WORDS, TensorField } from "../../assembly/abi.js";

/** f of the logits' Q(f), from a plan that the engine's gate has accepted: the first output's fraction bits. */
export function logitFractionBits(plan: Uint8Array): number {
  const words = new DataView(plan.buffer, plan.byteOffset, plan.byteLength);
  const word = (at: number): number => words.getUint32(at * 4, true);
  const outputsAt = PLAN_HEADER_WORDS + word(PlanField.Tensors) * TENSOR_WORDS + word(PlanField.Ops) * OP_WORDS;
  return word(PLAN_HEADER_WORDS + word(outputsAt) * TENSOR_WORDS + TensorField.FractionBits);
}
