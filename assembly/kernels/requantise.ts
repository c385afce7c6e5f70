// out = saturate(round(x · M / 2^s) + offset), NUMERICS.md §2.

import { NONE, OpField, RequantiseField } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { countSaturations } from "../memory/state";
import { data, dtype, elements, loadElement, storeElement } from "../memory/tensor";
import { scale } from "../numeric/rounding";
import { saturate } from "../numeric/saturate";
import { rescale, rescales } from "./rescale";

/** @param op  any integer tensor to any other of its shape; multipliers and offsets i32[Period] */
export function requantise(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out));
  const multipliers = constant(word(op, RequantiseField.Multipliers));
  const offsets = word(op, RequantiseField.Offsets);
  const period = <i32>word(op, RequantiseField.Period), shift = <i32>word(op, RequantiseField.Shift);
  const rule = word(op, RequantiseField.Rounding);
  const type = dtype(from), outType = dtype(to), n = elements(from);
  const x = data(from), out = data(to);
  let saturated = 0, i = 0;
  if (ASC_FEATURE_SIMD) {
    // What is left then has but one parameter.
    if (rescales(op)) i = rescale(op, x, type, 0, out, n);
  }
  for (; i < n; i += period) {
    for (let j = 0; j < period; j++) {
      const entry = <usize>j << 2;
      const offset = offsets == NONE ? 0 : load<i32>(constant(offsets) + entry);
      const exact = scale(loadElement(x, type, i + j), load<i32>(multipliers + entry), shift, rule) + <i64>offset;
      const kept = saturate(exact, outType);
      saturated += i32(<i64>kept != exact);
      storeElement(out, outType, i + j, kept);
    }
  }
  countSaturations(saturated);
}
