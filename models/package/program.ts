import type { DType, FrameKind, Op } from "../../assembly/abi.js";

/** A tensor of a program; the memory plan gives it its place. */
export interface ProgramTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  /** Greatest |value|, proven by whoever made the program and again by the engine's gate. */
  readonly bound: number;
  /** f of Q(f); 0 for counts. */
  readonly fractionBits: number;
}

/** One op record. `words` holds the op's own fields, by field number (WeightedField, NeuronField, …); absent ones are 0. */
export interface ProgramOp {
  readonly op: Op;
  /** The graph node that it comes from. */
  readonly name: string;
  /** Tensor indices; undefined becomes NONE. */
  readonly a?: number | undefined;
  readonly b?: number | undefined;
  readonly out?: number | undefined;
  readonly words: Readonly<Record<number, number>>;
}

/**
 * What lowering makes and the package holds: everything of a plan but the arena offsets.
 * Offsets in `words` point into `constants`, or into the state block (from STATE_HEADER_BYTES on).
 */
export interface Program {
  readonly tensors: readonly ProgramTensor[];
  readonly ops: readonly ProgramOp[];
  readonly input: number;
  /** The first is the logits. */
  readonly outputs: readonly number[];
  readonly timesteps: number;
  readonly frame: FrameKind;
  readonly frameCap: number;
  /** The sensor's pixels, for frames of points alone: of others the input has its size. */
  readonly sensor?: { readonly width: number; readonly height: number };
  /** Weights and parameters, every array aligned to ALIGN, CONSTANTS_TAIL zero bytes at the end. */
  readonly constants: Uint8Array;
  /** Bytes of a stream's state block, head included. */
  readonly stateBytes: number;
}
