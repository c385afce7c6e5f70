import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { packageRoot } from "../../host/root.js";

/** The few functions of onnxruntime-web and onnxruntime-node that the bench calls; neither is a dependency of the project. */
interface Runtime {
  readonly env: { readonly versions: Readonly<Record<string, string>>; readonly wasm: { numThreads: number }; logLevel: string };
  readonly Tensor: new (type: "float32" | "uint8", data: Float32Array | Uint8Array, dims: readonly number[]) => object;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Opened> };
}
interface Opened {
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
}

export const RUNTIMES = ["web", "node"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

export const peersFolder = new URL("bench/peers/", packageRoot);

const packageOf = (name: RuntimeName): URL => new URL(`node_modules/onnxruntime-${name}/package.json`, peersFolder);

export function installed(name: RuntimeName): boolean {
  return existsSync(packageOf(name));
}

/** A model on one thread of the CPU. @returns its version, and a function from an input [1, c, h, w] to the logits */
export async function openModel(
  name: RuntimeName, model: Uint8Array, type: "float32" | "uint8", shape: readonly [h: number, w: number, c: number],
) {
  const require = createRequire(new URL("package.json", peersFolder));
  const runtime = require(`onnxruntime-${name}`) as Runtime;
  if (name === "web") runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = "error";
  const opened = await runtime.InferenceSession.create(model, {
    executionProviders: [name === "web" ? "wasm" : "cpu"], intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all",
  });
  const [h, w, c] = shape;
  return {
    version: `onnxruntime-${name} ${(JSON.parse(readFileSync(packageOf(name), "utf8")) as { version: string }).version}`,
    async run(planes: Float32Array | Uint8Array): Promise<Float32Array> {
      return (await opened.run({ frame: new runtime.Tensor(type, planes, [1, c, h, w]) }))["logits"]!.data;
    },
  };
}

/** u8[h, w, c] to [c, h, w]. */
export function planesOf(frame: Uint8Array, channels: number): Uint8Array {
  const pixels = frame.length / channels;
  return Uint8Array.from({ length: frame.length }, (_, i) => frame[(i % pixels) * channels + Math.floor(i / pixels)]!);
}
