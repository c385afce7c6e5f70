// One timestep: ops in the plan's order. The only switch over Op at run time.

import { Op, OpField, PlanField, StateField, Status } from "../abi";
import { conv2d } from "../kernels/conv2d";
import { delayRead, delayWrite } from "../kernels/delay";
import { depthwise } from "../kernels/depthwise";
import { add, concat, upsample } from "../kernels/elementwise";
import { linear } from "../kernels/linear";
import { globalMean, pool } from "../kernels/pooling";
import { requantise } from "../kernels/requantise";
import { isWeighted } from "../kernels/weighted";
import { opRecord, planWord, word } from "../memory/plan";
import { advance, bind, check, saturations } from "../memory/state";
import { isPrepared, prepared, Prepared } from "../memory/workspace";
import { beginWindow, neuron } from "../neurons/neuron";
import { runRows } from "../rows/rows";
import { has } from "./operators";
import { profileOp, profiling } from "./profile";
import { rested } from "./resting";

/** Runs every op once for the stream whose state block is at `state`. */
export function step(state: usize): Status {
  const status = check(state);
  if (status != Status.Ok) return status;
  bind(state);
  if (isDefined(EMBEDDED) || profiling() || !rested()) runAll();
  advance();
  return Status.Ok;
}

/** Runs ops first..past−1 of a timestep and leaves the step counters alone: for measurements. */
export function runOps(state: usize, first: u32, past: u32): Status {
  const status = check(state);
  if (status != Status.Ok) return status;
  bind(state);
  runRange(first, min(past, planWord(PlanField.Ops)));
  return Status.Ok;
}

/** All ops, for the state that is bound. */
export function runAll(): void {
  runRange(0, planWord(PlanField.Ops));
}

function runRange(first: u32, end: u32): void {
  for (let i = first; i < end; i++) {
    const op = opRecord(i), before = saturations();
    if (ASC_FEATURE_SIMD) {
      if (is(op, Prepared.Fused) && i + 1 < end) {
        // Saturations of a Requantise and of its Add are not told apart in one pass.
        const sums = i + 2 < end && !profiling() && isSummed(opRecord(i + 1));
        runRows(op, opRecord(i + 1), sums ? opRecord(i + 2) : 0);
        if (profiling()) profilePair(i, saturations() - before);
        i += sums ? 2 : 1;
        continue;
      }
      if (is(op, Prepared.Rows) && !is(op, Prepared.Fused)) runRows(op, 0, 0);
      else run(op);
    } else {
      run(op);
    }
    if (!isDefined(EMBEDDED) && profiling()) profileOp(i, op, saturations() - before);
  }
}

/** A yes or no of what is prepared for the op. */
function is(op: usize, what: Prepared): bool {
  return isPrepared() && isWeighted(op) && load<u32>(prepared(op) + (<usize>what << 2)) != 0;
}

/** Whether the op is a Requantise whose Add may run along. */
function isSummed(op: usize): bool {
  return word(op, OpField.Op) == Op.Requantise && load<u32>(prepared(op) + (<usize>Prepared.Fused << 2)) != 0;
}

/** A weighted op and the one that took its accumulators. */
function profilePair(i: u32, saturated: u32): void {
  profileOp(i, opRecord(i), 0);
  profileOp(i + 1, opRecord(i + 1), saturated);
}

/** Begins a window: readouts return to zero. */
export function startWindow(state: usize): Status {
  const status = check(state);
  if (status != Status.Ok) return status;
  bind(state);
  for (let i: u32 = 0; i < planWord(PlanField.Ops); i++) {
    const op = opRecord(i);
    if (word(op, OpField.Op) == Op.Neuron) beginWindow(op);
  }
  store<u32>(state + (StateField.WindowStep << 2), 0);
  return Status.Ok;
}

function run(op: usize): void {
  switch (word(op, OpField.Op)) {
    case Op.Conv2d: if (has(Op.Conv2d)) conv2d(op); break;
    case Op.Depthwise: if (has(Op.Depthwise)) depthwise(op); break;
    case Op.Pointwise:
    case Op.Linear: if (has(Op.Pointwise) || has(Op.Linear)) linear(op); break;
    case Op.Requantise: if (has(Op.Requantise)) requantise(op); break;
    case Op.Add: if (has(Op.Add)) add(op); break;
    case Op.Concat: if (has(Op.Concat)) concat(op); break;
    case Op.MaxPool:
    case Op.SumPool:
    case Op.AvgPool: if (has(Op.MaxPool) || has(Op.SumPool) || has(Op.AvgPool)) pool(op); break;
    case Op.Upsample: if (has(Op.Upsample)) upsample(op); break;
    case Op.GlobalMean: if (has(Op.GlobalMean)) globalMean(op); break;
    case Op.DelayRead: if (has(Op.DelayRead)) delayRead(op); break;
    case Op.DelayWrite: if (has(Op.DelayWrite)) delayWrite(op); break;
    default: neuron(op);
  }
}
