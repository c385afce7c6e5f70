import { DType, Op } from "../../assembly/abi.js";
import type { Program } from "../../models/package/program.js";
import { ProgramBuilder, type TensorSpec } from "../conformance/builder.js";
import { ONE_BY_ONE, outSize, type Geometry } from "../conformance/geometry.js";
import { greatestWeight } from "../conformance/cases/weighted.js";
import type { Random } from "../conformance/random.js";

export interface WeightedProgram {
  readonly program: Program;
  readonly input: TensorSpec;
  readonly bias: readonly number[] | undefined;
}

/** One weighted op of random kind, shape and weights on counts 0..15. */
export function randomWeighted(random: Random): WeightedProgram {
  const op = random.pick([Op.Conv2d, Op.Depthwise, Op.Pointwise, Op.Linear] as const);
  const input = { dtype: DType.U8, h: random.integer(1, 6), w: random.integer(1, 6), c: random.pick([1, 2, 3, 4, 7, 8, 16, 17]),
    bound: 15 };
  const geometry = op === Op.Conv2d || op === Op.Depthwise ? randomGeometry(input, random) : ONE_BY_ONE;
  const groups = op === Op.Conv2d ? random.pick([1, 1, input.c]) : 1;
  const outC = op === Op.Depthwise ? input.c : groups > 1 ? groups * random.integer(1, 2) : random.pick([1, 3, 8, 16, 19, 33, 64]);
  const taps = geometry.kernel[0] * geometry.kernel[1];
  const rows = { [Op.Conv2d]: (taps * input.c) / groups, [Op.Depthwise]: taps, [Op.Pointwise]: input.c,
    [Op.Linear]: input.h * input.w * input.c }[op];
  const bias = random.chance(0.5) ? random.integers(outC, -100000, 100000) : undefined;
  const bits = random.pick([8, 4] as const), most = greatestWeight(bits);
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = builder.weighted(op, a, outC, { ...geometry, groups }, { values: random.integers(rows * outC, -most, most), bias, bits });
  return { program: builder.build(a, [out]), input, bias };
}

function randomGeometry(input: TensorSpec, random: Random): Geometry {
  for (;;) {
    const pair = (low: number, high: number): [number, number] => [random.integer(low, high), random.integer(low, high)];
    const geometry = { kernel: pair(1, 4), stride: pair(1, 3), pad: pair(0, 3), dilation: pair(1, 3) };
    const { h, w } = outSize(input, geometry);
    if (h > 0 && w > 0) return geometry;
  }
}
