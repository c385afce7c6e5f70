import t from "tap";
import { DType, FrameKind, Rounding } from "../../assembly/abi.js";
import { add } from "./add.js";
import { concat } from "./concat.js";
import { conv2d } from "./conv2d.js";
import { depthwise } from "./depthwise.js";
import { frame } from "./frames.js";
import { globalMean } from "./global-mean.js";
import { linear } from "./linear.js";
import { pointwise } from "./pointwise.js";
import { avgPool, maxPool, sumPool } from "./pooling.js";
import { requantise } from "./requantise.js";
import { fromBytes, toBytes, type Tensor } from "./tensor.js";
import { upsample } from "./upsample.js";

function tensor(dtype: DType, h: number, w: number, c: number, data: number[]): Tensor {
  return { dtype, h, w, c, data };
}
const ONE_STEP = { strideY: 1, strideX: 1, padTop: 0, padLeft: 0, dilationY: 1, dilationX: 1, groups: 1 };
const SQUARE = tensor(DType.U8, 3, 3, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

t.test("conv2d", async (t) => {
  // The kernel is not turned round: [[1, 2], [3, 4]] on 1 2 / 4 5 is 1 + 4 + 12 + 20.
  const plain = conv2d(SQUARE, [1, 2, 3, 4], [100], { ...ONE_STEP, kernelH: 2, kernelW: 2 }, 2, 2, 1);
  t.same(plain.data, [137, 147, 167, 177]);

  const padded = conv2d(SQUARE, [1, 2, 3, 4], undefined,
    { ...ONE_STEP, kernelH: 2, kernelW: 2, padTop: 1, padLeft: 1, strideY: 2, strideX: 2 }, 2, 2, 1);
  t.same(padded.data, [4, 2 * 3 * 0 + 3 * 2 + 4 * 3, 2 * 4 + 4 * 7, 1 * 5 + 2 * 6 + 3 * 8 + 4 * 9]);

  const dilated = conv2d(SQUARE, [1, 10], undefined, { ...ONE_STEP, kernelH: 1, kernelW: 2, dilationX: 2 }, 3, 1, 1);
  t.same(dilated.data, [31, 64, 97]);

  // Two groups of one input channel and two outputs each; weights [kh, kw, 1, 4].
  const grouped = conv2d(tensor(DType.I8, 1, 1, 2, [3, -5]), [1, 2, 3, 4], [0, 0, 0, 1],
    { ...ONE_STEP, kernelH: 1, kernelW: 1, groups: 2 }, 1, 1, 4);
  t.same(grouped.data, [3, 6, -15, -19]);
});

t.test("depthwise", async (t) => {
  const input = tensor(DType.U8, 1, 2, 2, [1, 2, 3, 4]);
  const out = depthwise(input, [10, 1, 20, 2], [0, 5], { ...ONE_STEP, kernelH: 1, kernelW: 2, padLeft: 1 }, 1, 3);
  t.same(out.data, [20, 9, 70, 15, 30, 9]);
});

t.test("pointwise and linear", async (t) => {
  const input = tensor(DType.I16, 1, 2, 2, [1, -2, 300, 4]);
  t.same(pointwise(input, [1, 2, 3, 10, 20, 30], [0, 1, 0], 3).data, [-19, -37, -57, 340, 681, 1020]);
  t.same(linear(input, [1, 0, 0, 1, 1, 0, 0, -1], undefined, 2).data, [301, -6]);
});

t.test("requantise takes its parameters by period", async (t) => {
  const input = tensor(DType.I32, 1, 2, 2, [10, 10, 11, -1000]);
  t.same(requantise(input, [1, 2], 2, Rounding.HalfUp, [0, -1], DType.I8).tensor.data, [3, 4, 3, -128]);
  t.equal(requantise(input, [1, 2], 2, Rounding.HalfUp, [0, -1], DType.I8).saturations, 1, "−500 − 1 alone");
});

t.test("add saturates, concat places", async (t) => {
  t.same(add(tensor(DType.U8, 1, 1, 2, [200, 1]), tensor(DType.U8, 1, 1, 2, [100, 2])),
    { tensor: tensor(DType.U8, 1, 1, 2, [255, 3]), saturations: 1 });
  t.same(add(tensor(DType.I16, 1, 1, 1, [-32000]), tensor(DType.I16, 1, 1, 1, [-32000])).tensor.data, [-32768]);
  const out = concat(tensor(DType.U8, 1, 2, 3, [9, 9, 9, 9, 9, 9]), tensor(DType.U8, 1, 2, 2, [1, 2, 3, 4]), 1);
  t.same(out.data, [9, 1, 2, 9, 3, 4]);
});

t.test("pooling", async (t) => {
  const window = { kernelH: 2, kernelW: 2, strideY: 2, strideX: 2, padTop: 1, padLeft: 1 };
  t.same(maxPool(SQUARE, window, 2, 2).data, [1, 3, 7, 9]);
  t.same(maxPool({ ...SQUARE, dtype: DType.I8, data: SQUARE.data.map((v) => -v) }, window, 2, 2).data, [-1, -2, -4, -5],
    "padding is no zero");
  t.same(sumPool(SQUARE, window, 2, 2, DType.I16).data, [1, 5, 11, 28]);
  t.same(avgPool(SQUARE, window, 1, 2, 2, 2, DType.I16).tensor.data, [0, 1, 3, 7], "1/4, 5/4, 11/4, 28/4 half up");
});

t.test("upsample and global mean", async (t) => {
  t.same(upsample(tensor(DType.U8, 1, 2, 1, [1, 2]), 2, 3).data, [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
  t.same(globalMean(tensor(DType.I8, 1, 2, 2, [1, -3, 2, -4]), 1, 1, DType.I32).tensor.data, [2, -3], "3/2 and −7/2 half up");
});

t.test("frames", async (t) => {
  const events = [{ x: 0, y: 0, p: 1 }, { x: 0, y: 0, p: 1 }, { x: 0, y: 0, p: 1 }, { x: 1, y: 0, p: 0 }, { x: 2, y: 0, p: 0 },
    { x: 0, y: 1, p: 1 }];
  const counted = frame(events, FrameKind.Counts, 2, 1, 2);
  t.same(counted.tensor.data, [0, 2, 1, 0]);
  t.equal(counted.outside, 2);
  const last = frame([...events, { x: 0, y: 0, p: 0 }], FrameKind.LastPolarity, 1, 1, 2);
  t.same(last.tensor.data, [-1, -1]);
});

t.test("bytes are little-endian", async (t) => {
  const values = tensor(DType.I16, 1, 1, 2, [-2, 258]);
  t.same([...toBytes(values)], [0xfe, 0xff, 2, 1]);
  t.same(fromBytes(toBytes(values), DType.I16, 1, 1, 2).data, values.data);
});
