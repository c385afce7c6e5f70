import { ALIGN, PROFILE_BYTES, STATE_HEADER_BYTES, StateField, Status } from "../../assembly/abi.js";
import { KERNELS, type Kernels } from "../../host/engine/engine.js";
import { growTo, instantiate, usableBuilds, type EngineExports, type Instance } from "../../host/engine/instance.js";
import type { Build } from "../../host/engine/builds.js";
import { planMemory, type MemoryPlan } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import type { Program } from "../../models/package/program.js";
import type { PixelEvent, TimedEvent } from "../reference/frames.js";
import type { ProfileCounters } from "../reference/run-program.js";
import { bytesOf } from "../reference/tensor.js";
import { isWeighted } from "../reference/weighted.js";

const GUARD_BYTES = 256;
const GUARD = 0xa5;
const IDENTITY = 0x1234abcd;
/** Of assembly/memory/workspace.ts. */
const PREPARED_BYTES = 32, FUSED_WORD = 2;

/** How an engine runs: a build without a workspace, or with one and its kernels chosen by activity, dense, or spike-driven. */
export type Variant = Build | `${Exclude<Build, "scalar">} ${Kernels}`;

/**
 * Scalar, SIMD, and relaxed where this machine computes it rightly, each in all its ways.
 * @throws when SIMD fails its known answer: a test that went on without it would prove nothing
 */
export function testedVariants(): Variant[] {
  const builds = usableBuilds();
  for (const build of ["scalar", "simd"] as const) {
    if (!builds.includes(build)) throw new Error(`the ${build} build does not run here, or not rightly`);
  }
  return builds.flatMap((build) => (build === "scalar" ? [build] : [build, ...KERNELS.map((kernels) => `${build} ${kernels}` as const)]));
}

function partsOf(variant: Variant): { readonly build: Build; readonly kernels: Kernels | undefined } {
  const [build, kernels] = variant.split(" ") as [Build, Kernels | undefined];
  return { build, kernels };
}

/**
 * Every tensor at a place of its own, so that each can be looked at after a timestep, and packed as tightly as the gate allows,
 * so that a store behind a tensor's end falls into the next one or, behind the last, into a guard.
 */
export function planApart(program: Program): MemoryPlan {
  let end = 0;
  const offsets = program.tensors.map(({ dtype, h, w, c }) => {
    const offset = Math.ceil(end / ALIGN) * ALIGN;
    end = offset + h * w * c * bytesOf(dtype);
    return offset;
  });
  return { offsets, arenaBytes: end };
}

export interface Regions {
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
  readonly arenaBytes: number;
  readonly stateBytes: number;
  readonly streams: number;
  readonly profiledOps: number;
  readonly events: number;
}

/** An engine with a plan in its memory: every region between guards that must never change. */
export class EngineUnderTest {
  readonly exports: EngineExports;
  readonly status: Status;
  readonly arena: number;
  readonly states: readonly number[];
  readonly profileAt: number;
  readonly #events: number;
  readonly #memory: WebAssembly.Memory;
  readonly #guards: number[] = [];
  readonly #fixed: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #end: number;
  /** Address of the workspace; undefined without one. */
  readonly workspace: number | undefined;

  constructor(variant: Variant, regions: Regions) {
    const { build, kernels } = partsOf(variant);
    const { plan, constants, arenaBytes, stateBytes, streams, profiledOps, events } = regions;
    const eventBytes = events * 5 + 2 * ALIGN;
    const room = plan.length + constants.length + arenaBytes + stateBytes * streams + profiledOps * PROFILE_BYTES + eventBytes;
    const instance = instantiate(build, room + (streams + 8) * (GUARD_BYTES + ALIGN));
    const { exports } = instance;
    this.exports = exports;
    this.#memory = instance.memory;
    this.#end = instance.base;
    this.#guard();
    const planAt = this.#place(plan);
    const constantsAt = this.#place(constants);
    this.arena = this.#reserve(arenaBytes);
    this.states = Array.from({ length: streams }, () => this.#reserve(stateBytes));
    this.profileAt = this.#reserve(profiledOps * PROFILE_BYTES);
    this.#events = this.#reserve(eventBytes);
    this.status = exports.load(planAt, plan.length, constantsAt, constants.length, this.arena, arenaBytes);
    if (kernels !== undefined && this.status === Status.Ok) this.workspace = this.#prepare(instance, kernels);
  }

  #prepare(instance: Instance, kernels: Kernels): number {
    const { exports } = instance;
    const bytes = exports.workspaceBytes();
    growTo(instance, this.#end + bytes + GUARD_BYTES + ALIGN);
    const workspace = this.#reserve(bytes);
    // Whatever stood there before must not matter.
    this.bytes.fill(GUARD, workspace, workspace + bytes);
    must(exports.prepare(workspace));
    exports.choose(KERNELS.indexOf(kernels));
    return workspace;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  /** @returns how many lie outside the sensor */
  addEvents(events: readonly PixelEvent[]): number {
    const view = new DataView(this.#memory.buffer);
    const x = this.#events;
    const y = x + events.length * 2;
    const p = y + events.length * 2;
    for (const [i, event] of events.entries()) {
      view.setUint16(x + i * 2, event.x, true);
      view.setUint16(y + i * 2, event.y, true);
      view.setUint8(p + i, event.p);
    }
    const before = this.exports.eventsOutside();
    this.exports.addEvents(x, y, p, events.length);
    return (this.exports.eventsOutside() - before) >>> 0;
  }

  /** The same to a frame of points. */
  addTimedEvents(events: readonly TimedEvent[]): number {
    const view = new DataView(this.#memory.buffer);
    const n = events.length;
    const [x, y, t, p] = [0, 2, 4, 6].map((bytes) => this.#events + bytes * n) as [number, number, number, number];
    for (const [i, event] of events.entries()) {
      for (const [at, value] of [[x, event.x], [y, event.y], [t, event.t]] as const) view.setUint16(at + i * 2, value, true);
      view.setUint8(p + i, event.p);
    }
    const before = this.exports.eventsOutside();
    this.exports.addTimedEvents(x, y, t, p, n);
    return (this.exports.eventsOutside() - before) >>> 0;
  }

  /** Regions whose guard, or whose own bytes where those may not change, differ from what was written. */
  damage(): string[] {
    const { bytes } = this;
    const guards = this.#guards.filter((at) => bytes.subarray(at, at + GUARD_BYTES).some((byte) => byte !== GUARD));
    const fixed = this.#fixed.filter((region) => region.bytes.some((byte, i) => byte !== bytes[region.at + i]));
    return [...guards.map((at) => `guard at ${at}`), ...fixed.map(({ at }) => `plan or constants at ${at}`)];
  }

  #place(content: Uint8Array): number {
    const at = this.#reserve(content.length);
    this.bytes.set(content, at);
    this.#fixed.push({ at, bytes: content });
    return at;
  }

  #reserve(bytes: number): number {
    const at = Math.ceil(this.#end / ALIGN) * ALIGN;
    this.#end = at + bytes;
    this.#guard();
    return at;
  }

  /** From the very next byte on. */
  #guard(): void {
    this.bytes.fill(GUARD, this.#end, this.#end + GUARD_BYTES);
    this.#guards.push(this.#end);
    this.#end += GUARD_BYTES;
  }
}

export interface RunOptions {
  readonly memory?: MemoryPlan;
  readonly streams?: number;
  readonly profile?: boolean;
  readonly events?: number;
}

/** A program on an engine build. */
export class RunningProgram {
  readonly engine: EngineUnderTest;
  readonly #memory: MemoryPlan;

  /** @throws when the gate refuses the program */
  constructor(variant: Variant, readonly program: Program, options: RunOptions = {}) {
    this.#memory = options.memory ?? planMemory(program);
    this.engine = new EngineUnderTest(variant, {
      plan: encodePlan(program, this.#memory, IDENTITY),
      constants: program.constants,
      arenaBytes: this.#memory.arenaBytes,
      stateBytes: program.stateBytes,
      streams: options.streams ?? 1,
      profiledOps: options.profile ? program.ops.length : 0,
      events: options.events ?? 0,
    });
    const { status, exports } = this.engine;
    if (status !== Status.Ok) throw new Error(`load: status ${status}, fault ${exports.fault()}`);
    if (options.profile) {
      this.engine.bytes.fill(0, this.engine.profileAt, this.engine.profileAt + program.ops.length * PROFILE_BYTES);
      exports.profile(this.engine.profileAt);
    }
    for (const state of this.engine.states) must(exports.reset(state));
  }

  step(frame: Uint8Array, stream = 0): void {
    const { dtype, h, w, c } = this.program.tensors[this.program.input]!;
    if (frame.length !== h * w * c * bytesOf(dtype)) throw new RangeError(`frame of ${frame.length} bytes`);
    this.engine.bytes.set(frame, this.tensorAt(this.program.input));
    this.stepAsIs(stream);
  }
  /** One timestep on what the input tensor holds. */
  stepAsIs(stream = 0): void {
    must(this.engine.exports.step(this.engine.states[stream]!));
  }
  beginWindow(stream = 0): void {
    must(this.engine.exports.beginWindow(this.engine.states[stream]!));
  }
  reset(stream = 0): void {
    must(this.engine.exports.reset(this.engine.states[stream]!));
  }

  tensorAt(tensor: number): number {
    return this.engine.arena + this.#memory.offsets[tensor]!;
  }
  tensor(index: number): Uint8Array {
    const { dtype, h, w, c } = this.program.tensors[index]!;
    return this.engine.bytes.slice(this.tensorAt(index), this.tensorAt(index) + h * w * c * bytesOf(dtype));
  }
  /** Whether a tensor never comes to stand in the arena, because a neuron takes it row by row. */
  passes(index: number): boolean {
    const { workspace, bytes } = this.engine;
    const writer = this.program.ops.findIndex(({ out }) => out === index);
    if (workspace === undefined || writer === -1 || !isWeighted(this.program.ops[writer]!.op)) return false;
    return new DataView(bytes.buffer).getUint32(workspace + writer * PREPARED_BYTES + FUSED_WORD * 4, true) !== 0;
  }
  output(k: number): Uint8Array {
    return this.tensor(this.program.outputs[k]!);
  }
  state(stream = 0): Uint8Array {
    const at = this.engine.states[stream]!;
    return this.engine.bytes.slice(at, at + this.program.stateBytes);
  }
  restore(state: Uint8Array, stream = 0): void {
    this.engine.bytes.set(state, this.engine.states[stream]!);
    must(this.engine.exports.checkState(this.engine.states[stream]!));
  }
  stateBody(stream = 0): Uint8Array {
    return this.state(stream).subarray(STATE_HEADER_BYTES);
  }
  saturations(stream = 0): number {
    return new DataView(this.state(stream).buffer).getUint32(StateField.Saturations * 4, true);
  }
  profile(): ProfileCounters[] {
    const view = new DataView(this.engine.bytes.buffer, this.engine.profileAt);
    return this.program.ops.map((_, op) => {
      const counter = (field: number): number => Number(view.getBigUint64(op * PROFILE_BYTES + field * 8, true));
      return { spikesIn: counter(0), synapticOperations: counter(1), macs: counter(2), saturations: counter(3) };
    });
  }
}

function must(status: Status): void {
  if (status !== Status.Ok) throw new Error(`engine: status ${status}`);
}
