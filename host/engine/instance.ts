import { instantiateSync } from "@assemblyscript/loader";
import { ABI_VERSION, ALIGN, type Status } from "../../assembly/abi.js";
import { SaccadeError } from "../errors.js";
import { BUILDS, compileBuild, type Build } from "./builds.js";

/** The engine's exports (assembly/index.ts): addresses and numbers. */
export interface EngineExports extends Record<string, unknown> {
  version(): number;
  base(): number;
  selfCheck(): number;
  load(plan: number, planBytes: number, constants: number, constantsBytes: number, arena: number, arenaBytes: number): Status;
  fault(): number;
  workspaceBytes(): number;
  prepare(workspace: number): Status;
  choose(kernels: number): void;
  /** 0 or 1 */
  isFused(op: number): number;
  setCrossover(op: number, crossover: number): number;
  reset(state: number): Status;
  checkState(state: number): Status;
  beginWindow(state: number): Status;
  step(state: number): Status;
  runSlices(state: number, x: number, y: number, p: number, ends: number, slices: number): Status;
  runOps(state: number, first: number, past: number): Status;
  clearFrame(): void;
  addEvents(x: number, y: number, p: number, n: number): void;
  addTimedEvents(x: number, y: number, t: number, p: number, n: number): void;
  eventsOutside(): number;
  frameSaturations(): number;
  profile(records: number): void;
}

/** One engine in one memory. */
export interface Instance {
  readonly build: Build;
  readonly exports: EngineExports;
  readonly memory: WebAssembly.Memory;
  /** First free address, aligned. */
  readonly base: number;
}

const PAGE_BYTES = 65536;
/** Bytes of WebAssembly memory that one engine may have. */
export const MAX_MEMORY_BYTES = 1 << 30;
const MAX_PAGES = MAX_MEMORY_BYTES / PAGE_BYTES;
/** What the engine keeps for itself at the bottom of memory, at most. */
const STATIC_BYTES = PAGE_BYTES;
/** What selfCheck gives on every correct machine; test/conformance/self-check.test.ts computes it in plain numbers. */
export const SELF_CHECK = 3169767542;

/**
 * @param build      which build; "best" is the fastest that this machine compiles and computes rightly
 * @param freeBytes  memory wanted above `base`; only `growTo` makes it more
 * @throws SaccadeError ENGINE_MISSING when the build is not there or does not run here
 */
export function instantiate(build: Build | "best", freeBytes: number): Instance {
  for (const candidate of build === "best" ? [...BUILDS].reverse() : [build]) {
    const instance = tryBuild(candidate, freeBytes);
    if (instance !== undefined) return instance;
  }
  throw new SaccadeError("ENGINE_MISSING", `this machine does not run the engine's ${build} build`, "choose another: scalar runs everywhere");
}

/** Builds that this machine compiles, and that pass the known-answer test. */
export function usableBuilds(): Build[] {
  return BUILDS.filter((build) => tryBuild(build, 0) !== undefined);
}

/** The part of the standard that Node's types leave out. */
type GrowableMemory = WebAssembly.Memory & { grow(pages: number): number };

/** Makes room up to address `end`: before views of the memory are taken, for they would be cut off. */
export function growTo({ memory }: Instance, end: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) (memory as GrowableMemory).grow(Math.ceil(missing / PAGE_BYTES));
}

function tryBuild(build: Build, freeBytes: number): Instance | undefined {
  const module = compileBuild(build);
  if (module === undefined) return undefined;
  const pages = Math.ceil((STATIC_BYTES + freeBytes) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES });
  const { exports } = instantiateSync<EngineExports>(module, { env: { memory } });
  if (exports.version() !== ABI_VERSION || exports.base() > STATIC_BYTES)
    throw new SaccadeError("ENGINE_MISSING", `the engine's ${build} build is of another version`, "run: npm run build");
  if (exports.selfCheck() >>> 0 !== SELF_CHECK) return undefined;
  return { build, exports, memory, base: Math.ceil(exports.base() / ALIGN) * ALIGN };
}
