import { readFileSync } from "node:fs";
import { SaccadeError } from "../errors.js";
import { packageRoot } from "../root.js";

/** The engine's three builds, from one source; the same outputs, faster from left to right where the machine knows how. */
export const BUILDS = ["scalar", "simd", "relaxed"] as const;
export type Build = (typeof BUILDS)[number];

const compiled = new Map<Build, WebAssembly.Module | undefined>();

/** The build as a module, or undefined where this machine's WebAssembly lacks its instructions. */
export function compileBuild(build: Build): WebAssembly.Module | undefined {
  if (!compiled.has(build)) {
    const bytes = readBuild(build);
    compiled.set(build, WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined);
  }
  return compiled.get(build);
}

function readBuild(build: Build): Uint8Array<ArrayBuffer> {
  const file = new URL(`build/engine/engine-${build}.wasm`, packageRoot);
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new SaccadeError("ENGINE_MISSING", `the engine's ${build} build is not there`, "run: npm run build", { cause });
  }
}
