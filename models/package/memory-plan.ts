import { ALIGN } from "../../assembly/abi.js";
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
 * Places tensors so that two that live at the same op never share a byte: the largest first, each at the lowest free offset;
 * of three orders (by size, by size × lifetime, by the fullest op) the one with the smallest arena is kept.
 * A tensor lives from the first op that writes it to the last that touches it; the input and the outputs live to the end of the timestep,
 * the input from its beginning.
 * @throws ModelError NETWORK_CORRUPT when an op reads what none has written
 */
export function planMemory(program: Program): MemoryPlan {
  const lives = lifetimes(program);
  const plans = [bySize(lives), byArea(lives), byFullestOp(lives, program.ops.length)].map((order) => place(lives, order));
  return plans.reduce((best, plan) => (plan.arenaBytes < best.arenaBytes ? plan : best));
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
      if (first[read]! > at) throw new ModelError("NETWORK_CORRUPT", `op ${at} (${opName(op)} of ${name}) reads what none has written`, "order the ops");
      last[read] = Math.max(last[read]!, at);
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
