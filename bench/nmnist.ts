import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectFrames } from "../host/cli/bench-frames.js";
import type { BenchFrames } from "../host/cli/measure.js";
import { openPackage } from "../host/network.js";
import { Engine } from "../host/engine/engine.js";
import { packageRoot } from "../host/root.js";
import { digitRecording } from "../host/simulator/digits.js";
import type { Events, LoadedPackage } from "../host/types.js";
import type { IntegerGraph, NeuronNode, WeightedConv, WeightedLinear } from "../models/graph/integer.js";
import { readCheckpoint } from "../models/importers/checkpoint.js";
import { distance, mustBeNear } from "./agreement.js";
import { Child } from "./contestants/child.js";
import { script } from "./contestants/list.js";
import { FILES } from "./networks/folder.js";
import { figure, type Result, type Settings } from "./result.js";
import { inRounds, timesFaster, type Runner, type Timing } from "./rounds.js";
import { torchProgram, torchPython } from "./torch.js";

export const DATASET = fileURLToPath(new URL("../shared/data/dvs/nmnist-small/test.json", packageRoot));
export const CHECKPOINT = new URL("models/zoo/nmnist/nmnist.safetensors", packageRoot);
const WINDOWS = 24;
/** Of a simulated digit. */
const WINDOWS_A_DIGIT = 3;
const LIBRARIES = ["spikingjelly", "snntorch"] as const;
/** The library's own compiled neuron, which fires at most once a timestep: another network, shown because it is its fastest. */
const BINARY = "spikingjelly-binary";
const WANTED = 30;
/** Floats beside integers, on a network with state: how far logits may be apart, as a share of their length. */
const TOLERANCE = 0.1;
/** Of the package's readout. */
const LOGIT_FRACTION_BITS = 8;

/** The zoo's N-MNIST network, batch 1, on one thread: a window of all its timesteps in ours and in PyTorch's spiking libraries. */
export async function nmnistBench({ rounds, quick }: Settings): Promise<Result> {
  const pkg = await openPackage("nmnist");
  const { frames, timesteps, source } = await framesOf(pkg);
  const folder = mkdtempSync(join(tmpdir(), "saccade-bench-"));
  const children: Child[] = [];
  try {
    writeFolder(folder, pkg, { frames, timesteps });
    const ours = await Child.start("saccade", process.execPath, [script("saccade.js"), folder, "auto"]);
    children.push(ours);
    const python = quick ? undefined : torchPython();
    if (python !== undefined)
      for (const library of [...LIBRARIES, BINARY]) {
        const child = await Child.start(library, python, [torchProgram, folder, library], { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" });
        children.push(child);
        if (library !== BINARY) mustAgree(ours, child, pkg.card.framing.timesteps);
      }
    const perWindow: Runner = { name: ours.name, run: n => ours.run(n * pkg.card.framing.timesteps) };
    const timings = await inRounds([perWindow, ...children.slice(1)], rounds);
    return resultOf(timings, children, source, timesteps / pkg.card.framing.timesteps);
  } finally {
    for (const child of children) child.stop();
    rmSync(folder, { recursive: true });
  }
}

function resultOf(timings: readonly Timing[], children: readonly Child[], source: string, windows: number): Result {
  const [ours] = timings as readonly [Timing, ...Timing[]];
  const rows = timings.map((timing, i) => ({
    name: timing.name,
    version: children[i]!.greeting.version,
    window_us: { median: timing.median * 1e6, p10: timing.p10 * 1e6, p90: timing.p90 * 1e6 },
    times_ours: timesFaster(ours, timing),
    resident_bytes: children[i]!.residentBytes,
  }));
  const row = (name: string): (typeof rows)[number] | undefined => rows.find(item => item.name === name);
  const cells = rows.map(({ name, version, window_us: { median, p10, p90 }, times_ours, resident_bytes: bytes }) => [
    name, figure(median), `${figure(p10)}–${figure(p90)}`, figure(times_ours), bytes === undefined ? "" : `${Math.round(bytes / 1e6)}`, version,
  ]);
  const missing = LIBRARIES.filter(library => row(library) === undefined).map(library => [library, "not installed", "", "", "", ""]);
  return {
    tables: [{
      title: `N-MNIST package, batch 1, one thread; ${windows} windows of ${source}`,
      rows: [["engine", "µs a window", "p10–p90", "times ours", "MB resident", "version"], ...cells, ...missing],
    }],
    figures: { frames: source, rows },
    marks: LIBRARIES.map(library =>
      ({ name: `N-MNIST package against ${library}`, unit: "×", wanted: WANTED, found: row(library)?.times_ours })),
  };
}

/** Real recordings where the shared data is, simulated digits otherwise. */
export async function framesOf(pkg: LoadedPackage): Promise<BenchFrames & { readonly source: string }> {
  const engine = new Engine(pkg.plan, pkg.constants);
  if (existsSync(DATASET)) return { ...(await collectFrames(pkg, engine, DATASET, WINDOWS)), source: "N-MNIST test recordings" };
  const { framing } = pkg.card;
  const slice = (framing.windowMicros ?? 100_000) / framing.timesteps;
  const taken: Uint8Array[] = [];
  for (let digit = 0; taken.length < WINDOWS * framing.timesteps; digit++) {
    const { events } = digitRecording(digit, digit % 10);
    taken.push(...slicesOf(engine, events, slice, WINDOWS_A_DIGIT * framing.timesteps));
  }
  return { frames: new Uint8Array(Buffer.concat(taken)), timesteps: taken.length, source: "simulated digits" };
}

function slicesOf(engine: Engine, events: Events, micros: number, slices: number): Uint8Array[] {
  const stream = engine.stream();
  let from = 0;
  return Array.from({ length: slices }, (_, step) => {
    let to = from;
    while (to < events.count && events.t[to]! < events.t[0]! + (step + 1) * micros) to++;
    stream.frame(events, from, to);
    from = to;
    return engine.input.slice();
  });
}

function writeFolder(folder: string, pkg: LoadedPackage, { frames, timesteps }: BenchFrames): void {
  const put = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, name), bytes);
  const { graph } = readCheckpoint(new Uint8Array(readFileSync(CHECKPOINT)));
  const input = graph.nodes.find(node => node.type === "Input");
  put(FILES.plan, pkg.plan);
  put(FILES.constants, pkg.constants);
  put(FILES.frames, frames);
  put(FILES.head, JSON.stringify({ frames: timesteps, timesteps: pkg.card.framing.timesteps, shape: input?.shape }));
  put("torch.json", JSON.stringify(layersOf(graph)));
}

/** Weighted layers in the reals that their neurons see, 1 being a threshold: what bench/torch/network.py reads. */
function layersOf({ nodes }: IntegerGraph): object[] {
  const weighted = nodes.filter((node): node is WeightedConv | WeightedLinear => node.type === "Conv2d" || node.type === "Linear");
  return weighted.map(node => {
    const neuron = nodes.find((other): other is NeuronNode => "input" in other && other.input === node.name && "decay" in other);
    if (neuron === undefined) throw new Error(`${node.name} has no neuron`);
    const outputs = node.type === "Conv2d" ? node.outChannels : node.outFeatures, row = node.weight.length / outputs;
    const scale = (o: number): number => {
      const { multiplier = 1, shift = 0, fractionBits } = neuron;
      return (typeof multiplier === "number" ? multiplier : multiplier[o % multiplier.length]!) / 2 ** (shift + fractionBits);
    };
    return {
      shape: node.type === "Conv2d" ? [outputs, row / node.kernel[0] / node.kernel[1], ...node.kernel] : [outputs, row],
      stride: node.type === "Conv2d" ? node.stride[0] : 1,
      weight: Array.from(node.weight, (weight, i) => weight * scale(Math.floor(i / row))),
      bias: Array.from({ length: outputs }, (_, o) => (node.bias?.[o] ?? 0) * scale(o)),
      leak: neuron.decay.form === "shift" ? 2 ** -Number(neuron.decay.values) : 0,
      max_count: neuron.maxCount ?? 0,
    };
  });
}

/** @throws Error when a library's logits of whole windows are not those of our network */
function mustAgree(ours: Child, theirs: Child, timesteps: number): void {
  const windows = ours.greeting.outputs.filter((_, step) => step % timesteps === timesteps - 1).flat();
  const reals = windows.map(logit => logit / 2 ** LOGIT_FRACTION_BITS);
  mustBeNear(theirs.name, distance(theirs.greeting.outputs.flat(), reals), TOLERANCE);
}
