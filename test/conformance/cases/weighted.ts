import { DType, Op } from "../../../assembly/abi.js";
import { accumulatorBound, ProgramBuilder, type Weights } from "../builder.js";
import { ONE_BY_ONE, type Geometry } from "../geometry.js";
import { Random } from "../random.js";
import { fills, type Case } from "./case.js";

type Size = readonly [h: number, w: number, c: number];
/** extreme: every weight ±127 (int4: ±7). aligned: every weight +127 (+7), so that a full input meets the exact bound of the accumulator. */
type WeightKind = "random" | "extreme" | "aligned";
/** full: the bias that brings the accumulator's bound to 2^31 − 1, its sign that of the weights' first row. */
type BiasKind = "none" | "random" | "full";

interface Row {
  readonly name: string;
  readonly input: Size;
  readonly dtype?: DType.U8 | DType.I8 | DType.I16;
  /** Greatest |input|; 15 unless told. */
  readonly bound?: number;
  readonly out: number;
  readonly geometry?: Geometry;
  readonly weights?: WeightKind;
  readonly bias?: BiasKind;
}

const U8_FULL = { dtype: DType.U8, bound: 255 } as const;
const I8_FULL = { dtype: DType.I8, bound: 127 } as const;
const I16_FULL = { dtype: DType.I16, bound: 32767 } as const;

const CONV2D: readonly Row[] = [
  { name: "one pixel, one channel", input: [1, 1, 1], out: 1, geometry: { kernel: [1, 1] }, bias: "random" },
  { name: "one pixel under a 3×3 kernel", input: [1, 1, 3], out: 5, geometry: { kernel: [3, 3], pad: [1, 1] } },
  { name: "first layer of a DVS network", input: [17, 13, 2], out: 16, geometry: { kernel: [3, 3], pad: [1, 1], stride: [2, 2] },
    bias: "random" },
  { name: "3 to 17 channels", input: [7, 9, 3], out: 17, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "17 to 33 channels", input: [5, 6, 17], out: 33, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "33 to 5 channels", input: [5, 5, 33], out: 5, geometry: { kernel: [3, 3] }, bias: "random" },
  { name: "64 to 64 channels", input: [4, 4, 64], out: 64, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "7 outputs", input: [4, 4, 8], out: 7, geometry: { kernel: [2, 2] } },
  { name: "8 outputs", input: [4, 4, 8], out: 8, geometry: { kernel: [2, 2] } },
  { name: "31 outputs", input: [4, 4, 4], out: 31, geometry: { kernel: [2, 2] } },
  { name: "32 outputs", input: [4, 4, 4], out: 32, geometry: { kernel: [2, 2] } },
  { name: "48 outputs", input: [4, 4, 4], out: 48, geometry: { kernel: [2, 2] } },
  { name: "65 outputs", input: [3, 3, 4], out: 65, geometry: { kernel: [2, 2] } },
  { name: "129 outputs", input: [2, 2, 5], out: 129, geometry: { kernel: [2, 1] } },
  { name: "tall kernel", input: [9, 4, 5], out: 6, geometry: { kernel: [5, 1], pad: [2, 0] }, bias: "random" },
  { name: "wide kernel", input: [4, 9, 5], out: 6, geometry: { kernel: [1, 7], pad: [0, 3] }, bias: "random" },
  { name: "2×5 kernel, stride 3×1", input: [8, 9, 3], out: 4, geometry: { kernel: [2, 5], stride: [3, 1], pad: [1, 2] } },
  { name: "even kernel, more padding at the end", input: [6, 6, 3], out: 4, geometry: { kernel: [4, 4], pad: [1, 1], padEnd: [2, 2] } },
  { name: "padding at the end only", input: [4, 5, 3], out: 4, geometry: { kernel: [3, 3], padEnd: [2, 2] } },
  { name: "padding beyond the kernel", input: [3, 4, 3], out: 5, geometry: { kernel: [2, 3], pad: [4, 5] }, bias: "random" },
  { name: "stride beyond the kernel", input: [11, 13, 3], out: 5, geometry: { kernel: [2, 2], stride: [4, 5] } },
  { name: "1×1 kernel with stride", input: [7, 7, 6], out: 9, geometry: { kernel: [1, 1], stride: [2, 3] }, bias: "random" },
  { name: "dilation", input: [9, 10, 4], out: 6, geometry: { kernel: [3, 3], dilation: [2, 2], pad: [2, 2] } },
  { name: "dilation 3×1, stride 2", input: [11, 8, 3], out: 6,
    geometry: { kernel: [3, 2], dilation: [3, 1], stride: [2, 2], pad: [3, 1] } },
  { name: "dilation beyond the image", input: [4, 4, 3], out: 4, geometry: { kernel: [2, 2], dilation: [7, 5], pad: [6, 6] } },
  { name: "kernel larger than the image", input: [2, 3, 4], out: 3, geometry: { kernel: [5, 7], pad: [2, 3] } },
  // Wide enough that vector builds gather instead of scattering, in every corner of the geometry.
  { name: "wide, dilation", input: [6, 6, 32], out: 40, geometry: { kernel: [3, 3], dilation: [2, 2], pad: [2, 2] }, bias: "random" },
  { name: "wide, dilation of rows, stride 2×1", input: [7, 6, 32], out: 40,
    geometry: { kernel: [3, 3], dilation: [2, 1], stride: [2, 1], pad: [2, 1] } },
  { name: "wide, dilation of columns, i16 input", input: [5, 7, 20], ...I16_FULL, out: 33,
    geometry: { kernel: [2, 3], dilation: [1, 3], pad: [0, 3] } },
  { name: "wide, dilation beyond the image", input: [4, 4, 40], out: 36, geometry: { kernel: [3, 2], dilation: [7, 1], pad: [8, 1] } },
  { name: "wide, padding beyond the kernel", input: [3, 4, 40], out: 40, geometry: { kernel: [2, 3], pad: [4, 5] }, bias: "random" },
  { name: "wide, padding at the end only", input: [4, 5, 33], out: 47, geometry: { kernel: [3, 3], padEnd: [4, 4] }, bias: "random" },
  { name: "wide, kernel larger than the image", input: [2, 3, 32], out: 33, geometry: { kernel: [5, 7], pad: [3, 4] } },
  { name: "wide, stride beyond the kernel", input: [11, 13, 33], out: 40, geometry: { kernel: [2, 2], stride: [4, 5], pad: [1, 1] } },
  { name: "wide, i8 input", input: [4, 5, 33], ...I8_FULL, out: 49, geometry: { kernel: [3, 3], stride: [1, 2], pad: [1, 1] },
    weights: "extreme" },
  { name: "wide, ternary input", input: [4, 5, 40], dtype: DType.I8, bound: 1, out: 49, geometry: { kernel: [3, 3], pad: [1, 1] },
    weights: "extreme" },
  { name: "wide, binary input", input: [4, 5, 40], bound: 1, out: 49, geometry: { kernel: [3, 3], pad: [1, 1] }, weights: "aligned" },
  { name: "runs longer than the list of spikes", input: [3, 3, 400], out: 37, geometry: { kernel: [3, 3], pad: [1, 1] },
    weights: "aligned", bias: "full" },
  { name: "2 groups", input: [5, 5, 6], out: 8, geometry: { kernel: [3, 3], pad: [1, 1], groups: 2 }, bias: "random" },
  { name: "3 groups of odd sizes", input: [5, 4, 9], out: 15, geometry: { kernel: [3, 2], pad: [1, 0], groups: 3 }, bias: "random" },
  { name: "4 groups of 16 outputs", input: [3, 3, 32], out: 64, geometry: { kernel: [3, 3], pad: [1, 1], groups: 4 } },
  { name: "2 groups of 17 outputs", input: [3, 3, 34], out: 34, geometry: { kernel: [3, 3], pad: [1, 1], groups: 2 } },
  { name: "groups as many as channels", input: [5, 5, 7], out: 7, geometry: { kernel: [3, 3], pad: [1, 1], groups: 7 } },
  { name: "groups with two outputs a channel", input: [5, 5, 5], out: 10, geometry: { kernel: [3, 3], dilation: [2, 1], groups: 5 } },
  { name: "binary input", input: [6, 6, 16], bound: 1, out: 24, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "counts up to 255", input: [5, 5, 12], ...U8_FULL, out: 20, geometry: { kernel: [3, 3], pad: [1, 1] }, weights: "extreme",
    bias: "random" },
  { name: "counts 255 at the accumulator's bound", input: [4, 4, 16], ...U8_FULL, out: 18, geometry: { kernel: [3, 3], pad: [1, 1] },
    weights: "aligned", bias: "full" },
  { name: "ternary input", input: [6, 7, 1], dtype: DType.I8, bound: 1, out: 8, geometry: { kernel: [5, 5], pad: [2, 2] } },
  { name: "i8 input", input: [5, 6, 7], ...I8_FULL, out: 21, geometry: { kernel: [3, 3], pad: [1, 1] }, weights: "extreme",
    bias: "random" },
  { name: "i8 input, groups", input: [5, 6, 8], ...I8_FULL, out: 12, geometry: { kernel: [3, 3], groups: 4 }, bias: "random" },
  { name: "i16 input", input: [5, 5, 6], ...I16_FULL, out: 19, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "i16 input at the accumulator's bound", input: [3, 3, 32], ...I16_FULL, out: 35, geometry: { kernel: [3, 3], pad: [1, 1] },
    weights: "aligned", bias: "full" },
];

const DEPTHWISE: readonly Row[] = [
  { name: "one pixel", input: [1, 1, 1], out: 1, geometry: { kernel: [1, 1] } },
  { name: "3×3 on 3 channels", input: [6, 5, 3], out: 3, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "3×3 on 16 channels", input: [6, 5, 16], out: 16, geometry: { kernel: [3, 3], pad: [1, 1] }, bias: "random" },
  { name: "3×3 on 17 channels, stride 2", input: [7, 9, 17], out: 17, geometry: { kernel: [3, 3], pad: [1, 1], stride: [2, 2] },
    bias: "random" },
  { name: "5×3 on 33 channels", input: [6, 6, 33], out: 33, geometry: { kernel: [5, 3], pad: [2, 1] } },
  { name: "7×7 on 64 channels", input: [5, 5, 64], out: 64, geometry: { kernel: [7, 7], pad: [3, 3] }, weights: "extreme" },
  { name: "2×4, stride 3×2, padding beyond the kernel", input: [8, 7, 5], out: 5,
    geometry: { kernel: [2, 4], stride: [3, 2], pad: [3, 5] } },
  { name: "dilation 2×3", input: [9, 9, 12], out: 12, geometry: { kernel: [3, 3], dilation: [2, 3], pad: [2, 3] }, bias: "random" },
  { name: "stride beyond the kernel", input: [9, 9, 8], out: 8, geometry: { kernel: [2, 1], stride: [5, 3] } },
  { name: "counts 255 at the accumulator's bound", input: [5, 5, 20], ...U8_FULL, out: 20, geometry: { kernel: [3, 3], pad: [1, 1] },
    weights: "aligned", bias: "full" },
  { name: "i8 input", input: [5, 5, 9], ...I8_FULL, out: 9, geometry: { kernel: [3, 3], pad: [1, 1] }, weights: "extreme", bias: "random" },
  { name: "i16 input at the accumulator's bound", input: [4, 4, 18], ...I16_FULL, out: 18, geometry: { kernel: [5, 5], pad: [2, 2] },
    weights: "aligned", bias: "full" },
];

const POINTWISE: readonly Row[] = [
  { name: "one channel", input: [1, 1, 1], out: 1 },
  { name: "3 to 5", input: [3, 4, 3], out: 5, bias: "random" },
  { name: "17 to 33", input: [3, 3, 17], out: 33, bias: "random" },
  { name: "64 to 64", input: [4, 3, 64], out: 64, bias: "random" },
  { name: "33 to 129", input: [2, 2, 33], out: 129 },
  // One element short of a whole vector, and one more; the neighbour's first element must stay out.
  ...[7, 8, 9, 15, 16, 31, 32].flatMap((c): Row[] => [
    { name: `${c} to 20`, input: [2, 3, c], out: 20, bias: "random" },
    { name: `${c} to 33, i8 input`, input: [2, 3, c], ...I8_FULL, out: 33 },
    { name: `${c} to 18, i16 input`, input: [2, 3, c], ...I16_FULL, out: 18 },
  ]),
  { name: "64 to 1", input: [3, 3, 64], out: 1, bias: "random" },
  { name: "binary input", input: [4, 4, 32], bound: 1, out: 32 },
  { name: "counts 127", input: [3, 3, 40], bound: 127, out: 24, weights: "extreme" },
  { name: "counts 128", input: [3, 3, 40], bound: 128, out: 24, weights: "extreme" },
  { name: "counts 255 at the accumulator's bound", input: [2, 2, 64], ...U8_FULL, out: 16, weights: "aligned", bias: "full" },
  { name: "i8 input", input: [3, 3, 20], ...I8_FULL, out: 24, weights: "extreme", bias: "random" },
  { name: "i16 input", input: [3, 3, 20], ...I16_FULL, out: 24, weights: "extreme", bias: "random" },
];

const LINEAR: readonly Row[] = [
  { name: "one to one", input: [1, 1, 1], out: 1, bias: "random" },
  { name: "flattened image", input: [3, 4, 5], out: 10, bias: "random" },
  { name: "17 to 3", input: [1, 1, 17], out: 3 },
  { name: "33 to 17", input: [1, 1, 33], out: 17, bias: "random" },
  { name: "200 to 256", input: [1, 1, 200], out: 256, bias: "random" },
  { name: "3000 rows of binary input", input: [10, 10, 30], bound: 1, out: 20, weights: "aligned" },
  { name: "3000 rows of counts 15", input: [10, 10, 30], bound: 15, out: 20, weights: "extreme" },
  { name: "3000 rows of counts 15, one sign", input: [10, 10, 30], bound: 15, out: 36, weights: "aligned", bias: "full" },
  { name: "3000 rows of counts 16, one sign", input: [10, 10, 30], bound: 16, out: 17, weights: "aligned" },
  { name: "3000 rows of counts 127, one sign", input: [10, 10, 30], bound: 127, out: 17, weights: "aligned", bias: "full" },
  { name: "3000 rows of counts 128, one sign", input: [10, 10, 30], bound: 128, out: 17, weights: "aligned" },
  { name: "3000 rows of counts 255, one sign", input: [10, 10, 30], ...U8_FULL, out: 17, weights: "aligned", bias: "full" },
  { name: "1200 rows of i8, one sign", input: [10, 10, 12], ...I8_FULL, out: 17, weights: "aligned", bias: "full" },
  { name: "1200 rows of i8", input: [10, 10, 12], ...I8_FULL, out: 20, weights: "extreme", bias: "random" },
  ...[127, 128, 255, 256, 258, 259, 300, 511, 600].map((bound): Row => (
    { name: `700 rows of i16 up to ${bound}, one sign`, input: [7, 10, 10], dtype: DType.I16, bound, out: 53, weights: "aligned" }
  )),
  { name: "512 rows of i16, one sign", input: [1, 1, 512], ...I16_FULL, out: 20, weights: "aligned", bias: "full" },
  { name: "500 rows of i16", input: [5, 10, 10], ...I16_FULL, out: 9, weights: "extreme", bias: "random" },
];

export const WEIGHTED_CASES: readonly Case[] = casesOf(8);
/** The same with weights of four bits. */
export const INT4_CASES: readonly Case[] = casesOf(4);

function casesOf(bits: 8 | 4): Case[] {
  return [
    ...CONV2D.map((row) => weightedCase(Op.Conv2d, "Conv2d", row, bits)),
    ...DEPTHWISE.map((row) => weightedCase(Op.Depthwise, "Depthwise", row, bits)),
    ...POINTWISE.map((row) => weightedCase(Op.Pointwise, "Pointwise", row, bits)),
    ...LINEAR.map((row) => weightedCase(Op.Linear, "Linear", row, bits)),
    ...[false, true].flatMap((bias) => [perTimestepCase(Op.Conv2d, bias, bits), perTimestepCase(Op.Linear, bias, bits)]),
  ];
}

/** Of a weight. */
export function greatestWeight(bits: 8 | 4): number {
  return bits === 4 ? 7 : 127;
}

/** T = 3, and windows that begin before the third timestep too. */
function perTimestepCase(op: Op.Conv2d | Op.Linear, bias: boolean, bits: 8 | 4): Case {
  const name = `${op === Op.Linear ? "Linear" : "Conv2d"}: weights that differ per timestep${bias ? ", bias" : ""}${suffix(bits)}`;
  const most = greatestWeight(bits);
  const random = new Random(name);
  const spec = { dtype: DType.U8, h: 3, w: 3, c: 5, bound: 15 };
  const builder = new ProgramBuilder();
  const input = builder.tensor(spec);
  const [values, ...later] = Array.from({ length: 3 }, () => random.integers(45 * 7, -most, most)) as [number[], number[], number[]];
  const out = builder.weighted(op, input, 7, { kernel: [3, 3], pad: [1, 1] },
    { values, later, bits, bias: bias ? random.integers(7, -99, 99) : undefined });
  const frames = [...fills(spec, random), ...fills(spec, random)];
  return { name, program: builder.build(input, [out], { timesteps: 3 }), frames, windows: [3, 5, 6, 7] };
}

function weightedCase(op: Op.Conv2d | Op.Depthwise | Op.Pointwise | Op.Linear, opName: string, row: Row, bits: 8 | 4): Case {
  const name = `${opName}: ${row.name}${suffix(bits)}`;
  const random = new Random(name);
  const [h, w, c] = row.input;
  const spec = { dtype: row.dtype ?? DType.U8, h, w, c, bound: row.bound ?? 15 };
  const geometry = row.geometry ?? ONE_BY_ONE;
  const rows = {
    [Op.Conv2d]: geometry.kernel[0] * geometry.kernel[1] * (c / (geometry.groups ?? 1)),
    [Op.Depthwise]: geometry.kernel[0] * geometry.kernel[1],
    [Op.Pointwise]: c,
    [Op.Linear]: h * w * c,
  }[op];
  const builder = new ProgramBuilder();
  const input = builder.tensor(spec);
  const out = builder.weighted(op, input, row.out, geometry, weightsOf(row, rows, spec.bound, random, bits));
  return { name, program: builder.build(input, [out]), frames: fills(spec, random) };
}

function suffix(bits: 8 | 4): string {
  return bits === 4 ? ", int4" : "";
}

function weightsOf(row: Row, rows: number, inputBound: number, random: Random, bits: 8 | 4): Weights {
  const length = rows * row.out, most = greatestWeight(bits);
  const values = {
    random: () => random.integers(length, -most, most),
    extreme: () => Array.from({ length }, () => (random.chance(0.5) ? most : -most)),
    // Odd channels have the other sign.
    aligned: () => Array.from({ length }, (_, i) => ((i % row.out) % 2 === 0 ? most : -most)),
  }[row.weights ?? "random"]();
  const left = 2147483647 - accumulatorBound(inputBound, { values }, row.out);
  const bias = {
    none: () => undefined,
    random: () => random.integers(row.out, -Math.min(left, 100000), Math.min(left, 100000)),
    full: () => Array.from({ length: row.out }, (_, c) => (values[c]! < 0 ? -left : left)),
  }[row.bias ?? "none"]();
  return { values, bias, bits };
}
