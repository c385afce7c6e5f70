import { createHash } from "node:crypto";
import {
  ALIGN, DType, FrameKind, NONE, Op, OpField, OP_WORDS, PLAN_HEADER_WORDS, PlanField, PROFILE_BYTES, ProfileField, Status, TENSOR_WORDS, TensorField,
} from "../../assembly/abi.js";
import { SaccadeError } from "../errors.js";
import type { LoadedPackage } from "../types.js";
import type { Build } from "./builds.js";
import { tune } from "./crossover.js";
import { growTo, instantiate, MAX_MEMORY_BYTES, type Instance } from "./instance.js";
import { layOut, planSizes, type Layout } from "./layout.js";
import { Stream } from "./stream.js";

export type { Build } from "./builds.js";
export type { Stream } from "./stream.js";

/** In the order of the engine's numbers. */
export const KERNELS = ["auto", "dense", "spikes"] as const;
export type Kernels = (typeof KERNELS)[number];

export interface EngineOptions {
  /** Default "best": the fastest build that this machine runs rightly. */
  readonly build?: Build | "best";
  /** Sensors that it will serve, each with a state of its own; default 1. */
  readonly streams?: number;
  /** Measure, or recall, from how many spikes on this machine's dense kernels are faster. Default false: a middling guess. */
  readonly tune?: boolean;
  /** Which kernels weighted ops use: the faster for each row (default), or always the one kind, for measurements. */
  readonly kernels?: Kernels;
  /** Count spikes, operations and saturations of each op; costs time. */
  readonly profile?: boolean;
}

/** What one op has done since the engine was made. */
export interface OpProfile {
  readonly index: number;
  readonly op: Op;
  readonly spikesIn: number;
  readonly synapticOperations: number;
  readonly macs: number;
  readonly saturations: number;
}

export type TensorView = Uint8Array | Int8Array | Int16Array | Int32Array;

/** A package in memory, ready to step. Views stay valid for the engine's life: its memory does not grow any more. */
export class Engine {
  readonly build: Build;
  readonly arenaBytes: number;
  readonly stateBytes: number;
  /** What this build keeps beside the arena to be fast: packed weights, rows in flight; 0 for the scalar build. */
  readonly workspaceBytes: number;
  /** T: timesteps in a window. */
  readonly timesteps: number;
  readonly frameKind: FrameKind;
  readonly ops: readonly Op[];
  /** For each op whether this build runs it and the one behind it as one. */
  readonly fused: readonly boolean[];
  /** The input tensor's bytes, u8 or i8 [h, w, c]; written by stream.frame or by the caller before stream.step. */
  readonly input: Uint8Array;
  readonly inputShape: readonly [h: number, w: number, c: number];
  /** Output tensors after a step; the first is the logits. */
  readonly outputs: readonly TensorView[];
  readonly #instance: Instance;
  readonly #layout: Layout;
  readonly #streams: Stream[];
  readonly #profile: boolean;

  /** @throws SaccadeError PACKAGE_REFUSED when the gate refuses the plan */
  constructor(plan: Uint8Array, constants: Uint8Array, options: EngineOptions = {}) {
    const streams = options.streams ?? 1;
    const sizes = planSizes(plan);
    if (sizes === undefined) throw refused(Status.BadLength, 0);
    const needed = layOut(0, plan, constants, sizes, streams).bytes;
    mustFit(needed);
    this.#instance = instantiate(options.build ?? "best", needed);
    this.#layout = layOut(this.#instance.base, plan, constants, sizes, streams);
    this.#load(plan, constants, sizes.arenaBytes);
    this.workspaceBytes = this.#prepare(options.kernels ?? "auto");
    const words = new Uint32Array(this.#instance.memory.buffer, this.#layout.plan, plan.byteLength >> 2);
    const opsAt = PLAN_HEADER_WORDS + words[PlanField.Tensors]! * TENSOR_WORDS;
    const outputsAt = opsAt + sizes.ops * OP_WORDS;
    this.build = this.#instance.build;
    this.arenaBytes = sizes.arenaBytes;
    this.stateBytes = sizes.stateBytes;
    this.timesteps = words[PlanField.Timesteps]!;
    this.frameKind = words[PlanField.Frame]!;
    this.ops = Array.from({ length: sizes.ops }, (_, i) => words[opsAt + i * OP_WORDS + OpField.Op]!);
    this.fused = this.ops.map((_, index) => this.#instance.exports.isFused(index) !== 0);
    const input = this.#view(words, words[PlanField.Input]!);
    this.input = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    const record = PLAN_HEADER_WORDS + words[PlanField.Input]! * TENSOR_WORDS;
    this.inputShape = [words[record + TensorField.H]!, words[record + TensorField.W]!, words[record + TensorField.C]!];
    this.outputs = Array.from(words.subarray(outputsAt, outputsAt + words[PlanField.Outputs]!), (index) => this.#view(words, index));
    this.#streams = Array.from({ length: streams }, (_, i) => new Stream(this.#instance, this.#layout, i, this.stateBytes, this.frameKind));
    this.#profile = options.profile ?? false;
    if (options.tune === true) this.#tune(words, opsAt, createHash("sha256").update(plan).digest("hex"), options.kernels ?? "auto");
    if (this.#profile) this.#instance.exports.profile(this.#layout.profile);
  }

  /** The first output, for packages whose head is i32 logits. */
  get logits(): Int32Array {
    const [first] = this.outputs;
    if (first instanceof Int32Array) return first;
    throw new SaccadeError("PACKAGE_REFUSED", "the package's first output is not i32 logits", "import the network again with a readout");
  }

  stream(index = 0): Stream {
    const stream = this.#streams[index];
    if (stream === undefined) throw new RangeError(`stream ${index} of ${this.#streams.length}`);
    return stream;
  }

  /** Events that met a pixel at its cap, of all streams. */
  get frameSaturations(): number {
    return this.#instance.exports.frameSaturations() >>> 0;
  }

  /** Counters of each op; empty unless made with `profile`. */
  profile(): OpProfile[] {
    if (!this.#profile) return [];
    const view = new DataView(this.#instance.memory.buffer, this.#layout.profile);
    return this.ops.map((op, index) => {
      const counter = (field: ProfileField) => Number(view.getBigUint64(index * PROFILE_BYTES + field * 8, true));
      return {
        index,
        op,
        spikesIn: counter(ProfileField.SpikesIn),
        synapticOperations: counter(ProfileField.SynapticOperations),
        macs: counter(ProfileField.Macs),
        saturations: counter(ProfileField.Saturations),
      };
    });
  }

  /** Runs frames (`timesteps` input tensors) through stream 0 from reset. @returns SHA-256, hex, of the first output after each step */
  digest(frames: Uint8Array, timesteps: number): string {
    const hash = createHash("sha256");
    const stream = this.stream(0);
    const [first] = this.outputs as [TensorView];
    stream.reset();
    for (let t = 0; t < timesteps; t++) {
      if (t % this.timesteps === 0) stream.beginWindow();
      this.input.set(frames.subarray(t * this.input.length, (t + 1) * this.input.length));
      stream.step();
      hash.update(new Uint8Array(first.buffer, first.byteOffset, first.byteLength));
    }
    stream.reset();
    return hash.digest("hex");
  }

  #load(plan: Uint8Array, constants: Uint8Array, arenaBytes: number): void {
    const { exports, memory } = this.#instance;
    const { plan: planAt, constants: constantsAt, arena } = this.#layout;
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(plan, planAt);
    bytes.set(constants, constantsAt);
    const status = exports.load(planAt, plan.byteLength, constantsAt, constants.byteLength, arena, arenaBytes);
    if (status !== Status.Ok) throw refused(status, exports.fault());
  }

  /** @returns bytes of the workspace; with it the memory has its final size */
  #prepare(kernels: Kernels): number {
    const { exports } = this.#instance;
    const bytes = exports.workspaceBytes() >>> 0;
    const at = Math.ceil((this.#layout.plan + this.#layout.bytes) / ALIGN) * ALIGN;
    mustFit(at + bytes);
    growTo(this.#instance, at + bytes);
    const status = exports.prepare(at);
    if (status !== Status.Ok) throw refused(status, 0);
    exports.choose(KERNELS.indexOf(kernels));
    return bytes;
  }

  /** Leaves stream 0 as reset; call before profiling begins. */
  #tune(words: Uint32Array, opsAt: number, digest: string, kernels: Kernels): void {
    const { exports } = this.#instance;
    const set = (index: number, crossover: number): boolean => exports.setCrossover(index, crossover) >>> 0 !== NONE;
    const stream = this.stream(0);
    const choosable = this.ops.flatMap((_, index) => (set(index, 0) ? [index] : []));
    tune({
      identity: `${this.build} ${digest}`,
      ops: choosable.map((index) => {
        const tensor = words[opsAt + index * OP_WORDS + OpField.A]!;
        const bound = words[PLAN_HEADER_WORDS + tensor * TENSOR_WORDS + TensorField.Bound]!;
        return { index, input: this.#view(words, tensor) as Uint8Array, bound };
      }),
      run: (index, wanted) => {
        exports.choose(KERNELS.indexOf(wanted));
        stream.runOps(index, index + 2);
      },
      set,
    });
    exports.choose(KERNELS.indexOf(kernels));
    stream.reset();
  }

  #view(words: Uint32Array, index: number): TensorView {
    const at = PLAN_HEADER_WORDS + index * TENSOR_WORDS;
    const n = words[at + TensorField.H]! * words[at + TensorField.W]! * words[at + TensorField.C]!;
    const address = this.#layout.arena + words[at + TensorField.Offset]!;
    const kinds = { [DType.U8]: Uint8Array, [DType.I8]: Int8Array, [DType.I16]: Int16Array, [DType.I32]: Int32Array };
    return new kinds[words[at + TensorField.DType] as DType](this.#instance.memory.buffer, address, n);
  }
}

/**
 * An engine for a package, after the package's own self-test has given the digest that it promises.
 * @throws SaccadeError PACKAGE_REFUSED, SELF_TEST_FAILED, ENGINE_MISSING
 */
export async function loadEngine(pkg: LoadedPackage, options: EngineOptions = {}): Promise<Engine> {
  const engine = new Engine(pkg.plan, pkg.constants, options);
  const { frames, timesteps, digest } = pkg.selfTest;
  if (frames.byteLength !== timesteps * engine.input.byteLength)
    throw new SaccadeError("PACKAGE_REFUSED", "the self-test's frames do not fit the network's input", "import the network again");
  const found = engine.digest(frames, timesteps);
  if (found !== digest)
    throw new SaccadeError(
      "SELF_TEST_FAILED",
      `${pkg.card.name}: the ${engine.build} engine gives ${found.slice(0, 8)}, the package promises ${digest.slice(0, 8)}`,
      "fetch or import the package again; if it persists, report it",
    );
  return engine;
}

function mustFit(bytes: number): void {
  if (bytes > MAX_MEMORY_BYTES)
    throw new SaccadeError("PACKAGE_REFUSED", `the package wants ${bytes} bytes of memory`, "use fewer streams or a smaller network");
}

const STATUS_TEXT: Record<Status, string> = {
  [Status.Ok]: "ok",
  [Status.BadMagic]: "the plan has no magic word",
  [Status.BadVersion]: "the plan is of another version",
  [Status.BadLength]: "the plan's lengths do not agree",
  [Status.BadCount]: "a count in the plan's head is out of range",
  [Status.BadTensor]: "a tensor is malformed",
  [Status.BadOp]: "an op is unknown",
  [Status.BadShape]: "shapes do not fit together",
  [Status.BadOffset]: "an offset points outside its section",
  [Status.BadAlignment]: "an offset is not aligned",
  [Status.BadParameter]: "a parameter is out of range",
  [Status.BadRange]: "a sum could overflow",
  [Status.ArenaTooSmall]: "the arena is too small",
  [Status.NotLoaded]: "no plan is loaded",
  [Status.BadState]: "the state belongs to another plan",
};

function refused(status: Status, index: number): SaccadeError {
  return new SaccadeError("PACKAGE_REFUSED", `the engine refuses the plan: ${STATUS_TEXT[status]} (record ${index})`, "fetch or import the package again");
}
