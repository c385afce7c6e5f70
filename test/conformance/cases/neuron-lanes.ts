import { Decay, DType, Fire, Neuron, Reset } from "../../../assembly/abi.js";
import { ProgramBuilder, type TensorSpec } from "../builder.js";
import { neuron, type NeuronSpec } from "../neuron-builder.js";
import { pairwise } from "../pairwise.js";
import { Random } from "../random.js";
import { fill, type Case } from "./case.js";

const STEPS = 20;

/** LIFs that fit 16-bit lanes, some only just, and some only just not: where a vector build could choose wrongly. */
const AXES = {
  fire: [Fire.AtLeast, Fire.Above, Fire.HalfUp],
  maxCount: [1, 2, 3, 7, 15],
  reset: [Reset.None, Reset.Subtract, Reset.Zero],
  decay: [0, 1, 4, 15, 16],
  /** The greatest θ, in parts of 32767 / (D + 1): all of it, one more, a tenth. */
  theta: ["limit", "beyond", "tenth"],
  limits: ["ends", "narrow"],
  /** Greatest |x|, in the units of the potential. */
  drive: ["32767 as is", "32767 scaled", "32768", "half of 2^17 beyond i32", "half of 2^16 beyond i32", "3000 scaled and leaking"],
  size: ["1×1×8", "2×3×16", "1×1×264", "3×3×24", "2×2×7"],
  period: ["channel", "element"],
} as const;

export const LANE_CASES: readonly Case[] = pairwise(AXES, new Random("lanes")).map((row, i) => {
  const name = `${i}: ${Object.entries(row).map(([axis, value]) => `${axis} ${String(value)}`).join(", ")}`;
  const random = new Random(name);
  const [h, w, c] = row.size.split("×").map(Number) as [number, number, number];
  const period = row.period === "channel" ? c : h * w * c;
  const greatest = Math.floor(32767 / (row.maxCount + 1)) + (row.theta === "beyond" ? 2 : 0);
  const most = Math.max(2, Math.floor((row.theta === "tenth" ? greatest / 10 : greatest) / 2) * 2);
  const { input, ...drive } = driven(row.drive, { h, w, c }, period, random);
  const spec: NeuronSpec = {
    ...drive, kind: Neuron.LIF, period, fire: row.fire, maxCount: row.maxCount, reset: row.reset,
    // Half of them at the greatest; all even, for half-up.
    thresholds: Array.from({ length: period }, () => (random.chance(0.5) ? most : 2 * random.integer(1, most / 2))),
    decay: row.decay === 0 ? { form: Decay.None } : { form: Decay.Shift, values: new Array<number>(period).fill(row.decay) },
    stateDType: DType.I16,
    ...(row.limits === "ends" ? { min: -32768, max: 32767 } : { min: -most / 2, max: Math.min(32767, most + 1) }),
  };
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, spec);
  const densities = ["mixed max", 1, "max", 0.3, 0, "max"] as const;
  const frames = Array.from({ length: STEPS }, (_, step) => fill(input, densities[step % densities.length]!, random));
  return { name, program: builder.build(a, [out]), frames };
});

type Drive = Pick<NeuronSpec, "multipliers" | "shift" | "leak"> & { readonly input: TensorSpec };

function driven(
  kind: (typeof AXES)["drive"][number], size: { readonly h: number; readonly w: number; readonly c: number }, period: number, random: Random,
): Drive {
  // 32767 · 65535 + 2^16 is the last product that an i32 holds.
  const scaled = { multipliers: Array.from({ length: period }, () => (random.chance(0.5) ? 65535 : random.integer(0, 65535))), shift: 16 };
  switch (kind) {
    case "32767 as is": return { input: { dtype: DType.I16, ...size, bound: 32767 } };
    case "32767 scaled": return { input: { dtype: DType.I32, ...size, bound: 32767 }, ...scaled };
    // 32768 · 65535 fits an i32, but not with half of 2^17, or of 2^16, added.
    case "half of 2^17 beyond i32": return { input: { dtype: DType.I32, ...size, bound: 32768 }, ...scaled, shift: 17 };
    case "half of 2^16 beyond i32": return { input: { dtype: DType.I32, ...size, bound: 32768 }, ...scaled };
    case "32768": return { input: { dtype: DType.I32, ...size, bound: 32768 } };
    case "3000 scaled and leaking":
      return { input: { dtype: DType.I32, ...size, bound: 3000 }, ...scaled, leak: random.integers(period, -500, 500) };
  }
}
