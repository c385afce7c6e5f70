import fc from "fast-check";
import { Fire, Order, Reset, Rounding } from "../../assembly/abi.js";
import type { IntegerGraph, IntegerNode, Pair, WeightBits } from "../../models/graph/integer.js";

/** T of the graphs' windows. */
export const TIMESTEPS = 4;

interface Size {
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

/** A generator of small whole numbers out of one seed: mulberry32. */
class Dice {
  constructor(private seed: number) {}

  /** 0..n−1 */
  below(n: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
  /** int8 or int4, one set for all timesteps or one for each. */
  weights(length: number): { weight: Int8Array; weightBits?: WeightBits; timesteps?: number } {
    const weightBits = this.one([undefined, 8, 4, 4] as const), most = weightBits === 4 ? 7 : 127;
    const timesteps = this.one([undefined, undefined, TIMESTEPS]);
    const weight = Int8Array.from({ length: length * (timesteps ?? 1) }, () => this.from(-most, most));
    return { weight, ...(weightBits && { weightBits }), ...(timesteps && { timesteps }) };
  }
  /** One for all, one a channel, or one an element. */
  parameter(size: Size, low: number, high: number): number | Int32Array {
    const length = this.one([0, size.c, size.h * size.w * size.c]);
    return length === 0 ? this.from(low, high) : Int32Array.from({ length }, () => this.from(low, high));
  }
}

/** Grows a graph: counts go into weighted nodes, their sums into neurons, and so on; branches meet in Add and Concat. */
class Grower {
  readonly nodes: IntegerNode[] = [];
  readonly #sizes = new Map<string, Size>();
  #last = "input";

  constructor(private readonly dice: Dice, input: Size) {
    this.add({ type: "Input", name: "input", shape: [input.h, input.w, input.c], dtype: "u8", bound: 15 }, input);
  }

  get size(): Size {
    return this.#sizes.get(this.#last)!;
  }

  add(node: IntegerNode, size: Size): string {
    this.nodes.push(node);
    this.#sizes.set(node.name, size);
    return (this.#last = node.name);
  }

  name(kind: string): string {
    return `${kind}${this.nodes.length}`;
  }

  /** conv, its neuron, and now and then a pool, a branch or a delay around them. */
  block(): void {
    const from = this.#last;
    this.conv();
    this.neuron();
    switch (this.dice.below(8)) {
      case 0: return this.pool();
      case 1: return this.concatWith(from);
      case 2: return this.addTwice();
      case 3: return this.delay();
      case 4: return this.recurrent();
      case 5: return this.requantise();
      case 6: return this.upsample();
    }
  }

  conv(): void {
    const { dice, size } = this;
    const kernel: Pair = [dice.from(1, Math.min(3, size.h)), dice.from(1, Math.min(3, size.w))];
    const padding: Pair = [dice.below(kernel[0]), dice.below(kernel[1])];
    const stride: Pair = [dice.from(1, 2), dice.from(1, 2)];
    const groups = dice.one([1, 1, size.c]);
    const outChannels = groups === 1 ? dice.from(1, 9) : groups * dice.from(1, 2);
    const h = Math.floor((size.h + 2 * padding[0] - kernel[0]) / stride[0]) + 1;
    const w = Math.floor((size.w + 2 * padding[1] - kernel[1]) / stride[1]) + 1;
    const bias = dice.below(2) === 0 ? {} : { bias: Int32Array.from({ length: outChannels }, () => dice.from(-999, 999)) };
    this.add({
      type: "Conv2d", name: this.name("conv"), input: this.#last,
      ...dice.weights(outChannels * (size.c / groups) * kernel[0] * kernel[1]),
      outChannels, kernel, stride, padding, dilation: [1, 1], groups, ...bias,
    }, { h, w, c: outChannels });
  }

  neuron(): void {
    const { dice, size } = this;
    const scaled = { multiplier: dice.parameter(size, 0, 400), shift: dice.from(0, 8), leak: dice.parameter(size, -50, 50) };
    const base = { name: this.name("neuron"), input: this.#last };
    if (dice.below(2) === 0) {
      this.add({ ...base, ...scaled, type: "Counts", fractionBits: dice.from(0, 12),
        fire: dice.one([Fire.HalfUp, Fire.HalfEven, Fire.AtLeast]), maxCount: dice.from(1, 15) }, size);
      return;
    }
    this.add({
      ...base, ...scaled, type: "IF", decay: { form: "none" }, order: Order.DecayFirst, vMin: -30000, vMax: 30000, dtype: "i16",
      fractionBits: 4,
      threshold: dice.parameter(size, 1, 3000), fire: Fire.AtLeast, maxCount: dice.from(1, 15), reset: Reset.Subtract,
    }, size);
  }

  pool(): void {
    const { dice, size } = this;
    const kernel: Pair = [dice.from(1, size.h), dice.from(1, size.w)];
    const padding: Pair = [dice.below(kernel[0]), dice.below(kernel[1])];
    const stride: Pair = [dice.from(1, 2), dice.from(1, 2)];
    const h = Math.floor((size.h + 2 * padding[0] - kernel[0]) / stride[0]) + 1;
    const w = Math.floor((size.w + 2 * padding[1] - kernel[1]) / stride[1]) + 1;
    const base = { name: this.name("pool"), input: this.#last, kernel, stride, padding };
    const type = dice.one(["MaxPool2d", "SumPool2d", "AvgPool2d"] as const);
    this.add(type === "AvgPool2d" ? { ...base, type, multiplier: dice.from(1, 300), shift: 8, fractionBits: 2 } : { ...base, type },
      { ...size, h, w });
  }

  /** With an earlier value of the same height and width, when there is one; fraction bits agree, for both are counts. */
  concatWith(earlier: string): void {
    const { size } = this;
    const other = this.#sizes.get(earlier)!;
    const node = this.nodes.find(({ name }) => name === earlier)!;
    const counts = node.type === "Counts" || node.type === "IF" || node.type === "Input";
    if (other.h !== size.h || other.w !== size.w || !counts) return;
    this.add({ type: "Concat", name: this.name("concat"), inputs: [earlier, this.#last, earlier] }, { ...size, c: size.c + 2 * other.c });
  }

  addTwice(): void {
    this.add({ type: "Add", name: this.name("add"), inputs: [this.#last, this.#last, this.#last] }, this.size);
  }

  delay(): void {
    const { h, w, c } = this.size;
    const name = this.name("delay");
    this.add({ type: "Delay", name, input: this.#last, steps: this.dice.from(1, 3), shape: [h, w, c], dtype: "u8", bound: 15 }, this.size);
  }

  /** count = Counts(add(count, count of the timestep before)): a loop through a Delay that stands before its input. */
  recurrent(): void {
    const { h, w, c } = this.size;
    const source = this.#last;
    const delay = this.name("back");
    const counts = `${delay}-counts`;
    this.add({ type: "Delay", name: delay, input: counts, steps: 1, shape: [h, w, c], dtype: "u8", bound: 7 }, { h, w, c });
    const add = this.add({ type: "Add", name: this.name("add"), inputs: [source, delay] }, { h, w, c });
    this.add({ type: "Counts", name: counts, input: add, fractionBits: 1, fire: Fire.HalfUp, maxCount: 7 }, { h, w, c });
  }

  requantise(): void {
    const { dice, size } = this;
    this.add({
      type: "Requantise", name: this.name("requantise"), input: this.#last, multiplier: dice.parameter(size, 0, 900),
      shift: dice.from(0, 10),
      rounding: dice.one([Rounding.HalfUp, Rounding.HalfEven, Rounding.Floor, Rounding.TowardZero]), offset: dice.parameter(size, -20, 20),
      dtype: dice.one(["u8", "i8", "i16"] as const), fractionBits: 3,
    }, size);
  }

  upsample(): void {
    const factor: Pair = [this.dice.from(1, 2), this.dice.from(1, 2)];
    this.add({ type: "Upsample", name: this.name("up"), input: this.#last, factor },
      { ...this.size, h: this.size.h * factor[0], w: this.size.w * factor[1] });
  }

  /** Flatten, linear, readout. */
  finish(): IntegerGraph {
    const { dice, size } = this;
    const outFeatures = dice.from(1, 12);
    const flat = this.add({ type: "Flatten", name: "flat", input: this.#last }, size);
    this.add({ type: "Linear", name: "linear", input: flat, ...dice.weights(outFeatures * size.h * size.w * size.c), outFeatures },
      { h: 1, w: 1, c: outFeatures });
    this.add({
      type: "I", name: "readout", input: "linear", decay: { form: "none" }, order: Order.DecayFirst, vMin: -1000000, vMax: 1000000,
      dtype: "i32",
      fractionBits: 0,
    }, this.size);
    return { nodes: this.nodes, outputs: ["readout"] };
  }
}

/** Small graphs of every node type but Threshold, GlobalMean and the leaky neurons. */
export const randomGraph: fc.Arbitrary<IntegerGraph> = fc.record({
  seed: fc.nat(), h: fc.integer({ min: 1, max: 7 }), w: fc.integer({ min: 1, max: 7 }), c: fc.integer({ min: 1, max: 3 }),
  blocks: fc.integer({ min: 0, max: 4 }),
}).map(({ seed, blocks, ...size }) => {
  const grower = new Grower(new Dice(seed), size);
  for (let i = 0; i < blocks; i++) grower.block();
  return grower.finish();
});
