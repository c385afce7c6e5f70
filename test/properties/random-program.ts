import { DType, Fire, MAX_NEURON_INPUT, Neuron, Op, Rounding } from "../../assembly/abi.js";
import type { Case, Density } from "../conformance/cases/case.js";
import { DENSITIES, fill } from "../conformance/cases/case.js";
import { randomNeuron } from "../conformance/cases/neuron-rows.js";
import { greatestWeight } from "../conformance/cases/weighted.js";
import { accumulatorBound, greatestBound, ProgramBuilder, type TensorSpec, type Weights } from "../conformance/builder.js";
import { ONE_BY_ONE, outSize, type Geometry } from "../conformance/geometry.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";

const STEPS = 12;
const CHANNELS = [1, 2, 3, 5, 8, 16, 17, 33];
const MAX_SIDE = 10;
const MAX_CHANNELS = 70;

/** A small network of any ops in any order, recurrent loops among them, and frames for it: all follows from the seed. */
export function randomProgram(seed: number, size: number): Case {
  const random = new Random(seed);
  const builder = new ProgramBuilder();
  const input: TensorSpec = random.pick([
    { dtype: DType.U8, bound: random.pick([1, 2, 15, 127, 128, 255]) },
    { dtype: DType.I8, bound: random.pick([1, 127]) },
    { dtype: DType.I16, bound: random.pick([300, 32767]) },
  ].map((kind) => ({ ...kind, h: random.integer(1, 7), w: random.integer(1, 7), c: random.pick(CHANNELS) })));
  const net = new Net(builder, random, builder.tensor(input));
  const closeLoop = random.chance(0.5) ? net.openLoop() : () => undefined;
  while (builder.ops.length < size) net.grow();
  closeLoop();
  const windows = [random.integer(0, STEPS), random.integer(0, STEPS)];
  const densities = Array.from({ length: STEPS }, () => random.pick<Density>(DENSITIES));
  return {
    name: `seed ${seed}, size ${size}`,
    program: builder.build(0, net.outputs(), { timesteps: random.integer(1, 4) }),
    frames: densities.map((density) => fill(input, density, random)),
    windows,
  };
}

class Net {
  /** Tensors that hold a value at this point of the order. */
  readonly #ready: number[];

  constructor(readonly builder: ProgramBuilder, readonly random: Random, input: number) {
    this.#ready = [input];
  }

  /** Appends an op, or a few that belong together; nothing when the draw does not fit. */
  grow(): void {
    const a = this.random.pick(this.#ready);
    const out = this.random.pick([
      () => this.#weighted(a), () => this.#weighted(a), () => this.#requantise(a), () => this.#add(a), () => this.#concat(a),
      () => this.#pool(a), () => this.#resize(a), () => this.#neuron(a), () => this.#neuron(a), () => this.#delay(a), () => this.#residual(a),
    ])();
    if (out !== undefined) this.#ready.push(out);
  }

  /** A delay that is read from now on; the returned function writes it, from whatever there is by then. */
  openLoop(): () => void {
    const { h, w } = this.#spec(0);
    const c = this.random.pick([2, 5, 16]);
    const { out, words } = this.builder.delayRead({ dtype: DType.U8, h, w, c, bound: 15 }, this.random.integer(1, 3));
    this.#ready.push(out);
    return () => {
      const sources = this.#ready.filter((tensor) => tensor !== out && this.#spec(tensor).h === h && this.#spec(tensor).w === w
        && this.#isNarrow(tensor));
      const source = this.random.pick(sources);
      const sums = this.builder.weighted(Op.Pointwise, source, c, ONE_BY_ONE, this.#weights(this.#spec(source).c * c));
      const multiplier = Math.max(1, Math.floor(2 ** 30 / this.#spec(sums).bound));
      const counts = neuron(this.builder, sums, {
        kind: Neuron.Counts, period: 1, multipliers: [multiplier], shift: 22, maxCount: 15, fire: Fire.HalfUp, fractionBits: 3,
      });
      this.builder.delayWrite(counts, words);
    };
  }

  /** The last tensor, and up to two others. */
  outputs(): number[] {
    return [...new Set([this.#ready.at(-1)!, this.random.pick(this.#ready), this.random.pick(this.#ready)])];
  }

  #spec(tensor: number): TensorSpec {
    return this.builder.tensors[tensor]!;
  }
  #isNarrow(tensor: number): boolean {
    return this.#spec(tensor).dtype !== DType.I32;
  }

  #geometry(a: number, dilated: boolean): Geometry | undefined {
    const { random } = this;
    const pair = (low: number, high: number): [number, number] => [random.integer(low, high), random.integer(low, high)];
    const kernel = pair(1, 4);
    const geometry = {
      kernel, stride: pair(1, 3), pad: [random.integer(0, kernel[0] - 1), random.integer(0, kernel[1] - 1)] as const,
      dilation: dilated ? pair(1, 2) : ([1, 1] as const),
    };
    const { h, w } = outSize(this.#spec(a), geometry);
    return h >= 1 && w >= 1 ? geometry : undefined;
  }

  #weighted(a: number): number | undefined {
    if (!this.#isNarrow(a)) return undefined;
    const { h, w, c, bound } = this.#spec(a);
    const op = this.random.pick([Op.Conv2d, Op.Conv2d, Op.Depthwise, Op.Pointwise, Op.Linear] as const);
    const spatial = op === Op.Conv2d || op === Op.Depthwise;
    const geometry = spatial ? this.#geometry(a, true) : ONE_BY_ONE;
    if (geometry === undefined) return undefined;
    const groups = op === Op.Conv2d ? this.random.pick([1, 1, c]) : 1;
    const outC = op === Op.Depthwise ? c : groups > 1 ? c * this.random.integer(1, 2) : this.random.pick(CHANNELS);
    const taps = geometry.kernel[0] * geometry.kernel[1];
    const rows = { [Op.Conv2d]: (taps * c) / groups, [Op.Depthwise]: taps, [Op.Pointwise]: c, [Op.Linear]: h * w * c }[op];
    const bias = this.random.chance(0.5) ? this.random.integers(outC, -9999, 9999) : undefined;
    const weights = { ...this.#weights(rows * outC), bias };
    if (outC > MAX_CHANNELS || accumulatorBound(bound, weights, outC) > 2147483647) return undefined;
    return this.builder.weighted(op, a, outC, { ...geometry, groups }, weights);
  }

  /** Of int8 or int4. */
  #weights(length: number): Weights {
    const bits = this.random.pick([8, 8, 4] as const), most = greatestWeight(bits);
    return { values: this.random.integers(length, -most, most), bits };
  }

  #requantise(a: number): number {
    const { bound, c } = this.#spec(a);
    const to = this.random.pick([DType.U8, DType.I8, DType.I16, DType.I32]);
    const period = this.random.pick([1, c]);
    const shift = this.random.integer(10, 40);
    const most = Math.min(2147483647, Math.max(1, Math.floor((2 ** shift * greatestBound(to) * 1.5) / bound)));
    return this.builder.requantise(a, to, {
      multipliers: this.random.integers(period, 0, most), shift,
      rounding: this.random.pick([Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero]),
      offsets: this.random.chance(0.5) ? this.random.integers(period, -50, 50) : undefined,
    });
  }

  #add(a: number): number {
    const { dtype, h, w, c } = this.#spec(a);
    const alike = this.#ready.filter((tensor) => {
      const other = this.#spec(tensor);
      return other.dtype === dtype && other.h === h && other.w === w && other.c === c;
    });
    return this.builder.add(a, this.random.pick(alike));
  }

  /** Weights, rescaled to i16 and added to what is like it, itself where nothing is. */
  #residual(a: number): number | undefined {
    const sums = this.#weighted(a);
    if (sums === undefined) return undefined;
    const { bound, c } = this.#spec(sums), shift = this.random.integer(0, 34);
    const scaled = this.builder.requantise(sums, DType.I16, {
      multipliers: this.random.integers(c, 0, Math.min(2147483647, Math.ceil((40000 * 2 ** shift) / bound))), shift, rounding: Rounding.HalfUp,
    });
    this.#ready.push(scaled);
    return this.#add(scaled);
  }

  #concat(a: number): number | undefined {
    const { dtype, h, w } = this.#spec(a);
    const alike = this.#ready.filter((tensor) => this.#spec(tensor).dtype === dtype && this.#spec(tensor).h === h
      && this.#spec(tensor).w === w);
    const inputs = [a, ...Array.from({ length: this.random.integer(0, 2) }, () => this.random.pick(alike))];
    if (inputs.reduce((sum, tensor) => sum + this.#spec(tensor).c, 0) > MAX_CHANNELS) return undefined;
    return this.builder.concat(inputs);
  }

  #pool(a: number): number | undefined {
    const geometry = this.#geometry(a, false);
    if (geometry === undefined) return undefined;
    const { bound } = this.#spec(a);
    const area = geometry.kernel[0] * geometry.kernel[1];
    const { h, w } = outSize(this.#spec(a), geometry);
    const touches = (h - 1) * geometry.stride![0] - geometry.pad![0] < this.#spec(a).h
      && (w - 1) * geometry.stride![1] - geometry.pad![1] < this.#spec(a).w;
    if (this.random.chance(0.4)) return touches ? this.builder.maxPool(a, geometry) : undefined;
    if (bound * area > 2147483647) return undefined;
    const bytes = this.#spec(a).dtype === DType.U8 && bound * area <= 255;
    if (this.random.chance(0.5)) return this.builder.sumPool(a, bytes ? DType.U8 : DType.I32, geometry);
    return this.builder.avgPool(a, this.random.pick([DType.U8, DType.I8, DType.I16, DType.I32]), geometry, this.random.integer(0, 65536),
      this.random.integer(8, 20));
  }

  #resize(a: number): number | undefined {
    const { h, w, bound } = this.#spec(a);
    const [factorY, factorX] = [this.random.integer(1, 3), this.random.integer(1, 3)];
    const fits = h * factorY <= MAX_SIDE && w * factorX <= MAX_SIDE;
    if (this.random.chance(0.6)) return fits ? this.builder.upsample(a, factorY, factorX) : undefined;
    if (bound * h * w > 2147483647) return undefined;
    return this.builder.globalMean(a, this.random.pick([DType.I8, DType.I16, DType.I32]), this.random.integer(0, 65536),
      this.random.integer(8, 20));
  }

  #neuron(a: number): number | undefined {
    const spec = randomNeuron(this.#spec(a), this.random);
    const tooGreat = spec.multipliers === undefined && this.#spec(a).bound > MAX_NEURON_INPUT;
    return tooGreat ? undefined : neuron(this.builder, a, spec);
  }

  #delay(a: number): number {
    const { out, words } = this.builder.delayRead(this.#spec(a), this.random.integer(1, 4));
    this.builder.delayWrite(a, words);
    return out;
  }
}
