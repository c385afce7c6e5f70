import t from "tap";
import { DType, Rounding } from "../../assembly/abi.js";
import { rescale, round } from "./rounding.js";
import { saturate } from "./tensor.js";


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
  const rules = [Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero];
  for (const rule of rules) for (const v of [-3n, 0n, 7n]) t.equal(round(v, 0, rule), v);
});

t.test("rescale adds the offset after the shift, and saturation comes last", async (t) => {
  t.equal(rescale(100, 3, 2, Rounding.HalfUp), 75n);
  t.equal(rescale(101, 3, 2, Rounding.HalfUp, -1), 75n, "303 / 4 = 75.75 → 76, minus 1");
  t.equal(rescale(-2147483648, 2147483647, 0, Rounding.HalfUp), -4611686016279904256n);
  t.equal(rescale(2147483647, 2147483647, 62, Rounding.HalfUp), 1n, "(2^62 − 2^32 + 1) / 2^62 is nearly 1");
  t.equal(rescale(2147483647, 2147483647, 62, Rounding.Floor), 0n);
  t.same([-1n, 0n, 255n, 256n].map((v) => saturate(v, DType.U8)), [0, 0, 255, 255]);
  t.same([-129n, -128n, 127n, 128n].map((v) => saturate(v, DType.I8)), [-128, -128, 127, 127]);
  t.same([-4611686016279904256n, 2147483648n].map((v) => saturate(v, DType.I32)), [-2147483648, 2147483647]);
});
