import { Decay, DType, Neuron, Order, Rounding } from "../../../assembly/abi.js";
import { ProgramBuilder } from "../builder.js";
import { neuron, type NeuronSpec } from "../neuron-builder.js";
import { pairwise } from "../pairwise.js";
import { Random } from "../random.js";
import { fill, type Case } from "./case.js";

const STEPS = 12;

/** Level states (LI) that fit 16-bit lanes, some only just, and some only just not: where a vector build could choose wrongly. */
const AXES = {
  /** The greatest decay multiplier. */
  decay: [32767, 32768, 16384],
  bits: [15, 14],
  rounding: [Rounding.HalfUp, Rounding.Floor],
  order: [Order.DecayFirst, Order.InputFirst],
  /** Greatest multiplier and its shift: none, Q15 products, one beyond, a shift beyond. */
  scale: ["none", "32767 >> 15", "32768 >> 15", "8191 >> 13", "8192 >> 13", "30000 >> 16", "0 >> 0"],
  leak: [false, true],
  limits: ["ends", "narrow", "one-sided"],
  state: [DType.I16, DType.I32],
  size: ["1×1×8", "2×3×16", "3×3×24", "1×2×264", "2×2×7"],
  period: ["channel", "element"],
  windowReset: [false, true],
} as const;
const LIMITS = { ends: { min: -32768, max: 32767 }, narrow: { min: -900, max: 700 }, "one-sided": { min: 0, max: 20000 } };

export const LEVEL_CASES: readonly Case[] = pairwise(AXES, new Random("levels"), ({ decay, bits }) => decay <= 2 ** bits).map((row, i) => {
  const name = `${i}: ${Object.entries(row).map(([axis, value]) => `${axis} ${String(value)}`).join(", ")}`;
  const random = new Random(name);
  const [h, w, c] = row.size.split("×").map(Number) as [number, number, number];
  const period = row.period === "channel" ? c : h * w * c;
  const upTo = (most: number): number[] => Array.from({ length: period }, (_, k) => (k === 0 ? most : random.integer(0, most)));
  const [most, shift] = row.scale === "none" ? [undefined, 0] : (row.scale.split(" >> ").map(Number) as [number, number]);
  const input = { dtype: DType.I16, h, w, c, bound: 32767 } as const;
  const spec: NeuronSpec = {
    kind: Neuron.LI, period, shift, multipliers: most === undefined ? undefined : upTo(most), order: row.order,
    leak: row.leak ? random.integers(period, -500, 500) : undefined,
    decay: { form: Decay.Multiply, values: upTo(row.decay), bits: row.bits, rounding: row.rounding },
    ...LIMITS[row.limits], stateDType: row.state, windowReset: row.windowReset,
  };
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, spec);
  const densities = ["mixed max", 0.3, "max", 0, 1, "mixed max"] as const;
  const frames = Array.from({ length: STEPS }, (_, step) => fill(input, densities[step % densities.length]!, random));
  return { name, program: builder.build(a, [out]), frames, windows: [0, 5] };
});
