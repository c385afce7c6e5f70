import t from "tap";
import { DType, Fire, Neuron, Op, Rounding } from "../../assembly/abi.js";
import { seeds } from "../seeds.js";
import { greatestBound, ProgramBuilder, type Rescale, type TensorSpec } from "./builder.js";
import { fill, type Case } from "./cases/case.js";
import { RunningProgram } from "./engine-under-test.js";
import { ONE_BY_ONE, outSize, type Geometry } from "./geometry.js";
import { conform } from "./harness.js";
import { neuron } from "./neuron-builder.js";
import { Random } from "./random.js";

const STEPS = 6;
const CASES = 40;
const CHANNELS = [1, 3, 4, 8, 8, 16, 24, 40];
const ROUNDINGS = [Rounding.HalfUp, Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero];
const POOLS: readonly Geometry[] = [
  { kernel: [2, 2], stride: [2, 2] }, { kernel: [3, 3], stride: [2, 2], pad: [1, 1] }, { kernel: [3, 2], stride: [3, 1] },
  { kernel: [1, 2], stride: [2, 3] },
];

/** Residual blocks: weights, Requantise, Add to a stream, then counts and a pool of them. */
for (const seed of seeds())
  conform(t, Array.from({ length: CASES }, (_, i) => residualCase(new Random(seed + i), `seed ${seed}, case ${i}`)));

t.test("most of these go row by row, and some of those into the sum", async (t) => {
  const cases = Array.from({ length: CASES }, (_, i) => residualCase(new Random(i), `case ${i}`));
  const engines = cases.map(({ program }) => new RunningProgram("simd auto", program));
  const runs = (op: Op): number => engines.filter(({ program, engine }) =>
    program.ops.some((found, i) => found.op === op && engine.exports.isFused(i) !== 0)).length;
  t.ok(engines.filter((running) => running.passes(1)).length >= CASES / 3, "into a Requantise");
  t.ok(runs(Op.Requantise) >= CASES / 5, "into an Add");
  t.ok(runs(Op.Requantise) < CASES / 2, "others have another reader, or a delay between");
});

/** A stream of i16 that earlier timesteps, or other weights, have made; it saturates now and then. */
function residualCase(random: Random, name: string): Case {
  const size = { h: random.integer(1, 7), w: random.integer(1, 9), c: random.pick(CHANNELS) };
  const input: TensorSpec = { dtype: DType.U8, bound: random.pick([1, 4, 255]), ...size };
  const c = random.pick(CHANNELS), builder = new ProgramBuilder(), a = builder.tensor(input);
  const sums = weigh(builder, a, c, random), { h, w } = builder.tensors[sums]!;
  const spec: TensorSpec = { dtype: DType.I16, h, w, c, bound: greatestBound(DType.I16) };
  const scaled = builder.requantise(sums, DType.I16, rescaling(builder.tensors[sums]!.bound, c, random));
  const between = random.pick(["nothing", "nothing", "nothing", "delay", "reader"] as const);
  const loop = between === "delay" ? builder.delayRead(spec, random.integer(1, 2)) : undefined;
  const stream = loop?.out ?? earlier(builder, random, a, spec);
  const total = random.chance(0.5) ? builder.add(scaled, stream) : builder.add(stream, scaled);
  if (loop !== undefined) builder.delayWrite(total, loop.words);
  const counts = neuron(builder, total, {
    kind: Neuron.Counts, period: c, fire: Fire.HalfUp, maxCount: random.pick([1, 4, 15]), fractionBits: random.pick([8, 12]),
  });
  const fits = POOLS.filter((geometry) => outSize(spec, geometry).h >= 1 && outSize(spec, geometry).w >= 1);
  const geometry = random.pick([...fits, ONE_BY_ONE]);
  const pooled = random.chance(0.5) ? builder.maxPool(counts, geometry) : builder.sumPool(counts, DType.U8, geometry);
  const program = builder.build(a, [pooled, total, ...(between === "reader" ? [scaled] : [])], { timesteps: 2 });
  const frames = Array.from({ length: STEPS }, () => fill(input, random.pick([0, 0.05, 0.3, 1, "max"]), random));
  return { name, program, frames, windows: [3] };
}

/** A stream whose maker stands before the weights' op, so that nothing comes between that and its sum. */
function earlier(builder: ProgramBuilder, random: Random, a: number, spec: TensorSpec): number {
  const op = builder.ops.splice(-2);
  const input = builder.tensors[a]!;
  const rows = input.h * input.w * input.c;
  const flat = builder.weighted(Op.Linear, a, spec.c, ONE_BY_ONE, { values: random.integers(rows * spec.c, -127, 127) });
  const wide = builder.upsample(flat, spec.h, spec.w);
  const stream = builder.requantise(wide, DType.I16, rescaling(builder.tensors[wide]!.bound, spec.c, random));
  builder.ops.push(...op);
  return stream;
}

function weigh(builder: ProgramBuilder, a: number, outC: number, random: Random): number {
  const input = builder.tensors[a]!;
  for (;;) {
    const geometry: Geometry = {
      kernel: random.pick([[3, 3], [2, 1], [1, 1]] as const), stride: [random.integer(1, 2), random.integer(1, 2)],
      pad: [random.integer(0, 1), random.integer(0, 1)],
    };
    const op = random.pick([Op.Conv2d, Op.Conv2d, Op.Depthwise, Op.Pointwise, Op.Linear] as const);
    const spatial = op === Op.Conv2d || op === Op.Depthwise, { h, w } = outSize(input, geometry);
    if ((spatial && (h < 1 || w < 1)) || (op === Op.Depthwise && input.c !== outC)) continue;
    const taps = geometry.kernel[0] * geometry.kernel[1];
    const all = input.h * input.w * input.c;
    const rows = { [Op.Conv2d]: taps * input.c, [Op.Depthwise]: taps, [Op.Pointwise]: input.c, [Op.Linear]: all }[op];
    const bits = random.pick([8, 8, 4] as const), most = bits === 4 ? 7 : random.pick([10, 127]);
    const bias = random.chance(0.7) ? random.integers(outC, -500, 500) : undefined;
    const values = random.integers(rows * outC, -most, most);
    return builder.weighted(op, a, outC, spatial ? geometry : ONE_BY_ONE, { values, bias, bits });
  }
}

/** Brings ±bound to somewhat beyond an i16, or to less; small multipliers, and those of 31 bits. */
function rescaling(bound: number, c: number, random: Random): Rescale {
  const shift = random.pick([0, 4, 12, 25, 34]), period = random.pick([1, c, c]);
  const most = Math.min(2147483647, Math.max(1, Math.floor((random.pick([3000, 40000]) * 2 ** shift) / bound)));
  return {
    multipliers: random.integers(period, 0, most), shift, rounding: random.pick(ROUNDINGS),
    offsets: random.chance(0.4) ? random.integers(period, -3000, 3000) : undefined,
  };
}
