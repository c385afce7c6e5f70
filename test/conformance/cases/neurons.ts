import { DType } from "../../../assembly/abi.js";
import { ProgramBuilder, type TensorSpec } from "../builder.js";
import { neuron, type NeuronSpec } from "../neuron-builder.js";
import { pairwise, type Row } from "../pairwise.js";
import { Random } from "../random.js";
import { fill, type Case } from "./case.js";
import { integratingSpec, LI_AXES, LIF_AXES, spikingSpec, STATELESS_AXES, statelessSpec } from "./neuron-rows.js";

const STEPS = 24;
const WINDOWS = [5, 6, 17];

const INPUT_AXES = {
  size: ["1×1×1", "1×1×3", "2×3×5", "1×1×17", "2×2×33", "2×2×16", "3×1×64", "3×3×40", "5×5×13"],
  input: ["u8", "i8", "i16", "i32"],
} as const;

/** Every pair of any two attributes occurs in some row. */
const SPIKING = pairwise({ ...INPUT_AXES, ...LIF_AXES }, new Random("LIF"));
const INTEGRATING = pairwise({ ...INPUT_AXES, ...LI_AXES }, new Random("LI"));
const STATELESS = pairwise({ ...INPUT_AXES, ...STATELESS_AXES }, new Random("stateless"));

export const SPIKING_CASES: readonly Case[] = SPIKING.map((row, i) => neuronCase(i, row, spikingSpec));
export const INTEGRATING_CASES: readonly Case[] = INTEGRATING.map((row, i) => neuronCase(i, row, integratingSpec));
export const STATELESS_CASES: readonly Case[] = STATELESS.map((row, i) => neuronCase(i, row, statelessSpec));

function neuronCase<R extends Row<typeof INPUT_AXES>>(
  i: number, row: R, specOf: (row: R, input: TensorSpec, random: Random) => NeuronSpec,
): Case {
  const name = `${i}: ${Object.entries(row).map(([axis, value]) => `${axis} ${String(value)}`).join(", ")}`;
  const random = new Random(name);
  const input = inputSpec(row);
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, specOf(row, input, random));
  return { name, program: builder.build(a, [out]), frames: frames(input, random), windows: WINDOWS };
}

function inputSpec(row: Row<typeof INPUT_AXES>): TensorSpec {
  const [h, w, c] = row.size.split("×").map(Number) as [number, number, number];
  return {
    u8: { dtype: DType.U8, h, w, c, bound: 255 },
    i8: { dtype: DType.I8, h, w, c, bound: 127 },
    i16: { dtype: DType.I16, h, w, c, bound: 32767 },
    i32: { dtype: DType.I32, h, w, c, bound: 8000000 },
  }[row.input];
}

function frames(input: TensorSpec, random: Random): Uint8Array[] {
  const densities = [0.3, 1, 0.05, "mixed max", 0, "max"] as const;
  return Array.from({ length: STEPS }, (_, step) => fill(input, densities[step % densities.length]!, random));
}
