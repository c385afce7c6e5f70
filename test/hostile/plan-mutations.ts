import {
  ConcatField, DelayField, NeuronField, NONE, Op, OP_WORDS, OpField, PLAN_HEADER_WORDS, PlanField, TENSOR_WORDS, TensorField,
} from "../../assembly/abi.js";
import type { Random } from "../conformance/random.js";

export interface Mutation {
  readonly what: string;
  readonly plan: Uint8Array;
  /** Whether tensors and state keep places of their own, so that the result does not hang on the order inside an op. */
  readonly placesKept: boolean;
}

const PLACES: Readonly<Partial<Record<Op, readonly number[]>>> = {
  // A part of the output that is no longer written holds whatever was there before.
  [Op.Concat]: [ConcatField.ChannelOffset],
  [Op.Neuron]: [NeuronField.State, NeuronField.StateDType, NeuronField.Current],
  [Op.DelayRead]: [DelayField.State, DelayField.Steps, DelayField.Bytes],
  [Op.DelayWrite]: [DelayField.State, DelayField.Steps, DelayField.Bytes],
};

/** What a word is replaced by: the ends of every range, its neighbours, and a bit more or less. */
function replacements(word: number, random: Random): number[] {
  return [0, 1, 2, NONE, 0x7fffffff, 0x80000000, word + 1, word - 1, word + 16, word * 2, word ^ (1 << random.integer(0, 31))];
}

/** One word replaced; every word of the plan in turn, with the replacements that `keep` lets through. */
export function* singleWords(plan: Uint8Array, random: Random, keep: () => boolean): Generator<Mutation> {
  const words = wordsOf(plan);
  for (const [at, word] of words.entries()) {
    for (const replacement of replacements(word, random)) {
      if (replacement >>> 0 === word || !keep()) continue;
      yield { what: `word ${at}: ${word} → ${replacement >>> 0}`, plan: replaced(plan, [[at, replacement]]),
        placesKept: !isPlace(words, at) };
    }
  }
}

/** Several words of any plan replaced, or bits turned, at once. */
export function* severalWords(plan: Uint8Array, random: Random, cases: number): Generator<Mutation> {
  const words = wordsOf(plan);
  for (let i = 0; i < cases; i++) {
    const changes = Array.from({ length: random.integer(2, 6) }, (): [number, number] => {
      // The magic, the version and the length would end most of these early.
      const at = random.integer(PlanField.Ops, words.length - 1);
      return [at, random.pick(replacements(words[at]!, random))];
    });
    const what = changes.map(([at, value]) => `word ${at}: ${words[at]} → ${value >>> 0}`).join(", ");
    yield { what, plan: replaced(plan, changes), placesKept: changes.every(([at]) => !isPlace(words, at)) };
  }
}

/** The plan cut short, with and without a header that knows it. */
export function* truncations(plan: Uint8Array, random: Random, cases: number): Generator<Mutation> {
  for (let i = 0; i < cases; i++) {
    const length = i < 8 ? i * 12 : random.integer(0, plan.length - 1);
    const cut = plan.slice(0, length);
    yield { what: `cut to ${length} bytes`, plan: cut, placesKept: false };
    if (length < PLAN_HEADER_WORDS * 4) continue;
    const told = replaced(cut.slice(0, length & ~3), [[PlanField.PlanBytes, length & ~3]]);
    yield { what: `cut to ${length & ~3} bytes, and saying so`, plan: told, placesKept: false };
  }
}

function isPlace(words: Uint32Array, at: number): boolean {
  const opsAt = PLAN_HEADER_WORDS + words[PlanField.Tensors]! * TENSOR_WORDS;
  if (at < PLAN_HEADER_WORDS) return at !== PlanField.FrameCap && at !== PlanField.Timesteps && at !== PlanField.Identity;
  if (at < opsAt) return (at - PLAN_HEADER_WORDS) % TENSOR_WORDS !== TensorField.FractionBits;
  const op = Math.floor((at - opsAt) / OP_WORDS);
  if (op >= words[PlanField.Ops]!) return true;
  const field = (at - opsAt) % OP_WORDS;
  return field <= OpField.Out || (PLACES[words[opsAt + op * OP_WORDS] as Op] ?? []).includes(field);
}

function wordsOf(plan: Uint8Array): Uint32Array {
  const view = new DataView(plan.buffer, plan.byteOffset, plan.byteLength);
  return Uint32Array.from({ length: plan.length >> 2 }, (_, i) => view.getUint32(i * 4, true));
}

function replaced(plan: Uint8Array, changes: readonly (readonly [at: number, word: number])[]): Uint8Array {
  const copy = plan.slice();
  const view = new DataView(copy.buffer);
  for (const [at, word] of changes) view.setUint32(at * 4, word >>> 0, true);
  return copy;
}
