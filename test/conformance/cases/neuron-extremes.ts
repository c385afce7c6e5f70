import { Decay, DType, Fire, MAX_LEAK, MAX_NEURON_INPUT, MAX_POTENTIAL, Neuron, Order, Reset, Rounding } from "../../../assembly/abi.js";
import { ProgramBuilder, type TensorSpec } from "../builder.js";
import { neuron, type NeuronSpec } from "../neuron-builder.js";
import { Random } from "../random.js";
import { fill, type Case } from "./case.js";

const GREATEST: TensorSpec = { dtype: DType.I32, h: 2, w: 2, c: 9, bound: MAX_NEURON_INPUT };
const FIRES: Readonly<Record<string, Fire>> = { "≥": Fire.AtLeast, ">": Fire.Above, "half up": Fire.HalfUp, "half even": Fire.HalfEven };

/** Where an i32 sum or product that is one step too narrow would wrap. */
const PLAIN: NeuronSpec = {
  kind: Neuron.LIF, period: 9, fire: Fire.AtLeast, reset: Reset.Subtract, maxCount: 15,
  thresholds: new Array<number>(9).fill(MAX_POTENTIAL), min: -MAX_POTENTIAL, max: MAX_POTENTIAL, stateDType: DType.I32,
};
const LEAK = [MAX_LEAK, -MAX_LEAK, MAX_LEAK, 0, -MAX_LEAK, 1, -1, MAX_LEAK, -MAX_LEAK];
const KEEP = { form: Decay.Multiply, values: new Array<number>(9).fill(2 ** 30), bits: 30 };

function* rows(): Generator<readonly [name: string, spec: NeuronSpec, input?: TensorSpec]> {
  for (const [fireName, fire] of Object.entries(FIRES)) {
    const greatest = fire === Fire.HalfUp || fire === Fire.HalfEven ? 268435454 : MAX_POTENTIAL;
    for (const theta of [greatest, 2, 715827882 % greatest & ~1]) {
      for (const resetDelayed of [false, true]) {
        const thresholds = new Array<number>(9).fill(theta);
        yield [`15 spikes of θ = ${theta}, ${fireName}${resetDelayed ? ", delayed" : ""}`,
          { ...PLAIN, fire, thresholds, leak: LEAK, resetDelayed }];
      }
    }
    const i16 = { ...PLAIN, fire, min: -32768, max: 32767, stateDType: DType.I16 as const,
      thresholds: [2, 4, 100, 65534, 32766, 32768, 30, 6, 8] };
    yield [`i16 to its ends, ${fireName}`, i16, { dtype: DType.I16, h: 2, w: 2, c: 9, bound: 32767 }];
    yield [`i16 to its ends, ${fireName}, delayed`, { ...i16, resetDelayed: true }, { dtype: DType.I16, h: 2, w: 2, c: 9, bound: 32767 }];
  }
  for (const order of [Order.DecayFirst, Order.InputFirst])
    for (const rounding of [Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero]) {
      const name = `order ${order}, rounding ${rounding}`;
      yield [`whole multipliers, ${name}`, { ...PLAIN, order, leak: LEAK, decay: { ...KEEP, rounding } }];
      yield [`one bit, ${name}`, { ...PLAIN, order, leak: LEAK,
        decay: { ...KEEP, values: [1, 0, 2, 1, 0, 2, 1, 1, 1], bits: 1, rounding } }];
      yield [`currents at their ends, ${name}`, {
        ...PLAIN, kind: Neuron.CubaLIF, order, leak: LEAK, decay: { ...KEEP, rounding },
        currentDecay: { ...KEEP, values: [2 ** 30, 2 ** 30 - 1, 2 ** 29, 1, 0, 2 ** 30, 3, 2 ** 28, 2 ** 30], rounding },
      }];
    }
  for (const shift of [1, 30]) {
    yield [`decay by a shift of ${shift}`, { ...PLAIN, leak: LEAK, decay: { form: Decay.Shift, values: new Array<number>(9).fill(shift) } }];
  }
  yield ["reset to the ends", { ...PLAIN, leak: LEAK, thresholds: new Array<number>(9).fill(1), reset: Reset.Value,
    resetValues: [MAX_POTENTIAL, -MAX_POTENTIAL, 0, 1, -1, 5, 6, 7, 8] }];
  yield ["readout at its ends", { ...PLAIN, kind: Neuron.LI, leak: LEAK }];
  yield ["counts of the greatest drive", { kind: Neuron.Counts, period: 9, leak: LEAK, fire: Fire.HalfUp, fractionBits: 28, maxCount: 15 }];
  yield ["counts of the greatest drive, half even",
    { kind: Neuron.Counts, period: 9, leak: LEAK, fire: Fire.HalfEven, fractionBits: 28, maxCount: 15 }];
  yield ["thresholds at the ends of i32", {
    kind: Neuron.Thresholds, period: 1, leak: [MAX_LEAK], maxCount: 4, thresholds: [-2147483648, -2147483648, MAX_NEURON_INPUT, 2147483647],
  }];
  yield ["the greatest multiplier", {
    ...PLAIN, multipliers: new Array<number>(9).fill(2147483647), shift: 31, thresholds: new Array<number>(9).fill(1000),
  }, { ...GREATEST, bound: MAX_NEURON_INPUT - 1 }];
  yield ["a shift of 62", { ...PLAIN, multipliers: new Array<number>(9).fill(2147483647), shift: 62 }, { ...GREATEST, bound: 2147483647 }];
}

export const EXTREME_CASES: readonly Case[] = [...rows()].map(([name, spec, input = GREATEST]) => {
  const random = new Random(name);
  const builder = new ProgramBuilder();
  const a = builder.tensor(input);
  const out = neuron(builder, a, spec);
  const densities = ["max", 1, "mixed max", 0.3, "max", "max", 0, "mixed max"] as const;
  const frames = Array.from({ length: 24 }, (_, step) => fill(input, densities[step % densities.length]!, random));
  return { name, program: builder.build(a, [out]), frames };
});
