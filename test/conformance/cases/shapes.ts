import { DType, Op, Rounding } from "../../../assembly/abi.js";
import { rangeOf } from "../../reference/tensor.js";
import { ProgramBuilder, greatestBound, type TensorSpec } from "../builder.js";
import { ONE_BY_ONE, type Geometry } from "../geometry.js";
import { Random } from "../random.js";
import { fill, fills, type Case } from "./case.js";

type Size = readonly [h: number, w: number, c: number];

const DTYPES = [DType.U8, DType.I8, DType.I16, DType.I32] as const;
const NAMES: Readonly<Record<DType, string>> = { [DType.U8]: "u8", [DType.I8]: "i8", [DType.I16]: "i16", [DType.I32]: "i32" };
const SIZES: readonly Size[] = [[1, 1, 1], [1, 1, 3], [2, 3, 5], [3, 3, 16], [2, 2, 17], [3, 2, 33], [2, 2, 64]];
const ROUNDINGS: Readonly<Record<string, Rounding>> = {
  "half up": Rounding.HalfUp, "half even": Rounding.HalfEven, floor: Rounding.Floor, "toward zero": Rounding.TowardZero,
};

function spec(dtype: DType, [h, w, c]: Size, bound = greatestBound(dtype)): TensorSpec {
  return { dtype, h, w, c, bound };
}

/** One op behind the input, fed at every density. */
function unary(name: string, input: TensorSpec, apply: (builder: ProgramBuilder, input: number, random: Random) => number): Case {
  const random = new Random(name);
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = apply(builder, a, random);
  return { name, program: builder.build(a, [out]), frames: fills(input, random) };
}

function* requantiseCases(): Generator<Case> {
  for (const [i, from] of DTYPES.entries())
    for (const [j, to] of DTYPES.entries())
      for (const [k, [ruleName, rounding]] of Object.entries(ROUNDINGS).entries()) {
        const size = SIZES[(i * 4 + j + k) % SIZES.length]!;
        yield unary(`Requantise: ${NAMES[from]} to ${NAMES[to]}, ${ruleName}`, spec(from, size), (builder, a, random) =>
          builder.requantise(a, to, {
            // Brings the input's range to about the output's, so that some elements saturate and most do not.
            multipliers: random.integers(size[2], 1, 2 ** 20), rounding,
            shift: 20 + Math.max(0, Math.ceil(Math.log2(greatestBound(from) / greatestBound(to))) - 1),
            offsets: k % 2 === 0 ? random.integers(size[2], -100, 100) : undefined,
          }));
      }
  for (const [ruleName, rounding] of Object.entries(ROUNDINGS)) {
    // Small shifts on small numbers: every remainder and both signs, ties too.
    for (const shift of [0, 1, 2, 3])
      yield unary(`Requantise: ties, shift ${shift}, ${ruleName}`, spec(DType.I8, [5, 5, 8], 20), (builder, a, random) =>
        builder.requantise(a, DType.I16, { multipliers: random.integers(8, 0, 3), shift, rounding }));
    for (const shift of [30, 31, 32, 33, 34, 40])
      yield unary(`Requantise: shift ${shift}, ${ruleName}`, spec(DType.I32, [3, 3, 8]), (builder, a, random) =>
        builder.requantise(a, DType.I16, { multipliers: random.integers(8, 0, Math.min(2147483647, 2 ** (shift - 15))), shift, rounding }));
    yield unary(`Requantise: greatest product, ${ruleName}`, spec(DType.I32, [2, 2, 5]), (builder, a) =>
      builder.requantise(a, DType.I32, { multipliers: [2147483647], shift: 62, rounding }));
    yield unary(`Requantise: greatest product, no shift, ${ruleName}`, spec(DType.I32, [2, 2, 5]), (builder, a) =>
      builder.requantise(a, DType.I16, { multipliers: [2147483647, 1, 0, 2147483647, 3], shift: 0, rounding }));
    yield unary(`Requantise: extreme offsets, ${ruleName}`, spec(DType.I32, [2, 2, 4]), (builder, a) =>
      builder.requantise(a, DType.I32, { multipliers: [2147483647, 1, 1, 2147483647], shift: 31, rounding,
        offsets: [2147483647, -2147483648, 2147483647, -2147483648] }));
    yield unary(`Requantise: a multiplier an element, ${ruleName}`, spec(DType.I16, [3, 5, 7]), (builder, a, random) =>
      builder.requantise(a, DType.I8, { multipliers: random.integers(105, 0, 2 ** 15), shift: 22, rounding,
        offsets: random.integers(105, -20, 20) }));
    yield unary(`Requantise: one multiplier for all, ${ruleName}`, spec(DType.I32, [3, 5, 7], 2 ** 20), (builder, a) =>
      builder.requantise(a, DType.I16, { multipliers: [12345], shift: 19, rounding }));
  }
}

function* addCases(): Generator<Case> {
  for (const dtype of DTYPES)
    for (const size of SIZES) {
      yield unary(`Add: ${NAMES[dtype]} ${size.join("×")}`, spec(dtype, size), (builder, a, random) => {
        const b = builder.requantise(a, dtype, { multipliers: random.integers(size[2], 0, 2 ** 16), shift: 15, rounding: Rounding.HalfUp });
        return builder.add(a, b);
      });
    }
  yield unary("Add: a tensor to itself", spec(DType.I16, [3, 3, 10]), (builder, a) => builder.add(a, a));
}

function* concatCases(): Generator<Case> {
  const splits: readonly (readonly number[])[] = [[1, 1], [3, 5], [16, 16], [17, 1, 33], [4, 64], [2, 2, 2, 2]];
  for (const dtype of DTYPES)
    for (const channels of splits) {
      yield unary(`Concat: ${NAMES[dtype]}, ${channels.join(" + ")} channels`, spec(dtype, [2, 3, channels[0]!]), (builder, a, random) =>
        builder.concat(channels.map((c, i) => {
          if (i === 0) return a;
          const first = builder.requantise(a, DType.I8, { multipliers: [1], shift: 0, rounding: Rounding.HalfUp });
          const sums = builder.weighted(Op.Pointwise, first, c, ONE_BY_ONE, { values: random.integers(channels[0]! * c, -127, 127) });
          return builder.requantise(sums, dtype, { multipliers: [3], shift: i, rounding: Rounding.HalfUp });
        })));
    }
}

const POOLS: Readonly<Record<string, Geometry>> = {
  "2×2": { kernel: [2, 2], stride: [2, 2] },
  "3×3, stride 2, padding 1": { kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
  "1×1": { kernel: [1, 1] },
  "3×2, stride 1×3": { kernel: [3, 2], stride: [1, 3] },
  "2×3, stride beyond the kernel": { kernel: [2, 3], stride: [4, 5] },
  "4×4, padding 3 and end 1": { kernel: [4, 4], stride: [3, 3], pad: [3, 3], padEnd: [1, 1] },
  "larger than the image": { kernel: [9, 11], stride: [2, 2], pad: [4, 5] },
};
const POOL_SIZES: readonly Size[] = [[6, 7, 3], [8, 6, 16], [5, 5, 17], [7, 7, 33], [4, 4, 1], [6, 5, 28], [5, 6, 12]];

function* poolCases(): Generator<Case> {
  for (const [i, [name, geometry]] of Object.entries(POOLS).entries())
    for (const dtype of DTYPES)
      for (const size of [POOL_SIZES[i]!, POOL_SIZES[(i + 2) % POOL_SIZES.length]!]) {
        const title = `${name} on ${NAMES[dtype]} ${size.join("×")}`;
        const area = geometry.kernel[0] * geometry.kernel[1];
        const small = Math.min(greatestBound(dtype), Math.floor(2147483647 / area));
        yield unary(`MaxPool: ${title}`, spec(dtype, size), (builder, a) => builder.maxPool(a, geometry));
        yield unary(`SumPool: ${title}, to i32`, spec(dtype, size, small), (builder, a) => builder.sumPool(a, DType.I32, geometry));
        const whole = Math.floor(rangeOf(dtype).max / area);
        if (whole > 0) yield unary(`SumPool: ${title}`, spec(dtype, size, whole), (builder, a) => builder.sumPool(a, dtype, geometry));
        for (const to of [DType.I16, dtype]) {
          yield unary(`AvgPool: ${title}, to ${NAMES[to]}`, spec(dtype, size, small), (builder, a) =>
            builder.avgPool(a, to, geometry, Math.round(2 ** 20 / area), 20));
        }
      }
  yield unary("SumPool: padding beyond the kernel", spec(DType.U8, [3, 3, 5], 15), (builder, a) =>
    builder.sumPool(a, DType.I16, { kernel: [2, 2], pad: [4, 5] }));
  yield unary("AvgPool: saturates", spec(DType.I16, [4, 4, 6]), (builder, a) =>
    builder.avgPool(a, DType.I8, { kernel: [2, 2], stride: [2, 2] }, 3, 4));
}

function* resizeCases(): Generator<Case> {
  for (const dtype of DTYPES)
    for (const [size, factors] of [[[1, 1, 1], [2, 2]], [[2, 3, 5], [3, 1]], [[3, 2, 16], [1, 4]], [[2, 2, 33], [2, 3]]] as const) {
      yield unary(`Upsample: ${NAMES[dtype]} ${size.join("×")} by ${factors.join("×")}`, spec(dtype, size), (builder, a) =>
        builder.upsample(a, factors[0], factors[1]));
      const bound = Math.min(greatestBound(dtype), Math.floor(2147483647 / (size[0] * size[1])));
      yield unary(`GlobalMean: ${NAMES[dtype]} ${size.join("×")}`, spec(dtype, size, bound), (builder, a) =>
        builder.globalMean(a, DType.I32, Math.round(2 ** 16 / (size[0] * size[1])), 16));
      yield unary(`GlobalMean: ${NAMES[dtype]} ${size.join("×")}, saturating i8`, spec(dtype, size, bound), (builder, a) =>
        builder.globalMean(a, DType.I8, 5, 1));
    }
}

function* delayCases(): Generator<Case> {
  for (const dtype of DTYPES)
    for (const [steps, size] of [[1, [1, 1, 3]], [2, [2, 3, 5]], [5, [3, 3, 4]], [7, [1, 1, 17]]] as const) {
      const input = spec(dtype, size);
      const name = `Delay: ${NAMES[dtype]} ${size.join("×")}, ${steps} steps`;
      const random = new Random(name);
      const builder = new ProgramBuilder();
      const a = builder.tensor(input);
      const { out, words } = builder.delayRead(input, steps);
      builder.delayWrite(a, words);
      yield { name, program: builder.build(a, [out]), frames: Array.from({ length: 20 }, () => fill(input, 0.3, random)),
        windows: [3, 11] };
    }
}

export const SHAPE_CASES: readonly Case[] = [
  ...requantiseCases(), ...addCases(), ...concatCases(), ...poolCases(), ...resizeCases(), ...delayCases(),
];
