import {
  ConcatField, Op, PoolField, RequantiseField, STATE_HEADER_BYTES, STATE_MAGIC, StateField, UpsampleField,
} from "../../assembly/abi.js";
import type { Program, ProgramOp } from "../../models/package/program.js";
import { add } from "./add.js";
import { concat } from "./concat.js";
import { i32Array, word } from "./constants.js";
import type { Window2d } from "./conv2d.js";
import { delayRead, delayWrite } from "./delay.js";
import { globalMean } from "./global-mean.js";
import { beginWindow, neuron } from "./neuron.js";
import { avgPool, maxPool, sumPool } from "./pooling.js";
import { requantise } from "./requantise.js";
import { fromBytes, toBytes, zeros, type Fitted, type Tensor } from "./tensor.js";
import { upsample } from "./upsample.js";
import { isWeighted, macs, synapticOperations, weighted } from "./weighted.js";

/** Counters of one op since the reference was made, in the words of ProfileField. */
export interface ProfileCounters {
  spikesIn: number;
  synapticOperations: number;
  macs: number;
  saturations: number;
}

/** Runs a program as NUMERICS.md says, one stream, every tensor kept: slow, and right. */
export class Reference {
  /** After `step`: every tensor of the program, by its index. */
  readonly tensors: Tensor[];
  /** The stream's state block, byte for byte; Identity is 0. */
  readonly state: Uint8Array;
  /** One an op. */
  readonly profile: ProfileCounters[];
  private readonly view: DataView;

  /** @param counting  whether to keep the profile, which takes as long as the network again */
  constructor(readonly program: Program, readonly counting = true) {
    this.tensors = program.tensors.map(({ dtype, h, w, c }) => zeros(dtype, h, w, c));
    this.state = new Uint8Array(program.stateBytes);
    this.view = new DataView(this.state.buffer);
    this.profile = program.ops.map(() => ({ spikesIn: 0, synapticOperations: 0, macs: 0, saturations: 0 }));
    this.reset();
  }

  reset(): void {
    this.state.fill(0);
    this.setHead(StateField.Magic, STATE_MAGIC);
    this.setHead(StateField.Bytes, this.state.length);
  }

  beginWindow(): void {
    this.setHead(StateField.WindowStep, 0);
    for (const op of this.program.ops) {
      if (op.op === Op.Neuron) beginWindow(op, this.view, this.tensors[op.a!]!.data.length);
    }
  }

  /** One timestep on the bytes of an input tensor. */
  step(input: Uint8Array): void {
    const { dtype, h, w, c } = this.program.tensors[this.program.input]!;
    this.tensors[this.program.input] = fromBytes(input, dtype, h, w, c);
    this.program.ops.forEach((op, i) => this.execute(op, this.profile[i]!));
    this.setHead(StateField.Step, this.head(StateField.Step) + 1);
    this.setHead(StateField.WindowStep, this.head(StateField.WindowStep) + 1);
  }

  /** Bytes of a tensor, by its index. */
  tensorBytes(tensor: number): Uint8Array {
    return toBytes(this.tensors[tensor]!);
  }

  /** Bytes of the k-th output. */
  output(k: number): Uint8Array {
    return toBytes(this.tensors[this.program.outputs[k]!]!);
  }

  get saturations(): number {
    return this.head(StateField.Saturations);
  }

  /** The state block without its head. */
  get stateBody(): Uint8Array {
    return this.state.subarray(STATE_HEADER_BYTES);
  }

  private execute(op: ProgramOp, profile: ProfileCounters): void {
    if (op.op === Op.DelayWrite) {
      delayWrite(op, this.state, this.head(StateField.Step), this.tensors[op.a!]!);
      return;
    }
    const { tensor, saturations } = this.result(op, this.tensors[op.out!]!, profile);
    this.check(op, tensor);
    profile.saturations += saturations;
    this.setHead(StateField.Saturations, Math.min(this.saturations + saturations, 0xffffffff));
    this.tensors[op.out!] = tensor;
  }

  private result(op: ProgramOp, out: Tensor, profile: ProfileCounters): Fitted {
    if (op.op === Op.DelayRead) return exact(delayRead(op, this.state, this.head(StateField.Step), out));
    const input = this.tensors[op.a!]!;
    if (isWeighted(op.op)) return exact(this.weighted(op, input, out, profile));
    switch (op.op) {
      case Op.Requantise: return this.requantised(op, input, out);
      case Op.Add: return add(input, this.tensors[op.b!]!);
      case Op.Concat: return exact(concat(out, input, word(op, ConcatField.ChannelOffset)));
      case Op.MaxPool: return exact(maxPool(input, windowOf(op), out.h, out.w));
      case Op.SumPool: return exact(sumPool(input, windowOf(op), out.h, out.w, out.dtype));
      case Op.AvgPool:
        return avgPool(input, windowOf(op), word(op, PoolField.Multiplier), word(op, PoolField.Shift), out.h, out.w, out.dtype);
      case Op.Upsample: return exact(upsample(input, word(op, UpsampleField.FactorY), word(op, UpsampleField.FactorX)));
      case Op.GlobalMean: return globalMean(input, word(op, PoolField.Multiplier), word(op, PoolField.Shift), out.dtype);
      case Op.Neuron: {
        const { data, saturations } = neuron(op, this.program.constants, this.view, input);
        return { tensor: { ...out, data }, saturations };
      }
      default: throw new RangeError(`op ${op.op}`);
    }
  }

  private requantised(op: ProgramOp, input: Tensor, out: Tensor): Fitted {
    const period = word(op, RequantiseField.Period);
    const multipliers = i32Array(this.program.constants, word(op, RequantiseField.Multipliers), period)!;
    const offsets = i32Array(this.program.constants, word(op, RequantiseField.Offsets), period);
    return requantise(input, multipliers, word(op, RequantiseField.Shift), word(op, RequantiseField.Rounding), offsets, out.dtype);
  }

  private weighted(op: ProgramOp, input: Tensor, out: Tensor, profile: ProfileCounters): Tensor {
    if (this.counting) {
      profile.spikesIn += input.data.filter((value) => value !== 0).length;
      profile.synapticOperations += synapticOperations(op, input, out);
      profile.macs += macs(op, input, out);
    }
    return weighted(op, this.program.constants, input, out, this.head(StateField.WindowStep) % this.program.timesteps);
  }

  /** A result of another size than its tensor, or beyond its bound, is a mistake of the program, and the test that holds it is void. */
  private check(op: ProgramOp, result: Tensor): void {
    const { h, w, c, bound } = this.program.tensors[op.out!]!;
    const same = result.h === h && result.w === w && result.c === c;
    if (!same || result.data.length !== h * w * c) throw new RangeError(`${op.name}: result is not ${h}×${w}×${c}`);
    // A bound of 2^31 − 1 also covers −2^31, where i32 saturates.
    const lowest = bound === 2147483647 ? -2147483648 : -bound;
    const worst = result.data.find((value) => value < lowest || value > bound);
    if (worst !== undefined) throw new RangeError(`${op.name}: ${worst} is beyond the bound ${bound}`);
  }

  private head(field: StateField): number {
    return this.view.getUint32(field * 4, true);
  }
  private setHead(field: StateField, value: number): void {
    this.view.setUint32(field * 4, value, true);
  }
}

function exact(tensor: Tensor): Fitted {
  return { tensor, saturations: 0 };
}

function windowOf(op: ProgramOp): Window2d {
  return {
    kernelH: word(op, PoolField.KernelH), kernelW: word(op, PoolField.KernelW),
    strideY: word(op, PoolField.StrideY), strideX: word(op, PoolField.StrideX),
    padTop: word(op, PoolField.PadTop), padLeft: word(op, PoolField.PadLeft),
  };
}
