// The gate: every word of a plan is checked here, once; after Status.Ok no kernel checks again.

import {
  ABI_VERSION, ALIGN, DType, FrameKind, Layout, MAX_DIMENSION, MAX_ELEMENTS, MAX_OPS, MAX_OUTPUTS, MAX_TENSORS, MAX_TIMESTEPS, Op, OpField,
  OP_WORDS, PLAN_HEADER_WORDS, PLAN_MAGIC, PlanField, STATE_HEADER_BYTES, Status, TENSOR_WORDS, TensorField,
} from "../abi";
import { opRecord, place, planWord, tensorRecord, word } from "../memory/plan";
import { bound, channels, dtype, elementShift } from "../memory/tensor";
import { forget } from "../memory/workspace";
import { above, isTensor, magnitude } from "./gate";
import { has } from "./operators";
import { forgetResting } from "./resting";
import { checkNeuron } from "./gate-neuron";
import { checkAdd, checkConcat, checkDelay, checkGlobalMean, checkPool, checkRequantise, checkUpsample } from "./gate-shape";
import { checkWeighted } from "./gate-weighted";

const MAX_STATE_BYTES: u32 = 1 << 28;

let faultAt: u32 = 0;

/** Index of the op or tensor that the last `load` refused; which of both, its Status tells. */
export function fault(): u32 {
  return faultAt;
}

/**
 * Checks a plan and makes it the engine's.
 * @param at         the plan, `bytes` long, aligned to ALIGN
 * @param constants  weights and parameters, `constantsBytes` long, aligned
 * @param arena      `arenaBytes` of scratch for tensors, aligned; ALIGN more must be readable behind it
 * @returns Status.Ok, or what is wrong; then nothing is loaded
 */
export function loadPlan(at: usize, bytes: u32, constants: usize, constantsBytes: u32, arena: usize, arenaBytes: u32): Status {
  faultAt = 0;
  forget();
  forgetResting();
  const status = check(at, bytes, constants, constantsBytes, arena, arenaBytes);
  if (status != Status.Ok) place(0, 0, 0);
  return status;
}

function check(at: usize, bytes: u32, constants: usize, constantsBytes: u32, arena: usize, arenaBytes: u32): Status {
  if (((at | constants | arena) & (ALIGN - 1)) != 0) return Status.BadAlignment;
  if (!inMemory(at, bytes) || !inMemory(constants, constantsBytes) || !inMemory(arena, <u64>arenaBytes + ALIGN)) return Status.BadLength;
  if (above(PLAN_HEADER_WORDS << 2, bytes)) return Status.BadLength;
  place(at, constants, arena);
  let status = checkHeader(bytes, constantsBytes, arenaBytes);
  for (let i: u32 = 0; status == Status.Ok && i < planWord(PlanField.Tensors); i++) {
    faultAt = i;
    status = checkTensor(tensorRecord(i));
  }
  if (status == Status.Ok) status = checkEnds();
  for (let i: u32 = 0; status == Status.Ok && i < planWord(PlanField.Ops); i++) {
    faultAt = i;
    status = checkOp(opRecord(i));
  }
  return status;
}

function inMemory(at: usize, bytes: u64): bool {
  return <u64>at + bytes <= <u64>memory.size() << 16;
}

function checkHeader(bytes: u32, constantsBytes: u32, arenaBytes: u32): Status {
  if (planWord(PlanField.Magic) != PLAN_MAGIC) return Status.BadMagic;
  if (planWord(PlanField.Abi) != ABI_VERSION) return Status.BadVersion;
  const tensors = planWord(PlanField.Tensors), ops = planWord(PlanField.Ops), outputs = planWord(PlanField.Outputs);
  if (tensors == 0 || above(tensors, MAX_TENSORS) || above(ops, MAX_OPS) || outputs == 0 || above(outputs, MAX_OUTPUTS)) return Status.BadCount;
  const least: u32 = (PLAN_HEADER_WORDS + tensors * TENSOR_WORDS + ops * OP_WORDS + outputs) << 2;
  if (planWord(PlanField.PlanBytes) != bytes || bytes < least || bytes - least >= <u32>ALIGN) return Status.BadLength;
  if (planWord(PlanField.ConstantsBytes) != constantsBytes) return Status.BadLength;
  if (planWord(PlanField.ArenaBytes) > arenaBytes) return Status.ArenaTooSmall;
  const state = planWord(PlanField.StateBytes);
  if (above(STATE_HEADER_BYTES, state) || state > MAX_STATE_BYTES || (state & (ALIGN - 1)) != 0) return Status.BadCount;
  const timesteps = planWord(PlanField.Timesteps);
  if (timesteps == 0 || above(timesteps, MAX_TIMESTEPS)) return Status.BadCount;
  for (let i = <i32>PlanField.Reserved; i < PLAN_HEADER_WORDS; i++) {
    if (planWord(i) != 0) return Status.BadVersion;
  }
  return Status.Ok;
}

function checkTensor(tensor: usize): Status {
  const type = word(tensor, TensorField.DType), h = word(tensor, TensorField.H), w = word(tensor, TensorField.W), c = word(tensor, TensorField.C);
  if (above(type, DType.I32) || word(tensor, TensorField.Layout) != Layout.Dense || word(tensor, TensorField.FractionBits) > 31) return Status.BadTensor;
  if (h == 0 || w == 0 || c == 0 || above(h, MAX_DIMENSION) || above(w, MAX_DIMENSION) || above(c, MAX_DIMENSION)) return Status.BadTensor;
  const count = <u64>h * <u64>w * <u64>c, offset = word(tensor, TensorField.Offset);
  if (above(count, MAX_ELEMENTS) || bound(tensor) > magnitude(type)) return Status.BadTensor;
  if ((offset & (ALIGN - 1)) != 0) return Status.BadTensor;
  return <u64>offset + (count << elementShift(type)) <= <u64>planWord(PlanField.ArenaBytes) ? Status.Ok : Status.BadTensor;
}

/** The input and its frames, the outputs. */
function checkEnds(): Status {
  if (!isTensor(planWord(PlanField.Input))) return Status.BadTensor;
  const outputs = opRecord(planWord(PlanField.Ops));
  for (let i: u32 = 0; i < planWord(PlanField.Outputs); i++) {
    if (!isTensor(word(outputs, i))) return Status.BadTensor;
  }
  const input = tensorRecord(planWord(PlanField.Input)), cap = planWord(PlanField.FrameCap);
  switch (planWord(PlanField.Frame)) {
    case FrameKind.None: return Status.Ok;
    case FrameKind.Counts:
      if (cap == 0 || cap > bound(input)) return Status.BadParameter;
      return dtype(input) == DType.U8 && channels(input) == 2 ? Status.Ok : Status.BadShape;
    case FrameKind.LastPolarity:
      if (bound(input) == 0) return Status.BadParameter;
      return dtype(input) == DType.I8 && channels(input) == 1 ? Status.Ok : Status.BadShape;
    default: return Status.BadParameter;
  }
}

function checkOp(op: usize): Status {
  const code: Op = word(op, OpField.Op);
  if (code == 0 || code > Op.Neuron || !has(code)) return Status.BadOp;
  switch (code) {
    case Op.Conv2d:
    case Op.Depthwise:
    case Op.Pointwise:
    case Op.Linear: return checkWeighted(op);
    case Op.Requantise: return has(Op.Requantise) ? checkRequantise(op) : Status.BadOp;
    case Op.Add: return has(Op.Add) ? checkAdd(op) : Status.BadOp;
    case Op.Concat: return has(Op.Concat) ? checkConcat(op) : Status.BadOp;
    case Op.MaxPool:
    case Op.SumPool:
    case Op.AvgPool: return has(Op.MaxPool) || has(Op.SumPool) || has(Op.AvgPool) ? checkPool(op) : Status.BadOp;
    case Op.Upsample: return has(Op.Upsample) ? checkUpsample(op) : Status.BadOp;
    case Op.GlobalMean: return has(Op.GlobalMean) ? checkGlobalMean(op) : Status.BadOp;
    case Op.DelayRead:
    case Op.DelayWrite: return has(Op.DelayRead) || has(Op.DelayWrite) ? checkDelay(op) : Status.BadOp;
    default: return checkNeuron(op);
  }
}
