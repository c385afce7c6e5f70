import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kernels } from "../../host/engine/engine.js";
import { packageRoot } from "../../host/root.js";
import { compileNative, NATIVE_FLAGS, type NativeFlags } from "../native.js";
import { FILES } from "../networks/folder.js";
import type { Network } from "../networks/network.js";
import type { NeuronKind } from "../networks/neurons.js";
import { installed, RUNTIMES } from "../onnx/runtime.js";
import type { OnnxForm } from "../onnx/network.js";

/** An engine in one setting on one network, and how its process is started. */
export interface Contestant {
  readonly name: string;
  readonly start: { readonly command: string; readonly args: readonly string[] } | { readonly missing: string };
  readonly network: Network;
  /** Where it matters. */
  readonly density?: number | undefined;
  /** Whether its work follows the spikes. */
  readonly bySpikes: boolean;
  /** Of ONNX Runtime: what its numbers mean. */
  readonly form?: OnnxForm;
}

/** A network of this kind and activity, written to a folder; its frames are drawn, or a recording's. */
export type Place = (neuron: NeuronKind, density: number, frames?: Frames) => { readonly network: Network; readonly folder: string };
export type Frames = "drawn" | "recorded";

/** What dense engines are timed on: they take the same time at any activity. */
const USUAL = 0.1;
const DENSITIES = [0.1, 0.2];
export const RECORDED = [0.01, 0.03, 0.1];

const percent = (density: number): string => `${Math.round(density * 100)} %`;
/** A child's program, compiled. */
export const script = (name: string): string => fileURLToPath(new URL(`build/bench/contestants/${name}`, packageRoot));

/** Our engine on frames of real recordings, where each layer is as active as the frames are. */
export function recordedContestants(place: Place): Contestant[] {
  return RECORDED.map(density => {
    const { network, folder } = place("counts", density, "recorded");
    const start = { command: process.execPath, args: [script("saccade.js"), folder, "auto"] };
    return { name: `saccade, recorded, ${percent(density)}`, network, density, bySpikes: true, start };
  });
}

export function ownContestants(place: Place): Contestant[] {
  const own = (name: string, neuron: NeuronKind, density: number, kernels: Kernels): Contestant => {
    const { network, folder } = place(neuron, density);
    const dense = kernels === "dense";
    return {
      name, network, density: dense ? undefined : density, bySpikes: !dense,
      start: { command: process.execPath, args: [script("saccade.js"), folder, kernels] },
    };
  };
  return [
    own("saccade, dense", "counts", USUAL, "dense"),
    ...DENSITIES.map(density => own(`saccade, spikes, ${percent(density)}`, "counts", density, "spikes")),
    ...DENSITIES.map(density => own(`saccade, ${percent(density)}`, "counts", density, "auto")),
    own(`saccade, binary LIF, ${percent(USUAL)}`, "lif", USUAL, "auto"),
  ];
}

export function nativeContestants(place: Place): Contestant[] {
  return (Object.keys(NATIVE_FLAGS) as NativeFlags[]).flatMap(flags => {
    const program = compileNative(flags);
    const native = (name: string, density: number, kernels: "dense" | "spikes"): Contestant => {
      const { network, folder } = place("counts", density);
      const dense = kernels === "dense";
      const start = program === undefined ? { missing: "no gcc" } : { command: program, args: [join(folder, FILES.native), kernels] };
      return { name: `${name}, ${flags}`, network, density: dense ? undefined : density, bySpikes: !dense, start };
    };
    return [native("C dense", USUAL, "dense"), ...DENSITIES.map(density => native(`C spikes, ${percent(density)}`, density, "spikes"))];
  });
}

export function onnxContestants(place: Place): Contestant[] {
  const { network, folder } = place("counts", USUAL);
  return RUNTIMES.flatMap(runtime => (["fp32", "int8"] as const).map(form => ({
    name: `onnxruntime-${runtime} ${form}`, network, bySpikes: false, form,
    start: installed(runtime)
      ? { command: process.execPath, args: [script("onnxruntime.js"), folder, runtime, form] }
      : { missing: "not installed" },
  })));
}
