// Tables for neurons that take their accumulators row by row as i16 (neurons/counts-row.ts, lif-row.ts), made from the
// rule itself: nothing here is approximate, and where no table gives the same counts there is none.

import { Neuron, NeuronField, NONE, OpField } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { bound, width } from "../memory/tensor";
import { isWriting, prepared, PreparedNeuron, take } from "../memory/workspace";
import { countOf } from "../neurons/counts";
import { parameters } from "../neurons/drive";
import { MOST_LEVELS, MOST_PIXELS, Product } from "../neurons/lif-row";
import { isStateless, Path, pathOf } from "../neurons/neuron";
import { fitProducts, greatestOf } from "../numeric/products";

/** A threshold that no accumulator reaches. */
const NEVER: i32 = i16.MAX_VALUE;
const ALWAYS: i32 = i16.MIN_VALUE;

/** 15 counts above it still fit an i16. */
const MOST_FRACTION_BITS: i32 = 11;

/** @param most  greatest |accumulator|   @param narrow  whether accumulators come as i16 */
export function prepareNeuron(op: usize, most: i32, narrow: bool): void {
  const kind: Neuron = word(op, NeuronField.Kind), period = <i32>word(op, NeuronField.Period);
  let path = pathOf(op);
  const sixteen = path == Path.Spiking16Small || path == Path.Spiking16;
  if (kind == Neuron.LIF && sixteen && prepareProduct(op, period, narrow, path == Path.Spiking16Small)) path = Path.LifRows;
  if (narrow && isStateless(path) && (period & 7) == 0 && most < NEVER) prepareCounts(op, period, most);
  if (isWriting()) store<u32>(prepared(op) + (PreparedNeuron.Path << 2), path);
}

/** @param small  whether x is inside an i16   @returns whether neurons/lif-row.ts takes the op */
function prepareProduct(op: usize, period: i32, narrow: bool, small: bool): bool {
  const multipliers = parameters(op, NeuronField.Multipliers), shift = <i32>word(op, NeuronField.Shift);
  if (multipliers == 0 || word(op, NeuronField.Leak) != NONE || word(op, NeuronField.MaxCount) > MOST_LEVELS) return false;
  // Halved at least, x leaves an i32 room for the potential.
  if (!small && shift == 0) return false;
  const from = tensorRecord(word(op, OpField.A)), bytes = <usize>period << 2;
  if (width(from) > MOST_PIXELS || !fitProducts(multipliers, bytes, shift, bound(from))) return false;
  const q15 = narrow && small && shift <= 15 && <i64>greatestOf(multipliers, bytes) << (15 - shift) <= <i64>i16.MAX_VALUE;
  const factors = q15 ? take(<u32>bytes >> 1) : multipliers;
  if (!isWriting()) return true;
  if (q15) {
    for (let j: usize = 0; j < bytes; j += 4) store<i16>(factors + (j >> 1), <i16>(load<i32>(multipliers + j) << (15 - shift)));
  }
  store<usize>(prepared(op) + (PreparedNeuron.Factors << 2), factors);
  store<u32>(prepared(op) + (PreparedNeuron.Product << 2), q15 ? Product.Q15 : !narrow ? Product.Whole : small ? Product.Short : Product.Wide);
  return true;
}

function prepareCounts(op: usize, period: i32, bound: i32): void {
  const most = <i32>word(op, NeuronField.MaxCount);
  const table = take(<u32>(period * most) << 1), q15 = take(<u32>period << 1);
  if (!isWriting()) return;
  for (let j = 0; j < period; j++) {
    for (let s = 1; s <= most; s++) {
      store<i16>(table + (<usize>((s - 1) * period + j) << 1), <i16>thresholdOf(op, j, s, bound));
    }
  }
  const record = prepared(op);
  store<usize>(record + (PreparedNeuron.Thresholds << 2), table);
  // The more of an i16 accumulators fill, the finer the product.
  const gain = clz<i32>(max(bound, 1)) - 17;
  for (let f = MOST_FRACTION_BITS; f >= 0; f--) {
    if (!findFactors(table, q15, period, most, bound, f, gain)) continue;
    store<usize>(record + (PreparedNeuron.Factors << 2), q15);
    store<i32>(record + (PreparedNeuron.FractionBits << 2), f);
    store<i32>(record + (PreparedNeuron.Gain << 2), gain);
    return;
  }
}

/** The least accumulator within ±bound that gives parameter entry j at least `s` spikes. Counts do not fall as it grows. */
function thresholdOf(op: usize, j: i32, s: i32, bound: i32): i32 {
  if (countOf(op, j, -bound) >= s) return ALWAYS;
  if (countOf(op, j, bound) < s) return NEVER;
  let below = -bound, reached = bound;
  while (reached - below > 1) {
    const middle = (below + reached) >> 1;
    if (countOf(op, j, middle) >= s) reached = middle;
    else below = middle;
  }
  return reached;
}

/** Fills q15 with a factor for each parameter entry. @returns false when one has none */
function findFactors(table: usize, q15: usize, period: i32, most: i32, bound: i32, f: i32, gain: i32): bool {
  for (let j: usize = 0; j < <usize>period << 1; j += 2) {
    const factor = factorOf(table + j, period, most, bound, f, gain);
    if (factor < 0) return false;
    store<i16>(q15 + j, <i16>factor);
  }
  return true;
}

/**
 * A multiplier m for which x = ((acc << gain) · m + 2^14) >> 15 and (x + half) >> f reach every count at exactly these thresholds, or
 * −1 when there is none. θ is the least with (θ << gain) · m ≥ goal, so each threshold bounds m from both sides.
 * @param thresholds  i16, one every `stride` entries
 */
function factorOf(thresholds: usize, stride: i32, most: i32, bound: i32, f: i32, gain: i32): i32 {
  let low: i64 = 0, high: i64 = i16.MAX_VALUE;
  for (let s = 1; s <= most; s++) {
    const given = <i32>load<i16>(thresholds + (<usize>((s - 1) * stride) << 1));
    const goal = (<i64>(2 * s - 1) << (f + 14)) - (f == 0 ? 0 : 1 << 14);
    const theta = <i64>given << gain, unreached = <i64>(given == NEVER ? bound : given - 1) << gain;
    if (theta <= 0) return -1;
    if (given != NEVER) low = max<i64>(low, (goal + theta - 1) / theta);
    if (unreached > 0) high = min<i64>(high, (goal - 1) / unreached);
  }
  return low <= high ? <i32>low : -1;
}
