import { Random } from "../../host/simulator/random.js";
import type { WeightBits } from "../../models/graph/integer.js";
import { sumBound, weigh } from "./forward.js";
import { CLASSES, fanIn, INPUT_BOUND, macs, MAX_COUNT, type Layer } from "./layers.js";
import { fire, ONE, type Drive, type NeuronKind } from "./neurons.js";

export interface NetworkSpec {
  readonly layers: readonly Layer[];
  readonly neuron: NeuronKind;
  /** Share of non-zero elements wanted in the input and behind every neuron, 0..1. */
  readonly density: number;
  /** A global sum and a linear layer to CLASSES at the end; without it the last counts are the output. */
  readonly head: boolean;
  /** Input frames, drawn at that density, or these: u8[h, w, ci] each. With LIF neurons they are consecutive timesteps. */
  readonly frames: number | readonly Uint8Array[];
  readonly seed: number;
  /** 8 when left out; 4 is int4, −7..7. */
  readonly weightBits?: WeightBits;
}

export interface NetworkLayer {
  readonly layer: Layer;
  /** i8[k, k, ci, co], −127..127 or −7..7; [k, k, c] of a depthwise layer. */
  readonly weights: Int8Array;
  readonly drive: Drive;
}

/** A network whose weights are drawn and whose biases are calibrated, with frames and the outputs that they must give. */
export interface Network extends NetworkSpec {
  readonly parts: readonly NetworkLayer[];
  /** i8[co of the last layer, CLASSES]; empty without a head. */
  readonly headWeights: Int8Array;
  /** u8[h, w, ci] each. */
  readonly inputs: readonly Uint8Array[];
  /** Logits, or the last counts, of each frame in order, from a fresh state. */
  readonly outputs: readonly Int32Array[];
  /** Share of non-zero elements: the input's, then behind each layer. */
  readonly activity: readonly number[];
  readonly macs: number;
  /** A frame's synaptic operations on average: one for each weight that a non-zero input meets, whatever its count. */
  readonly operations: number;
}

const SAMPLE = 16384;

/** Draws weights, calibrates one layer after the other on what the layers before it emit, and runs all frames. Repeatable by seed. */
export function makeNetwork(spec: NetworkSpec): Network {
  const { layers, neuron, density, seed, weightBits = 8 } = spec;
  const random = new Random(seed, Math.round(density * 1e6));
  const [first] = layers as readonly [Layer, ...Layer[]];
  const { h, w, ci } = first, { frames } = spec;
  const inputs = typeof frames === "number" ? Array.from({ length: frames }, () => frame(h * w * ci, density, random)) : frames;
  const activity = [share(inputs)];
  const parts: NetworkLayer[] = [];
  let values: readonly Uint8Array[] = inputs;
  let operations = 0;
  for (const [i, layer] of layers.entries()) {
    const weights = drawWeights(fanIn(layer) * layer.co, weightBits, random);
    const results = values.map(value => weigh(layer, weights, value));
    operations += results.reduce((sum, result) => sum + result.operations, 0);
    const sums = results.map(result => result.sums);
    const bound = sumBound(layer, weights, i === 0 ? INPUT_BOUND : neuron === "counts" ? MAX_COUNT : 1);
    const drive = calibrate(neuron, sums, layer.co, density, bound);
    values = fire(neuron, sums, drive);
    activity.push(share(values));
    parts.push({ layer, weights, drive });
  }
  const last = layers.at(-1)!;
  const headWeights = spec.head ? drawWeights(last.co * CLASSES, weightBits, random) : new Int8Array(0);
  const outputs = values.map(counts => (spec.head ? logits(counts, last.co, headWeights) : Int32Array.from(counts)));
  const total = layers.reduce((sum, layer) => sum + macs(layer), 0);
  return { ...spec, parts, headWeights, inputs, outputs, activity, macs: total, operations: operations / inputs.length };
}

function frame(n: number, density: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: n }, () => {
    if (random.uniform() >= density) return 0;
    let count = 1;
    while (count < INPUT_BOUND && random.uniform() < 0.3) count++;
    return count;
  });
}

/** Greatest weight, and the spread of those that are drawn. */
const WEIGHTS: Readonly<Record<WeightBits, { readonly most: number; readonly spread: number }>> =
  { 8: { most: 127, spread: 42 }, 4: { most: 7, spread: 2.3 } };

function drawWeights(n: number, bits: WeightBits, random: Random): Int8Array {
  const { most, spread } = WEIGHTS[bits];
  return Int8Array.from({ length: n }, () => Math.max(-most, Math.min(most, Math.round(random.normal() * spread))));
}

/**
 * Multipliers that make a channel's spread one spike, and a bias that lets the wanted share of the layer fire: found by halving, for
 * the share falls as the bias does.
 */
function calibrate(neuron: NeuronKind, steps: readonly Int32Array[], channels: number, density: number, bound: number): Drive {
  const spreads = spreadsOf(steps[0]!, channels);
  // Products with the greatest sum, a bias as large among them, stay inside 31 bits.
  const shift = Math.max(1, Math.min(22, Math.floor(Math.log2(2 ** 30 / (2 * bound * (ONE / Math.min(...spreads)))))));
  const multiplier = Int32Array.from(spreads, spread => Math.max(1, Math.round((ONE / spread) * 2 ** shift)));
  const at = (lift: number): Drive => ({ bias: Int32Array.from(spreads, spread => Math.round(spread * lift)), multiplier, shift });
  const sample = steps.map(sums => everyFew(sums, channels));
  let low = -16, high = 16, best = at(0), least = Infinity;
  for (let turn = 0; turn < 16; turn++) {
    const middle = (low + high) / 2, drive = at(middle);
    const found = share(fire(neuron, sample, drive));
    if (Math.abs(found - density) < least) [best, least] = [drive, Math.abs(found - density)];
    if (found < density) low = middle;
    else high = middle;
  }
  return best;
}

/** About SAMPLE sums, of whole pixels from all over the image. */
function everyFew(sums: Int32Array, channels: number): Int32Array {
  const pixels = sums.length / channels, step = Math.max(1, Math.floor(sums.length / SAMPLE)) | 1;
  return Int32Array.from({ length: Math.ceil(pixels / step) * channels },
    (_, i) => sums[Math.floor(i / channels) * step * channels + (i % channels)]!);
}

function spreadsOf(sums: Int32Array, channels: number): number[] {
  const squares = new Array<number>(channels).fill(0);
  for (let i = 0; i < sums.length; i++) squares[i % channels]! += sums[i]! ** 2;
  return squares.map(square => Math.max(8, Math.sqrt((square * channels) / sums.length)));
}

function share(values: readonly Uint8Array[]): number {
  const lit = values.reduce((sum, counts) => sum + counts.reduce((n, count) => n + (count === 0 ? 0 : 1), 0), 0);
  return lit / values.reduce((sum, counts) => sum + counts.length, 0);
}

function logits(counts: Uint8Array, channels: number, weights: Int8Array): Int32Array {
  const pooled = new Int32Array(channels);
  counts.forEach((count, i) => (pooled[i % channels]! += count));
  return Int32Array.from({ length: CLASSES }, (_, o) => pooled.reduce((sum, n, c) => sum + n * weights[c * CLASSES + o]!, 0));
}

/** The reals that a neuron sees, in spikes: for engines that compute in floats. */
export function scaleOf({ multiplier, shift }: Drive, c: number): number {
  return multiplier[c]! / 2 ** shift / ONE;
}
