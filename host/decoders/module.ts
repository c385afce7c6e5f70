import { readFileSync } from "node:fs";
import { MEMORY_BYTES } from "../../assembly/decoders/abi.js";
import { SaccadeError } from "../errors.js";
import { packageRoot } from "../root.js";

/** Reads words from one address to another; gives the address where it stopped. */
type Reader = (from: number, to: number) => number;

/** The exports of the decoders' module (assembly/decoders/index.ts): addresses and numbers. */
export interface DecoderExports {
  begin(width: number, height: number): void;
  readonly evt2: Reader;
  readonly evt21: Reader;
  readonly evt21Legacy: Reader;
  readonly evt3: Reader;
  readonly evt4: Reader;
  count(): number;
  understood(): number;
}

/** One recording's state, in a memory of its own that never grows. */
export interface DecoderInstance {
  readonly exports: DecoderExports;
  readonly buffer: ArrayBuffer;
}

const PAGE_BYTES = 65536;
let compiled: WebAssembly.Module | undefined;

/** @throws SaccadeError DECODERS_MISSING when the module is not there or does not run here */
export function instantiateDecoder(): DecoderInstance {
  compiled ??= compile();
  const pages = Math.ceil(MEMORY_BYTES / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { exports: exports as unknown as DecoderExports, buffer: memory.buffer };
}

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(new Uint8Array(readFileSync(new URL("build/decoders/decoders.wasm", packageRoot))));
  } catch (cause) {
    const what = "the module that decodes EVT recordings is not there, or does not run on this machine";
    throw new SaccadeError("DECODERS_MISSING", what, "run: npm run build", { cause });
  }
}
