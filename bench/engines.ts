import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Engine, type EngineOptions } from "../host/engine/engine.js";
import { FILES } from "./networks/folder.js";
import type { Network } from "./networks/network.js";
import { sectionsOf } from "./networks/program.js";

export function engineOf(network: Network, options: EngineOptions): Engine {
  const { plan, constants } = sectionsOf(network);
  return new Engine(plan, constants, options);
}

/** The engine for a network that networks/folder.ts wrote. */
export function readEngine(folder: string, options: EngineOptions): Engine {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
  return new Engine(read(FILES.plan), read(FILES.constants), options);
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
