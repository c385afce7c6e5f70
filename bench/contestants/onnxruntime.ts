// node onnxruntime.js FOLDER web|node counts|fp32|int8: ONNX Runtime on the network that networks/folder.ts wrote to FOLDER.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onnxFile, readNetwork } from "../networks/folder.js";
import type { OnnxForm } from "../onnx/network.js";
import { openModel, planesOf, type RuntimeName } from "../onnx/runtime.js";
import { answer } from "./answer.js";

const [folder, name, form] = process.argv.slice(2) as [string, RuntimeName, OnnxForm];
const { inputs, shape } = readNetwork(folder);
const type = form === "int8" ? "uint8" : "float32";
const model = await openModel(name, new Uint8Array(readFileSync(join(folder, onnxFile(form)))), type, shape);
const planes = inputs.map(input => planesOf(input, shape[2])).map(bytes => (type === "uint8" ? bytes : Float32Array.from(bytes)));
const outputs: number[][] = [];
for (const input of planes) outputs.push(Array.from(await model.run(input)));
let at = 0;
await answer({ version: model.version, outputs }, async n => {
  for (let i = 0; i < n; i++) {
    await model.run(planes[at]!);
    at = at + 1 === planes.length ? 0 : at + 1;
  }
});
