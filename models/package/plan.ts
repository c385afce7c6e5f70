import {
  ABI_VERSION, DType, FrameKind, Layout, MAX_DIMENSION, MAX_ELEMENTS, MAX_OPS, MAX_OUTPUTS, MAX_TENSORS, MAX_TIMESTEPS, NeuronField, NONE,
  Op, OpField, OP_WORDS, PlanField, PLAN_HEADER_WORDS, PLAN_MAGIC, TensorField, TENSOR_WORDS,
} from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { MemoryPlan } from "./memory-plan.js";
import { opName } from "./op-names.js";
import type { Program, ProgramOp, ProgramTensor } from "./program.js";

/** A plan section as read back: `{...view.program, constants}` is a Program again; names are its kinds, for the plan holds none. */
export interface PlanView {
  readonly abi: number;
  readonly identity: number;
  readonly constantsBytes: number;
  readonly program: Omit<Program, "constants">;
  readonly memory: MemoryPlan;
}

export const MAX_PLAN_BYTES = 4 * (PLAN_HEADER_WORDS + MAX_TENSORS * TENSOR_WORDS + MAX_OPS * OP_WORDS + MAX_OUTPUTS);

const FIRST_OWN_WORD = OpField.Out + 1;
/** The words that hold negative numbers; all others are unsigned. */
const SIGNED: Readonly<Partial<Record<Op, readonly number[]>>> = { [Op.Neuron]: [NeuronField.VMin, NeuronField.VMax] };

/** The plan section: flat little-endian words, as FORMAT.md draws them. */
export function encodePlan(program: Program, memory: MemoryPlan, identity: number): Uint8Array {
  const { tensors, ops, outputs } = program;
  const opsAt = PLAN_HEADER_WORDS + tensors.length * TENSOR_WORDS;
  const outputsAt = opsAt + ops.length * OP_WORDS;
  const words = new Uint32Array(outputsAt + outputs.length);
  writeHeader(words, program, memory, identity);
  for (const [i, tensor] of tensors.entries()) writeTensor(words, PLAN_HEADER_WORDS + i * TENSOR_WORDS, tensor, memory.offsets[i]!);
  for (const [i, op] of ops.entries()) writeOp(words, opsAt + i * OP_WORDS, op);
  words.set(outputs, outputsAt);
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  return bytes;
}

function writeHeader(words: Uint32Array, program: Program, memory: MemoryPlan, identity: number): void {
  words[PlanField.Magic] = PLAN_MAGIC;
  words[PlanField.Abi] = ABI_VERSION;
  words[PlanField.PlanBytes] = words.byteLength;
  words[PlanField.Tensors] = program.tensors.length;
  words[PlanField.Ops] = program.ops.length;
  words[PlanField.Outputs] = program.outputs.length;
  words[PlanField.ConstantsBytes] = program.constants.byteLength;
  words[PlanField.ArenaBytes] = memory.arenaBytes;
  words[PlanField.StateBytes] = program.stateBytes;
  words[PlanField.Timesteps] = program.timesteps;
  words[PlanField.Input] = program.input;
  words[PlanField.Frame] = program.frame;
  words[PlanField.FrameCap] = program.frameCap;
  words[PlanField.Identity] = identity;
  words[PlanField.SensorWidth] = program.sensor?.width ?? 0;
  words[PlanField.SensorHeight] = program.sensor?.height ?? 0;
}

function writeTensor(words: Uint32Array, at: number, tensor: ProgramTensor, offset: number): void {
  words[at + TensorField.DType] = tensor.dtype;
  words[at + TensorField.Layout] = Layout.Dense;
  words[at + TensorField.Offset] = offset;
  words[at + TensorField.H] = tensor.h;
  words[at + TensorField.W] = tensor.w;
  words[at + TensorField.C] = tensor.c;
  words[at + TensorField.Bound] = tensor.bound;
  words[at + TensorField.FractionBits] = tensor.fractionBits;
}

function writeOp(words: Uint32Array, at: number, op: ProgramOp): void {
  words[at + OpField.Op] = op.op;
  words[at + OpField.A] = op.a ?? NONE;
  words[at + OpField.B] = op.b ?? NONE;
  words[at + OpField.Out] = op.out ?? NONE;
  for (const [field, value] of Object.entries(op.words)) words[at + Number(field)] = value;
}

/**
 * Reads a plan section: lengths, counts, indices, dtypes and shapes are checked; what only the engine can judge (offsets into constants,
 * ranges, an op's own words) is left to its gate.
 * @throws ModelError PACKAGE_VERSION for another ABI, PACKAGE_INVALID for nonsense
 */
export function decodePlan(bytes: Uint8Array): PlanView {
  const words = wordsOf(bytes);
  const header = (field: PlanField, low: number, high: number) => bounded(`plan word ${field}`, words[field]!, low, high);
  if (words[PlanField.Magic] !== PLAN_MAGIC) throw invalid("the plan has no magic");
  const abi = words[PlanField.Abi]!;
  if (abi !== ABI_VERSION)
    throw new ModelError("PACKAGE_VERSION", `the plan is made for engine ABI ${abi}; this is ${ABI_VERSION}`, "import the network again");
  const tensors = header(PlanField.Tensors, 1, MAX_TENSORS);
  const ops = header(PlanField.Ops, 0, MAX_OPS);
  const outputs = header(PlanField.Outputs, 1, MAX_OUTPUTS);
  const opsAt = PLAN_HEADER_WORDS + tensors * TENSOR_WORDS;
  const outputsAt = opsAt + ops * OP_WORDS;
  if (words.length !== outputsAt + outputs || words[PlanField.PlanBytes] !== bytes.byteLength)
    throw invalid(`the plan has ${bytes.byteLength} bytes and counts ${(outputsAt + outputs) * 4}`);
  if (words.subarray(PlanField.Reserved, PLAN_HEADER_WORDS).some((word) => word !== 0)) throw invalid("the plan uses reserved words");
  const arenaBytes = words[PlanField.ArenaBytes]!;
  const frame = header(PlanField.Frame, FrameKind.None, FrameKind.Points);
  const pixels = (field: PlanField) => header(field, frame === FrameKind.Points ? 1 : 0, frame === FrameKind.Points ? MAX_DIMENSION : 0);
  const sensor = { width: pixels(PlanField.SensorWidth), height: pixels(PlanField.SensorHeight) };
  const records = Array.from({ length: tensors }, (_, i) => readTensor(words, i));
  return {
    abi,
    identity: words[PlanField.Identity]!,
    constantsBytes: words[PlanField.ConstantsBytes]!,
    program: {
      tensors: records.map(({ tensor }) => tensor),
      ops: Array.from({ length: ops }, (_, i) => readOp(words, opsAt + i * OP_WORDS, i, tensors)),
      input: header(PlanField.Input, 0, tensors - 1),
      outputs: Array.from(words.subarray(outputsAt), (output) => bounded("output", output, 0, tensors - 1)),
      timesteps: header(PlanField.Timesteps, 1, MAX_TIMESTEPS),
      frame,
      frameCap: header(PlanField.FrameCap, 1, 255),
      ...(frame === FrameKind.Points ? { sensor } : {}),
      stateBytes: words[PlanField.StateBytes]!,
    },
    memory: { offsets: records.map(({ offset }) => offset), arenaBytes },
  };
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  if (bytes.byteLength % 4 !== 0 || bytes.byteLength < PLAN_HEADER_WORDS * 4 || bytes.byteLength > MAX_PLAN_BYTES)
    throw invalid(`the plan has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
}

function readTensor(words: Uint32Array, index: number): { tensor: ProgramTensor; offset: number } {
  const at = PLAN_HEADER_WORDS + index * TENSOR_WORDS;
  const field = (name: TensorField, low: number, high: number) => bounded(`tensor ${index} word ${name}`, words[at + name]!, low, high);
  field(TensorField.Layout, Layout.Dense, Layout.Dense);
  const tensor = {
    name: `tensor ${index}`,
    dtype: field(TensorField.DType, DType.U8, DType.I32) as DType,
    h: field(TensorField.H, 1, MAX_DIMENSION),
    w: field(TensorField.W, 1, MAX_DIMENSION),
    c: field(TensorField.C, 1, MAX_DIMENSION),
    bound: words[at + TensorField.Bound]!,
    fractionBits: words[at + TensorField.FractionBits]!,
  };
  bounded(`elements of tensor ${index}`, tensor.h * tensor.w * tensor.c, 1, MAX_ELEMENTS);
  return { tensor, offset: words[at + TensorField.Offset]! };
}

function readOp(words: Uint32Array, at: number, index: number, tensors: number): ProgramOp {
  const op = bounded(`op ${index}`, words[at]!, Op.Conv2d, Op.Neuron) as Op;
  const tensor = (field: OpField) => {
    const value = words[at + field]!;
    return value === NONE ? undefined : bounded(`op ${index} word ${field}`, value, 0, tensors - 1);
  };
  const own: Record<number, number> = {};
  for (let field = FIRST_OWN_WORD; field < OP_WORDS; field++) {
    const value = words[at + field]!;
    if (value !== 0) own[field] = SIGNED[op]?.includes(field) ? value | 0 : value;
  }
  return { op, name: `${opName(op, own)} ${index}`, a: tensor(OpField.A), b: tensor(OpField.B), out: tensor(OpField.Out), words: own };
}

function bounded(what: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw invalid(`${what} is ${value}, not within ${low}..${high}`);
}

function invalid(what: string): ModelError {
  return new ModelError("PACKAGE_INVALID", what, "import the network again, or fetch the package again");
}
