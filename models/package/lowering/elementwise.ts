import { ConcatField, DelayField, DType, MAX_TIMESTEPS, NONE, Op, RequantiseField } from "../../../assembly/abi.js";
import type { AddNode, ConcatNode, DelayNode, RequantiseNode } from "../../graph/integer.js";
import { corrupt, expanded, periodOf, tensorBytes, within, type ProgramBuilder, type Value } from "./builder.js";
import {
  dtypeName, dtypeOf, greatest, greatestBound, GREATEST_FRACTION_BITS, GREATEST_I32, GREATEST_SHIFT, scaledBound,
} from "./ranges.js";

export function lowerRequantise(builder: ProgramBuilder, node: RequantiseNode): Value {
  const { name, shift, rounding, fractionBits } = node;
  const input = builder.value(name, node.input);
  const shape = builder.tensor(input);
  within(name, "shift", shift, 0, GREATEST_SHIFT);
  const period = periodOf(name, shape, [node.multiplier, node.offset]);
  const multipliers = expanded(name, "multiplier", node.multiplier, period, 0, GREATEST_I32);
  const offsets = node.offset === undefined ? undefined : expanded(name, "offset", node.offset, period, -GREATEST_I32, GREATEST_I32);
  const dtype = dtypeOf(node.dtype);
  const bound = Math.min(scaledBound(shape.bound, greatest(multipliers), shift) + greatest(offsets), greatestBound(dtype));
  within(name, "number of fraction bits", fractionBits, 0, GREATEST_FRACTION_BITS);
  const out = builder.addTensor({ ...shape, name, dtype, bound, fractionBits });
  builder.addOp({
    op: Op.Requantise, name, a: input.tensor, out,
    words: {
      [RequantiseField.Multipliers]: builder.constants.addI32(multipliers),
      [RequantiseField.Shift]: shift,
      [RequantiseField.Period]: period,
      [RequantiseField.Rounding]: rounding,
      [RequantiseField.Offsets]: offsets === undefined ? NONE : builder.constants.addI32(offsets),
    },
  });
  return { tensor: out, flat: input.flat };
}

/** A chain of Add ops, left to right, in the narrowest dtype that holds every input's dtype; each saturates. */
export function lowerAdd(builder: ProgramBuilder, node: AddNode): Value {
  const [first, ...rest] = alike(builder, node, (a, b) => a.h === b.h && a.w === b.w && a.c === b.c);
  let sum = first;
  for (const next of rest) {
    const a = builder.tensor(sum);
    const bound = Math.min(a.bound + builder.tensor(next).bound, greatestBound(a.dtype));
    const out = builder.addTensor({ ...a, name: node.name, bound });
    builder.addOp({ op: Op.Add, name: node.name, a: sum.tensor, b: next.tensor, out, words: {} });
    sum = { tensor: out, flat: first.flat };
  }
  return sum;
}

/** One Concat op an input, each copying its channels to their place. */
export function lowerConcat(builder: ProgramBuilder, node: ConcatNode): Value {
  const inputs = alike(builder, node, (a, b) => a.h === b.h && a.w === b.w);
  const shapes = inputs.map((input) => builder.tensor(input));
  const c = shapes.reduce((sum, shape) => sum + shape.c, 0);
  const bound = shapes.reduce((greatest, shape) => Math.max(greatest, shape.bound), 0);
  const out = builder.addTensor({ ...shapes[0]!, name: node.name, c, bound });
  let channel = 0;
  for (const [i, input] of inputs.entries()) {
    builder.addOp({ op: Op.Concat, name: node.name, a: input.tensor, out, words: { [ConcatField.ChannelOffset]: channel } });
    channel += shapes[i]!.c;
  }
  return { tensor: out, flat: inputs[0].flat };
}

/** A DelayRead here; the DelayWrite follows at once, or, on a recurrent edge, behind the node that it reads. */
export class Delays {
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly builder: ProgramBuilder) {}

  lower(node: DelayNode): Value {
    const { name, shape: [h, w, c], bound } = node;
    const builder = this.builder;
    const dtype = dtypeOf(node.dtype);
    within(name, "bound", bound, 0, greatestBound(dtype));
    const steps = within(name, "number of steps", node.steps, 1, MAX_TIMESTEPS);
    const known = builder.values.get(node.input);
    const fractionBits = known === undefined ? 0 : builder.tensor(known).fractionBits;
    const out = builder.addTensor({ name, dtype, h, w, c, bound, fractionBits });
    const bytes = tensorBytes(builder.tensors[out]!);
    const words = { [DelayField.State]: builder.addState(name, steps * bytes), [DelayField.Steps]: steps, [DelayField.Bytes]: bytes };
    builder.addOp({ op: Op.DelayRead, name, out, words });
    const write = () => {
      const input = builder.value(name, node.input);
      const from = builder.tensor(input);
      if (from.dtype !== dtype || from.h !== h || from.w !== w || from.c !== c || from.bound > bound)
        throw corrupt(name, `is declared ${dtypeName(dtype)} ${h} × ${w} × ${c} up to ${bound}, and ${node.input} gives ` +
          `${dtypeName(from.dtype)} ${from.h} × ${from.w} × ${from.c} up to ${from.bound}`, "declare what it delays");
      builder.addOp({ op: Op.DelayWrite, name, a: input.tensor, words });
    };
    if (known !== undefined) write();
    else this.#waiting.set(node.input, [...(this.#waiting.get(node.input) ?? []), write]);
    return { tensor: out, flat: known?.flat ?? false };
  }

  /** Stores what `name` has just computed for the delays that stood before it. */
  written(name: string): void {
    for (const write of this.#waiting.get(name) ?? []) write();
    this.#waiting.delete(name);
  }

  /** @throws NETWORK_CORRUPT when a delay reads a node that does not exist */
  end(): void {
    for (const name of this.#waiting.keys()) throw corrupt(name, "is delayed but does not exist", "name a node of the graph");
  }
}

/** The inputs in one dtype, after checking that their shapes, fraction bits and flatness agree. */
function alike(
  builder: ProgramBuilder, node: AddNode | ConcatNode, sameShape: (a: Shape, b: Shape) => boolean,
): [Value, ...Value[]] {
  const values = node.inputs.map((input) => builder.value(node.name, input));
  const [first, ...rest] = values;
  if (first === undefined) throw corrupt(node.name, `is a ${node.type} of nothing`, "give it inputs");
  const a = builder.tensor(first);
  for (const value of rest) {
    const b = builder.tensor(value);
    const vectors = first.flat === value.flat || a.h * a.w === 1;
    if (!sameShape(a, b) || !vectors)
      throw corrupt(node.name, `joins ${a.h} × ${a.w} × ${a.c} with ${b.h} × ${b.w} × ${b.c}`, "give it inputs of matching shape");
    if (a.fractionBits !== b.fractionBits)
      throw corrupt(node.name, `joins values of ${a.fractionBits} and ${b.fractionBits} fraction bits`,
        "put a Requantise before one of them");
  }
  const dtype = values.map((value) => builder.tensor(value).dtype).reduce(common);
  return values.map((value) => builder.widened(node.name, value, dtype)) as [Value, ...Value[]];
}

interface Shape {
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

/** The narrowest dtype that holds both. */
function common(a: DType, b: DType): DType {
  if (a === b) return a;
  return Math.max(a, b) <= DType.I8 ? DType.I16 : Math.max(a, b);
}
