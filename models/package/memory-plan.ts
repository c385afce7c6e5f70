import { ALIGN, Op } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import { alignUp } from "./lowering/constant-pool.js";
import { tensorBytes } from "./lowering/builder.js";
import { opName } from "./op-names.js";
import type { Program } from "./program.js";

/** Bytes behind every tensor that a vector load or store past its last element may touch. */
export const TENSOR_SLACK = 16;

/** Where each tensor lies in the arena. */
export interface MemoryPlan {
  /** Byte offset of each tensor, a multiple of ALIGN. */
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
}

/** A tensor's room, and the ops (both ends included) during which nobody else may use it. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Places tensors so that two that live at the same op never share a byte: one after the other, each at the lowest free offset.
 * The order decides how much is wasted: the largest first is the first try, two others follow, and the best of them is improved by moving
 * tensors, above all those that reach the arena's end, to another turn. Everything is deterministic.
 * A tensor lives from the first op that writes it to the last that touches it; the input and the outputs live to the end of the timestep,
 * the input from its beginning. What an op reads whose output goes to a neuron lives until that neuron has run: an engine may run the
 * two row by row. A Requantise and an Add behind it run so only where their input happens to live on: memory of devices is worth more.
 * @throws ModelError NETWORK_CORRUPT when an op reads what none has written
 */
export function planMemory(program: Program): MemoryPlan {
  const lives = lifetimes(program);
  const least = leastArena(lives, program.ops.length);
  const orders = [bySize(lives), byArea(lives), byFullestOp(lives, program.ops.length)];
  const tries = orders.map((order) => ({ order, plan: place(lives, order) }));
  const best = tries.reduce((a, b) => (b.plan.arenaBytes < a.plan.arenaBytes ? b : a));
  return improve(lives, best.order, best.plan, least);
}

export function lifetimes(program: Program): Lifetime[] {
  const end = program.ops.length;
  const first = program.tensors.map(() => Infinity);
  const last = program.tensors.map(() => -1);
  first[program.input] = 0;
  last[program.input] = end;
  for (const [at, { op, name, a, b, out }] of program.ops.entries()) {
    for (const read of [a, b]) {
      if (read === undefined) continue;
      if (first[read]! > at)
        throw new ModelError("NETWORK_CORRUPT", `op ${at} (${opName(op)} of ${name}) reads what none has written`, "order the ops");
      last[read] = Math.max(last[read]!, program.ops[at + 1]?.op === Op.Neuron && program.ops[at + 1]!.a === out ? at + 1 : at);
    }
    if (out === undefined) continue;
    first[out] = Math.min(first[out]!, at);
    last[out] = Math.max(last[out]!, at);
  }
  for (const output of program.outputs) last[output] = end;
  return program.tensors.map((tensor, i) => {
    if (first[i] === Infinity) throw new ModelError("NETWORK_CORRUPT", `tensor ${i} (${tensor.name}) is never written`, "drop it");
    return { bytes: alignUp(tensorBytes(tensor) + TENSOR_SLACK, ALIGN), first: first[i]!, last: last[i]! };
  });
}

/** Bytes of the fullest op: no plan can need less. */
export function leastArena(lives: readonly Lifetime[], ops: number): number {
  return fullness(lives, ops).reduce((greatest, bytes) => Math.max(greatest, bytes), 0);
}

/** Placements compared while improving: enough for small networks, and a second's work for the largest. */
const MAX_ROUNDS = 400;
const MAX_COMPARISONS = 2e8;

function improve(lives: readonly Lifetime[], firstOrder: readonly number[], firstPlan: MemoryPlan, least: number): MemoryPlan {
  const rounds = Math.min(MAX_ROUNDS, Math.floor(MAX_COMPARISONS / lives.length ** 2));
  let order = [...firstOrder];
  let best = firstPlan;
  let choice = 1;
  for (let round = 0; round < rounds && best.arenaBytes > least; round++) {
    const highest = order.filter((i) => best.offsets[i]! + lives[i]!.bytes === best.arenaBytes);
    choice = Math.imul(choice, 1664525) + 1013904223; // Numerical Recipes' generator: any order of tries that repeats will do
    const candidates = round % 3 === 2 ? order : highest;
    const moved = candidates[(choice >>> 8) % candidates.length]!;
    const to = (choice >>> 16) % order.length;
    const other = order.filter((i) => i !== moved);
    other.splice(to, 0, moved);
    const plan = place(lives, other);
    if (plan.arenaBytes > best.arenaBytes) continue;
    order = other;
    best = plan;
  }
  return best;
}

function place(lives: readonly Lifetime[], order: readonly number[]): MemoryPlan {
  const offsets = lives.map(() => 0);
  const placed: number[] = []; // in the order of their offsets
  let arenaBytes = 0;
  for (const i of order) {
    const life = lives[i]!;
    let offset = 0;
    for (const other of placed) {
      const { first, last, bytes } = lives[other]!;
      if (first > life.last || last < life.first) continue;
      if (offsets[other]! >= offset + life.bytes) break;
      offset = Math.max(offset, offsets[other]! + bytes);
    }
    offsets[i] = offset;
    placed.splice(firstAbove(placed, offsets, offset), 0, i);
    arenaBytes = Math.max(arenaBytes, offset + life.bytes);
  }
  return { offsets, arenaBytes };
}

function firstAbove(placed: readonly number[], offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[placed[middle]!]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bySize(lives: readonly Lifetime[]): number[] {
  return sorted(lives, ({ bytes }) => bytes);
}

function byArea(lives: readonly Lifetime[]): number[] {
  return sorted(lives, ({ bytes, first, last }) => bytes * (last - first + 1));
}

/** Tensors of the fullest op first: they decide the arena. */
function byFullestOp(lives: readonly Lifetime[], ops: number): number[] {
  const full = fullness(lives, ops);
  const greatest = lives.map(({ first, last }) => full.slice(first, last + 1).reduce((a, b) => Math.max(a, b), 0));
  return sorted(lives, ({ bytes }, i) => greatest[i]! * 2 ** 32 + bytes);
}

function fullness(lives: readonly Lifetime[], ops: number): number[] {
  const full = new Array<number>(ops + 1).fill(0);
  for (const { bytes, first, last } of lives) for (let at = first; at <= last; at++) full[at]! += bytes;
  return full;
}

/** Indices by falling weight; equal ones keep their order, so that the plan is the same every time. */
function sorted(lives: readonly Lifetime[], weight: (life: Lifetime, i: number) => number): number[] {
  const weights = lives.map(weight);
  return lives.map((_, i) => i).sort((a, b) => weights[b]! - weights[a]! || a - b);
}
