// node saccade.js FOLDER auto|dense|spikes: our engine on the network that network-folder.ts wrote to FOLDER.

import type { Kernels } from "../../host/engine/engine.js";
import { readEngine } from "../engines.js";
import { readNetwork } from "../networks/folder.js";
import { answer } from "./answer.js";

const [folder, kernels] = process.argv.slice(2) as [string, Kernels];
const { inputs, timesteps } = readNetwork(folder);
const engine = readEngine(folder, { kernels, tune: kernels === "auto" });
const stream = engine.stream();
let at = 0;

function step(): void {
  if (at % timesteps === 0) stream.beginWindow();
  engine.input.set(inputs[at]!);
  stream.step();
  at = at + 1 === inputs.length ? 0 : at + 1;
}

const outputs = inputs.map(() => {
  step();
  return Array.from(engine.outputs[0]!);
});
await answer({ version: `${engine.build} build`, outputs }, n => {
  for (let i = 0; i < n; i++) step();
});
