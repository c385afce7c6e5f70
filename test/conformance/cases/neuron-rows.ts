import { Decay, DType, Fire, MAX_NEURON_INPUT, Neuron, Order, Reset, Rounding } from "../../../assembly/abi.js";
import type { TensorSpec } from "../builder.js";
import type { DecaySpec, NeuronSpec } from "../neuron-builder.js";
import type { Row } from "../pairwise.js";
import type { Random } from "../random.js";

const ROUNDINGS: Readonly<Record<string, Rounding>> = {
  "half up": Rounding.HalfUp, "half even": Rounding.HalfEven, floor: Rounding.Floor, "toward zero": Rounding.TowardZero,
};
const FIRES: Readonly<Record<string, Fire>> = { "≥": Fire.AtLeast, ">": Fire.Above, "half up": Fire.HalfUp, "half even": Fire.HalfEven };
const RESETS: Readonly<Record<string, Reset>> = { none: Reset.None, subtract: Reset.Subtract, zero: Reset.Zero, value: Reset.Value };

const DRIVE_AXES = {
  scale: ["none", "small shift", "shift 15", "shift 30", "shift 32", "shift 33"],
  leak: ["none", "array"],
  period: ["channel", "element", "one"],
} as const;
const STATE_AXES = {
  kind: ["LIF", "CubaLIF"],
  state: ["i16", "i32"],
  decay: ["none", "one shift", "shifts", "half up", "half even", "floor", "toward zero"],
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
export const LIF_AXES = { ...DRIVE_AXES, ...STATE_AXES, ...FIRE_AXES } as const;
export const LI_AXES = { ...DRIVE_AXES, ...STATE_AXES } as const;
export const STATELESS_AXES = { ...DRIVE_AXES, fire: ["≥", "half up", "half even", "thresholds"], maxCount: [1, 2, 4, 8, 15],
  fraction: [0, 1, 4, 8] } as const;

type DriveRow = Row<typeof DRIVE_AXES>;
type StateRow = Row<typeof STATE_AXES>;

/** A LIF or CubaLIF whose numbers are drawn so that it fires now and then on an input of any bound. */
export function spikingSpec(row: Row<typeof LIF_AXES>, input: TensorSpec, random: Random): NeuronSpec {
  const drive = drivePart(row, input, random);
  const theta = 2 * random.integer(20, 300);
  return {
    ...drive, ...statePart(row, drive.period, theta, random),
    kind: row.kind === "LIF" ? Neuron.LIF : Neuron.CubaLIF,
    thresholds: Array.from({ length: drive.period }, () => 2 * random.integer(1, theta / 2)),
    fire: FIRES[row.fire]!, maxCount: row.maxCount, reset: RESETS[row.reset]!, resetDelayed: row.resetDelayed,
    resetValues: row.reset === "value" ? random.integers(drive.period, -theta / 2, theta) : undefined,
  };
}

/** LI for a row of kind LIF, CubaLI for CubaLIF. */
export function integratingSpec(row: Row<typeof LI_AXES>, input: TensorSpec, random: Random): NeuronSpec {
  const drive = drivePart(row, input, random);
  return { ...drive, ...statePart(row, drive.period, 400, random), kind: row.kind === "LIF" ? Neuron.LI : Neuron.CubaLI };
}

export function statelessSpec(row: Row<typeof STATELESS_AXES>, input: TensorSpec, random: Random): NeuronSpec {
  const drive = drivePart(row, input, random);
  if (row.fire !== "thresholds")
    return { ...drive, kind: Neuron.Counts, maxCount: row.maxCount, fire: FIRES[row.fire]!, fractionBits: row.fraction };
  const rising = (): number[] => random.integers(row.maxCount, -100, 400).sort((a, b) => a - b);
  return { ...drive, kind: Neuron.Thresholds, maxCount: row.maxCount, thresholds: Array.from({ length: drive.period }, rising).flat() };
}

/** Any neuron at all. */
export function randomNeuron(input: TensorSpec, random: Random): NeuronSpec {
  const draw = <A extends Readonly<Record<string, readonly unknown[]>>>(axes: A): Row<A> =>
    Object.fromEntries(Object.entries(axes).map(([name, values]) => [name, random.pick(values)])) as Row<A>;
  return random.pick([
    () => spikingSpec(draw(LIF_AXES), input, random),
    () => integratingSpec(draw(LI_AXES), input, random),
    () => statelessSpec(draw(STATELESS_AXES), input, random),
  ])();
}

/** Scales an input of any bound to a few hundred. */
function drivePart(row: DriveRow, input: TensorSpec, random: Random): Pick<NeuronSpec, "period" | "multipliers" | "shift" | "leak"> {
  const period = { channel: input.c, element: input.h * input.w * input.c, one: 1 }[row.period];
  const shift = { none: 0, "small shift": 3, "shift 15": 15, "shift 30": 30, "shift 32": 32, "shift 33": 33 }[row.scale];
  const most = Math.max(1, Math.min(2147483647, Math.floor((400 / input.bound) * 2 ** shift)));
  const plain = row.scale === "none" && input.bound <= MAX_NEURON_INPUT;
  return {
    period, shift: plain || row.scale !== "none" ? shift : 30,
    multipliers: plain ? undefined : random.integers(period, 0, most),
    leak: row.leak === "none" ? undefined : random.integers(period, -30, 30),
  };
}

function decaySpec(form: StateRow["decay"], period: number, random: Random): DecaySpec {
  if (form === "none") return { form: Decay.None };
  if (form === "one shift") return { form: Decay.Shift, values: new Array<number>(period).fill(random.pick([1, 3, 7, 15, 16])) };
  if (form === "shifts") return { form: Decay.Shift, values: random.integers(period, 1, 6) };
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
