import { Decay, DType, Fire, Neuron, Order, Reset, Rounding } from "../../../assembly/abi.js";
import { ProgramBuilder, type TensorSpec } from "../builder.js";
import { neuron, type DecaySpec, type NeuronSpec } from "../neuron-builder.js";
import { pairwise, type Row } from "../pairwise.js";
import { Random } from "../random.js";
import { fill, fills, type Case } from "./case.js";

const STEPS = 24;
const WINDOWS = [5, 6, 17];

const SIZES = ["1×1×1", "1×1×3", "2×3×5", "1×1×17", "2×2×33", "2×2×16", "3×1×64"] as const;
const ROUNDINGS: Readonly<Record<string, Rounding>> = {
  "half up": Rounding.HalfUp, "half even": Rounding.HalfEven, floor: Rounding.Floor, "toward zero": Rounding.TowardZero,
};
const FIRES: Readonly<Record<string, Fire>> = { "≥": Fire.AtLeast, ">": Fire.Above, "half up": Fire.HalfUp, "half even": Fire.HalfEven };
const RESETS: Readonly<Record<string, Reset>> = { none: Reset.None, subtract: Reset.Subtract, zero: Reset.Zero, value: Reset.Value };

const INPUT_AXES = {
  size: SIZES,
  input: ["u8", "i8", "i16", "i32"],
  scale: ["none", "small shift", "shift 15", "shift 30"],
  leak: ["none", "array"],
  period: ["channel", "element", "one"],
} as const;
const STATE_AXES = {
  kind: ["LIF", "CubaLIF"],
  state: ["i16", "i32"],
  decay: ["none", "shift", "half up", "half even", "floor", "toward zero"],
  order: ["decay first", "input first"],
  limits: ["wide", "narrow"],
  current: ["none", "half up", "half even", "floor", "toward zero"],
  currentOld: [false, true],
  windowReset: [false, true],
} as const;
const FIRE_AXES = {
  fire: ["≥", ">", "half up", "half even"],
  maxCount: [1, 2, 4, 8, 15],
  reset: ["none", "subtract", "zero", "value"],
  resetDelayed: [false, true],
} as const;
const LIF_AXES = { ...INPUT_AXES, ...STATE_AXES, ...FIRE_AXES } as const;
const LI_AXES = { ...INPUT_AXES, ...STATE_AXES } as const;
const STATELESS_AXES = { ...INPUT_AXES, fire: ["≥", "half up", "half even", "thresholds"], maxCount: [1, 2, 4, 8, 15], fraction: [0, 1, 4, 8] } as const;

type InputRow = Row<typeof INPUT_AXES>;
type StateRow = Row<typeof STATE_AXES>;

function inputSpec(row: InputRow): TensorSpec {
  const [h, w, c] = row.size.split("×").map(Number) as [number, number, number];
  return {
    u8: { dtype: DType.U8, h, w, c, bound: 255 },
    i8: { dtype: DType.I8, h, w, c, bound: 127 },
    i16: { dtype: DType.I16, h, w, c, bound: 32767 },
    i32: { dtype: DType.I32, h, w, c, bound: 8000000 },
  }[row.input];
}

/** Scales an input of any size to a few hundred, so that neurons of any row fire now and then. */
function inputPart(row: InputRow, input: TensorSpec, random: Random): Pick<NeuronSpec, "period" | "multipliers" | "shift" | "leak"> {
  const period = { channel: input.c, element: input.h * input.w * input.c, one: 1 }[row.period];
  const shift = { none: 0, "small shift": 3, "shift 15": 15, "shift 30": 30 }[row.scale];
  const most = Math.max(1, Math.min(2147483647, Math.floor((400 / input.bound) * 2 ** shift)));
  return {
    period, shift,
    multipliers: row.scale === "none" ? undefined : random.integers(period, 0, most),
    leak: row.leak === "none" ? undefined : random.integers(period, -30, 30),
  };
}

function decaySpec(form: StateRow["decay"], period: number, random: Random): DecaySpec {
  if (form === "none") return { form: Decay.None };
  if (form === "shift") return { form: Decay.Shift, values: random.integers(period, 1, 6) };
  const bits = random.pick([1, 4, 12, 15, 30]);
  return { form: Decay.Multiply, values: random.integers(period, 0, 2 ** bits), bits, rounding: ROUNDINGS[form]! };
}

function statePart(row: StateRow, period: number, theta: number, random: Random): Partial<NeuronSpec> {
  const greatest = row.state === "i16" ? 32767 : 1073741823;
  // Narrow limits let θ/2 below zero, as HalfUp needs, and are met often.
  const limits = row.limits === "narrow" ? { min: -theta / 2 - 1, max: theta * 2 + 3 } : { min: -greatest, max: greatest };
  const current = row.current === "none" ? { form: Decay.None } : decaySpec(row.current, period, random);
  return {
    ...limits,
    stateDType: row.state === "i16" ? DType.I16 : DType.I32,
    decay: decaySpec(row.decay, period, random),
    order: row.order === "decay first" ? Order.DecayFirst : Order.InputFirst,
    currentDecay: current, currentOld: row.currentOld, windowReset: row.windowReset,
  };
}

function frames(input: TensorSpec, random: Random): Uint8Array[] {
  const densities = [0.3, 1, 0.05, "mixed max", 0, "max"] as const;
  return Array.from({ length: STEPS }, (_, step) => fill(input, densities[step % densities.length]!, random));
}

function neuronCase(name: string, input: TensorSpec, spec: NeuronSpec, random: Random): Case {
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, spec);
  return { name, program: builder.build(a, [out]), frames: frames(input, random), windows: WINDOWS };
}

function spikingCases(): Case[] {
  return pairwise(LIF_AXES, new Random("LIF")).map((row, i) => {
    const name = `${row.kind} ${i}: ${describe(row)}`;
    const random = new Random(name);
    const input = inputSpec(row);
    const head = inputPart(row, input, random);
    const theta = 2 * random.integer(20, 300);
    const state = statePart(row, head.period, theta, random);
    return neuronCase(name, input, {
      ...head, ...state,
      kind: row.kind === "LIF" ? Neuron.LIF : Neuron.CubaLIF,
      thresholds: Array.from({ length: head.period }, () => 2 * random.integer(1, theta / 2)),
      fire: FIRES[row.fire]!, maxCount: row.maxCount, reset: RESETS[row.reset]!, resetDelayed: row.resetDelayed,
      resetValues: row.reset === "value" ? random.integers(head.period, -theta / 2, theta) : undefined,
    }, random);
  });
}

function integratingCases(): Case[] {
  return pairwise(LI_AXES, new Random("LI")).map((row, i) => {
    const kind = row.kind === "LIF" ? "LI" : "CubaLI";
    const name = `${kind} ${i}: ${describe({ ...row, kind })}`;
    const random = new Random(name);
    const input = inputSpec(row);
    const head = inputPart(row, input, random);
    return neuronCase(name, input, { ...head, ...statePart(row, head.period, 400, random), kind: kind === "LI" ? Neuron.LI : Neuron.CubaLI }, random);
  });
}

function statelessCases(): Case[] {
  return pairwise(STATELESS_AXES, new Random("stateless")).map((row, i) => {
    const kind = row.fire === "thresholds" ? Neuron.Thresholds : Neuron.Counts;
    const name = `${kind === Neuron.Counts ? "Counts" : "Thresholds"} ${i}: ${describe(row)}`;
    const random = new Random(name);
    const input = inputSpec(row);
    const head = inputPart(row, input, random);
    const rising = (): number[] => random.integers(row.maxCount, -100, 400).sort((a, b) => a - b);
    const spec: NeuronSpec = kind === Neuron.Thresholds
      ? { ...head, kind, maxCount: row.maxCount, thresholds: Array.from({ length: head.period }, rising).flat() }
      : { ...head, kind, maxCount: row.maxCount, fire: FIRES[row.fire]!, fractionBits: row.fraction };
    const builder = new ProgramBuilder();
    const a = builder.tensor(input);
    const out = neuron(builder, a, spec);
    return { name, program: builder.build(a, [out]), frames: [...fills(input, random), ...frames(input, random)] };
  });
}

function describe(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row).map(([name, value]) => `${name} ${String(value)}`).join(", ");
}

export const SPIKING_CASES: readonly Case[] = spikingCases();
export const INTEGRATING_CASES: readonly Case[] = integratingCases();
export const STATELESS_CASES: readonly Case[] = statelessCases();
