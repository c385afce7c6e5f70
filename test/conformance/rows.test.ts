import t from "tap";
import { Decay, DType, Fire, Neuron, Op, Order, Reset } from "../../assembly/abi.js";
import { seeds } from "../seeds.js";
import { ProgramBuilder, type TensorSpec } from "./builder.js";
import { fill, type Case } from "./cases/case.js";
import { randomNeuron } from "./cases/neuron-rows.js";
import { RunningProgram, testedVariants } from "./engine-under-test.js";
import { ONE_BY_ONE, outSize, type Geometry } from "./geometry.js";
import { conform } from "./harness.js";
import { neuron, type NeuronSpec } from "./neuron-builder.js";
import { Random } from "./random.js";

const STEPS = 8;
const CHANNELS = [1, 2, 3, 4, 8, 16, 24, 32, 40, 64, 100, 130, 200];
const INPUTS = [{ dtype: DType.U8, bound: 1 }, { dtype: DType.U8, bound: 4 }, { dtype: DType.U8, bound: 255 }, { dtype: DType.I8, bound: 1 },
  { dtype: DType.I16, bound: 90 }];

/** Weighted ops with the neurons that take their accumulators row by row: what the workspace's kernels are for. */
for (const seed of seeds())
  conform(t, Array.from({ length: 60 }, (_, i) => rowCase(new Random(seed + i), `seed ${seed}, case ${i}`)));

t.test("these cases go row by row", async (t) => {
  const cases = Array.from({ length: 60 }, (_, i) => rowCase(new Random(i), `case ${i}`));
  const passing = cases.filter(({ program }) => new RunningProgram("simd auto", program).passes(1));
  t.ok(passing.length > 35, `${passing.length} of 60`);
  t.ok(testedVariants().includes("simd spikes"));
});

/** Frames of many densities, among them rows of zeros between busy ones. */
function rowCase(random: Random, name: string): Case {
  for (;;) {
    const input: TensorSpec = { ...random.pick(INPUTS), h: random.integer(1, 9), w: random.integer(1, random.pick([12, 30])), c: random.pick(CHANNELS) };
    const geometry: Geometry = {
      kernel: random.pick([[3, 3], [3, 3], [1, 3], [2, 2], [5, 4], [1, 1]] as const), stride: [random.integer(1, 3), random.integer(1, 3)],
      pad: [random.integer(0, 3), random.integer(0, 3)], dilation: [random.pick([1, 1, 2]), 1],
    };
    const { h, w } = outSize(input, geometry);
    const op = random.pick([Op.Conv2d, Op.Depthwise, Op.Pointwise, Op.Linear] as const);
    const spatial = op === Op.Conv2d || op === Op.Depthwise;
    if (spatial && (h < 1 || w < 1)) continue;
    const outC = op === Op.Depthwise ? input.c : random.pick(CHANNELS);
    const taps = geometry.kernel[0] * geometry.kernel[1];
    const rows = { [Op.Conv2d]: taps * input.c, [Op.Depthwise]: taps, [Op.Pointwise]: input.c, [Op.Linear]: input.h * input.w * input.c }[op];
    // Small weights keep accumulators inside an i16, great ones do not.
    const bits = random.pick([8, 8, 4] as const), most = random.pick(bits === 4 ? [1, 7] : [1, 10, 127]);
    const draw = (): number[] => random.integers(rows * outC, -most, most);
    const builder = new ProgramBuilder();
    const later = random.chance(0.2) ? { later: [draw()] } : {};
    const bias = random.chance(0.7) ? random.integers(outC, -500, 500) : undefined;
    const sums = builder.weighted(op, builder.tensor(input), outC, spatial ? geometry : ONE_BY_ONE, { values: draw(), bias, bits, ...later });
    const out = neuron(builder, sums, rowNeuron(builder.tensors[sums]!, random));
    const program = builder.build(0, [out], { timesteps: 2 });
    const frames = Array.from({ length: STEPS }, () => withSilentRows(input, fill(input, random.pick([0, 0.05, 0.05, 0.3, 1, "max"]), random), random));
    return { name, program, frames, windows: [3] };
  }
}

function rowNeuron(input: TensorSpec, random: Random): NeuronSpec {
  const { c, bound } = input;
  const near = (): number => Math.max(1, Math.round((random.integer(50, 800) * 2 ** 15) / bound));
  const multipliers = Array.from({ length: c }, () => Math.min(near(), 2 ** 15 - 1));
  const maxCount = random.pick([1, 2, 4, 5, 15]);
  return random.pick([
    () => ({ kind: Neuron.Counts, period: c, multipliers, shift: 15, maxCount, fire: Fire.HalfUp, fractionBits: random.pick([0, 5, 8]) }),
    () => ({ kind: Neuron.Thresholds, period: c, maxCount,
      thresholds: Array.from({ length: c }, () => random.integers(maxCount, -bound, bound + 2).sort((a, b) => a - b)).flat() }),
    () => ({
      kind: Neuron.LIF, period: c, multipliers, shift: random.pick([15, 16, 12]), thresholds: Array.from({ length: c }, () => 2 * random.integer(20, 300)),
      fire: random.pick([Fire.AtLeast, Fire.HalfUp]), maxCount, reset: random.pick([Reset.Subtract, Reset.Zero]), order: Order.DecayFirst,
      decay: { form: Decay.Shift, values: new Array<number>(c).fill(3) }, min: -32768, max: 32767, stateDType: DType.I16 as const,
    }),
    () => randomNeuron(input, random),
  ])();
}

/** Some rows and pixels of the input made silent: stretches of single rows, and often all to the left and right of a few columns. */
function withSilentRows({ dtype, h, w, c }: TensorSpec, frame: Uint8Array, random: Random): Uint8Array {
  const bytes = c * (dtype === DType.I16 ? 2 : 1);
  for (let y = 0; y < h; y++) {
    const from = random.pick([0, 0, w >> 1, w]), to = random.integer(0, w);
    if (from < to) frame.fill(0, (y * w + from) * bytes, (y * w + to) * bytes);
  }
  if (random.chance(0.5)) {
    const first = random.integer(0, w), past = random.integer(first, Math.min(w, first + 6));
    for (let y = 0; y < h; y++) {
      frame.fill(0, y * w * bytes, (y * w + first) * bytes);
      frame.fill(0, (y * w + past) * bytes, (y + 1) * w * bytes);
    }
  }
  return frame;
}
