import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Engine, type EngineOptions, type Kernels } from "../host/engine/engine.js";
import { FILES } from "./networks/folder.js";
import type { Network } from "./networks/network.js";
import { sectionsOf } from "./networks/program.js";
import type { Runner } from "./rounds.js";

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

/** Steps an engine through a network's frames, in turns with others. @throws Error when its outputs are not the network's */
export function runnerOf(network: Network, kernels: Kernels): Runner {
  const engine = engineOf(network, { kernels, tune: kernels === "auto" }), stream = engine.stream();
  if (outputsOf(engine, network).some((output, i) => output.some((value, k) => value !== network.outputs[i]![k])))
    throw new Error(`the ${kernels} kernels give other outputs than they should`);
  let at = 0;
  return {
    name: kernels,
    run(n) {
      const began = performance.now();
      for (let i = 0; i < n; i++) {
        engine.input.set(network.inputs[at]!);
        stream.step();
        at = at + 1 === network.inputs.length ? 0 : at + 1;
      }
      return (performance.now() - began) / 1000;
    },
  };
}
