import t from "tap";
import { DType, Rounding } from "../../assembly/abi.js";
import { rescale, round } from "./rounding.js";


/** v / 4 by hand, for each rule. */
const QUARTERS: readonly (readonly [v: bigint, halfUp: bigint, halfEven: bigint, floor: bigint, towardZero: bigint])[] = [
  [-7n, -2n, -2n, -2n, -1n],
  [-6n, -1n, -2n, -2n, -1n],
  [-5n, -1n, -1n, -2n, -1n],
  [-3n, -1n, -1n, -1n, 0n],
  [-2n, 0n, 0n, -1n, 0n],
  [-1n, 0n, 0n, -1n, 0n],
  [0n, 0n, 0n, 0n, 0n],
  [1n, 0n, 0n, 0n, 0n],
  [2n, 1n, 0n, 0n, 0n],
  [3n, 1n, 1n, 0n, 0n],
  [4n, 1n, 1n, 1n, 1n],
  [6n, 2n, 2n, 1n, 1n],
  [10n, 3n, 2n, 2n, 2n],
];

t.test("a quarter is rounded by each rule as by hand", async (t) => {
  for (const [v, halfUp, halfEven, floor, towardZero] of QUARTERS) {
    t.equal(round(v, 2, Rounding.HalfUp), halfUp, `${v} half up`);
    t.equal(round(v, 2, Rounding.HalfEven), halfEven, `${v} half even`);
    t.equal(round(v, 2, Rounding.Floor), floor, `${v} floor`);
    t.equal(round(v, 2, Rounding.TowardZero), towardZero, `${v} toward zero`);
  }
});

t.test("a shift of nothing changes nothing", async (t) => {
  for (const rule of [Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero]) for (const v of [-3n, 0n, 7n]) t.equal(round(v, 0, rule), v);
});

t.test("rescale adds the offset after the shift and saturates last", async (t) => {
  t.equal(rescale(100, 3, 2, Rounding.HalfUp, 0, DType.I32), 75);
  t.equal(rescale(101, 3, 2, Rounding.HalfUp, -1, DType.I32), 75, "303 / 4 = 75.75 → 76, minus 1");
  t.equal(rescale(300, 1, 0, Rounding.HalfUp, -100, DType.U8), 200, "300 would saturate before the offset");
  t.equal(rescale(300, 1, 0, Rounding.HalfUp, 0, DType.U8), 255);
  t.equal(rescale(-1, 1, 0, Rounding.HalfUp, 0, DType.U8), 0);
  t.equal(rescale(-2147483648, 2147483647, 0, Rounding.HalfUp, 0, DType.I32), -2147483648);
  t.equal(rescale(2147483647, 2147483647, 62, Rounding.HalfUp, 0, DType.I32), 1, "(2^62 − 2^32 + 1) / 2^62 is nearly 1");
  t.equal(rescale(2147483647, 2147483647, 62, Rounding.Floor, 0, DType.I32), 0);
});
