// acc[o] = bias[o] + Σ x[i] · w[i, o]: for a whole tensor (Linear) or for each pixel of one (Pointwise).

import { Op, OpField } from "../abi";
import { word } from "../memory/plan";
import { bound, channels, data, dtype, elements, elementShift } from "../memory/tensor";
import { addRun, begin, beginInt4, end } from "./spike-rows";
import { biasRow, input, isInt4, output, rowBytes, weights } from "./weighted";

/**
 * @param op  Linear: input [h, w, ci] as h·w·ci rows of weights i8 or int4 [·, co], output i32 [co];
 *            Pointwise: input [h, w, ci], weights i8 or int4 [ci, co], output i32 [h, w, co]
 */
export function linear(op: usize): void {
  const from = input(op), to = output(op), w = weights(op), bias = biasRow(op), type = dtype(from), shift = elementShift(type);
  const columns = channels(to), int4 = isInt4(op), bytes = rowBytes(op, columns);
  const taps = word(op, OpField.Op) == Op.Linear ? elements(from) : channels(from);
  const past = data(from) + (<usize>elements(from) << shift);
  let out = data(to);
  for (let at = data(from); at < past; at += <usize>taps << shift, out += <usize>columns << 2) {
    if (int4) beginInt4(w, 0, bias, out, columns);
    else begin(w, bias, out, columns, type, bound(from));
    addRun(at, type, taps, 0, bytes);
    end();
  }
}
