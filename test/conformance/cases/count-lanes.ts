import { DType, Fire, Neuron } from "../../../assembly/abi.js";
import { ProgramBuilder } from "../builder.js";
import { neuron } from "../neuron-builder.js";
import { pairwise } from "../pairwise.js";
import { Random } from "../random.js";
import { fill, type Case } from "./case.js";

/** Counts of i16 values that fit their own lanes, some only just, and some only just not. */
const AXES = {
  fire: [Fire.HalfUp, Fire.AtLeast, Fire.HalfEven],
  fraction: [0, 1, 8, 11, 12, 14, 15],
  maxCount: [1, 2, 4, 15],
  /** Greatest |leak|; the second is the first beyond. */
  leak: ["none", 16383, 16384, 300],
  input: [DType.I16, DType.I32],
  size: ["1×1×8", "2×3×16", "3×3×24", "1×2×264", "2×2×7"],
  period: ["channel", "element"],
  scaled: [false, false, true],
} as const;

export const COUNT_LANE_CASES: readonly Case[] = pairwise(AXES, new Random("count lanes")).map((row, i) => {
  const name = `${i}: ${Object.entries(row).map(([axis, value]) => `${axis} ${String(value)}`).join(", ")}`;
  const random = new Random(name);
  const [h, w, c] = row.size.split("×").map(Number) as [number, number, number];
  const period = row.period === "channel" ? c : h * w * c;
  const most = row.leak === "none" ? 0 : row.leak;
  const input = { dtype: row.input, h, w, c, bound: 32767 } as const;
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, {
    kind: Neuron.Counts, period, fire: row.fire, fractionBits: row.fraction, maxCount: row.maxCount,
    leak: row.leak === "none" ? undefined : Array.from({ length: period }, (_, k) => (k % 3 === 0 ? [most, -most][k & 1]! : random.integer(-most, most))),
    ...(row.scaled ? { multipliers: random.integers(period, 0, 40000), shift: 15 } : {}),
  });
  const frames = (["mixed max", 0.3, 1, 0, "max"] as const).map((density) => fill(input, density, random));
  return { name, program: builder.build(a, [out]), frames };
});
