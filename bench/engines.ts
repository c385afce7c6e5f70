import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Build } from "../host/engine/builds.js";
import { Engine, type Kernels } from "../host/engine/engine.js";
import { FILES } from "./networks/folder.js";
import type { Network } from "./networks/network.js";
import { sectionsOf } from "./networks/program.js";

export function engineOf(network: Network, kernels: Kernels, build: Build | "best" = "best"): Engine {
  const { plan, constants } = sectionsOf(network);
  return makeEngine(plan, constants, kernels, build);
}

/** The engine for a network that networks/folder.ts wrote. */
export function readEngine(folder: string, kernels: Kernels): Engine {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
  return makeEngine(read(FILES.plan), read(FILES.constants), kernels, "best");
}

/** Outputs of all frames from a fresh state. */
export function outputsOf(engine: Engine, { inputs }: Network): Int32Array[] {
  const stream = engine.stream();
  stream.reset();
  stream.beginWindow();
  return inputs.map(input => {
    engine.input.set(input);
    stream.step();
    return Int32Array.from(engine.outputs[0]!);
  });
}

export function makeEngine(plan: Uint8Array, constants: Uint8Array, kernels: Kernels, build: Build | "best"): Engine {
  return new Engine(plan, constants, { build, kernels });
}
