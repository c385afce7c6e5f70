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
  reset(state: number): Status;
  checkState(state: number): Status;
  beginWindow(state: number): Status;
  step(state: number): Status;
  runOps(state: number, first: number, past: number): Status;
  clearFrame(): void;
  addEvents(x: number, y: number, p: number, n: number): number;
  frameSaturations(): number;
  profile(records: number): void;
}

/** One engine in one fixed memory. */
export interface Instance {
  readonly build: Build;
  readonly exports: EngineExports;
  readonly memory: WebAssembly.Memory;
  /** First free address, aligned. */
  readonly base: number;
}

const PAGE_BYTES = 65536;
/** What the engine keeps for itself at the bottom of memory, at most. */
const STATIC_BYTES = PAGE_BYTES;
/** What selfCheck gives on every correct machine; test/conformance/self-check.test.ts computes it in plain numbers. */
export const SELF_CHECK = 2718630976;

/**
 * @param build      which build; "best" is the fastest that this machine compiles and computes rightly
 * @param freeBytes  memory wanted above `base`; it never grows
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

function tryBuild(build: Build, freeBytes: number): Instance | undefined {
  const module = compileBuild(build);
  if (module === undefined) return undefined;
  const pages = Math.ceil((STATIC_BYTES + freeBytes) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = instantiateSync<EngineExports>(module, { env: { memory } });
  if (exports.version() !== ABI_VERSION || exports.base() > STATIC_BYTES)
    throw new SaccadeError("ENGINE_MISSING", `the engine's ${build} build is of another version`, "run: npm run build");
  if (exports.selfCheck() >>> 0 !== SELF_CHECK) return undefined;
  return { build, exports, memory, base: Math.ceil(exports.base() / ALIGN) * ALIGN };
}
