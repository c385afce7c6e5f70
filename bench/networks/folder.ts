import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeFile } from "./native-file.js";
import type { Network } from "./network.js";
import { onnxModel, type OnnxForm } from "../onnx/network.js";
import { sectionsOf } from "./program.js";

/** What every child needs to know beside its own model file. */
export interface NetworkInputs {
  readonly inputs: readonly Uint8Array[];
  readonly timesteps: number;
  /** [h, w, c] */
  readonly shape: readonly [number, number, number];
}

export const FILES = {
  plan: "network.plan", constants: "network.constants", native: "network.native", frames: "frames.bin", head: "frames.json",
} as const;
export const onnxFile = (form: OnnxForm): string => `${form}.onnx`;

/** Writes a network in the forms that all engines read to a new folder below the system's temporary one. @returns the folder */
export function writeNetwork(network: Network, onnx: readonly OnnxForm[]): string {
  const folder = mkdtempSync(join(tmpdir(), "saccade-bench-"));
  const put = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, name), bytes);
  const { plan, constants } = sectionsOf(network);
  const [{ h, w, ci }] = network.layers as readonly [Network["layers"][number]];
  put(FILES.plan, plan);
  put(FILES.constants, constants);
  put(FILES.frames, Buffer.concat(network.inputs));
  const timesteps = network.neuron === "lif" ? network.inputs.length : 1;
  put(FILES.head, JSON.stringify({ frames: network.inputs.length, timesteps, shape: [h, w, ci] }));
  if (network.neuron === "counts" && network.head) {
    put(FILES.native, nativeFile(network));
    for (const form of onnx) put(onnxFile(form), onnxModel(network, form));
  }
  return folder;
}

export function readNetwork(folder: string): NetworkInputs {
  const { frames, timesteps, shape } = JSON.parse(readFileSync(join(folder, FILES.head), "utf8")) as
    { frames: number; timesteps: number; shape: [number, number, number] };
  const bytes = readFileSync(join(folder, FILES.frames));
  const size = bytes.length / frames;
  return { inputs: Array.from({ length: frames }, (_, i) => new Uint8Array(bytes.subarray(i * size, (i + 1) * size))), timesteps, shape };
}
