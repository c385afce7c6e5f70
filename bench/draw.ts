import { writeFileSync } from "node:fs";
import { packageRoot } from "../host/root.js";
import { machineText, type Machine } from "./machine.js";
import type { NetworkRow } from "./network.js";
import { figure } from "./result.js";
import { BAR_PITCH, bars, legend, plot, svg, text, type Bar, type Line } from "./svg.js";
import type { Curve } from "./sweep.js";

const WIDTH = 860, LABELS = 260;
/** Rows of the network's table that are drawn, and what they are called there. */
const NETWORK_BARS: readonly (readonly [row: string, label: string])[] = [
  ["saccade, 10 %", "Saccade, 10 % activity"],
  ["saccade, 20 %", "Saccade, 20 % activity"],
  ["saccade, dense", "Saccade, dense kernels"],
  ["C spikes, 10 %, gcc -O3", "same kernels in C, gcc -O3, 10 %"],
  ["C dense, gcc -O3", "same kernels in C, gcc -O3, dense"],
  ["onnxruntime-node fp32", "onnxruntime-node fp32 (native)"],
  ["onnxruntime-node int8", "onnxruntime-node int8 (native)"],
  ["onnxruntime-web fp32", "onnxruntime-web fp32 (WASM)"],
  ["onnxruntime-web int8", "onnxruntime-web int8 (WASM)"],
];

/** What the pictures are drawn from, in the form that the benches give. */
export interface Figures {
  readonly network?: { readonly rows: readonly NetworkRow[] };
  readonly nmnist?: { readonly rows: readonly { readonly name: string; readonly window_us: { readonly median: number } }[] };
  readonly sweep?: { readonly curves: readonly Curve[] };
}

/** Draws docs/bench.svg and docs/density.svg, each when its figures are there. @returns the files that were written */
export function draw(machine: Machine, { network, nmnist, sweep }: Figures): string[] {
  const files: string[] = [];
  const put = (name: string, picture: string): void => {
    writeFileSync(new URL(name, packageRoot), picture);
    files.push(name);
  };
  if (network !== undefined && nmnist !== undefined) put("docs/bench.svg", benchPicture(machine, network.rows, nmnist.rows));
  if (sweep !== undefined) put("docs/density.svg", densityPicture(machine, sweep.curves));
  return files;
}

export function benchPicture(
  machine: Machine, network: readonly NetworkRow[], nmnist: NonNullable<Figures["nmnist"]>["rows"],
): string {
  const first: Bar[] = NETWORK_BARS.flatMap(([name, label]) => {
    const value = network.find(row => row.name === name)?.milliseconds?.median;
    return value === undefined ? [] : [{ label, value, colour: name.startsWith("saccade") ? "ours" : "other" }];
  });
  const second: Bar[] = nmnist.map(({ name, window_us }): Bar =>
    ({ label: LIBRARY_NAMES[name] ?? name, value: window_us.median, colour: name === "saccade" ? "ours" : "other" }));
  const below = 60 + first.length * BAR_PITCH;
  const height = below + 64 + second.length * BAR_PITCH + 30;
  return svg(WIDTH, height, [
    text(8, 22, "A frame through the 13.3 MMAC network, one thread, milliseconds (less is better)", "title"),
    ...bars(0, 36, WIDTH, LABELS, first, value => `${figure(value)} ms`),
    text(8, below + 22, "A window of the N-MNIST network, batch 1, one thread, microseconds", "title"),
    ...bars(0, below + 36, WIDTH, LABELS, second, value => `${figure(value)} µs`),
    text(8, height - 10, `medians of interleaved rounds; ${machineText(machine)}`, "faint"),
  ]);
}

const LIBRARY_NAMES: Readonly<Record<string, string>> = {
  saccade: "Saccade", spikingjelly: "SpikingJelly", snntorch: "snnTorch", "spikingjelly-binary": "SpikingJelly's own binary LIF",
};

export function densityPicture(machine: Machine, curves: readonly Curve[]): string {
  const panel = (WIDTH - 30) / curves.length, height = 330;
  const lineOf = (curve: Curve, kernels: "dense" | "spikes" | "auto"): Pick<Line, "points"> =>
    ({ points: curve.points.map(({ density, micros }) => [density, micros[kernels]] as const) });
  const kinds = [
    { label: "dense kernels", colour: "other", kernels: "dense" },
    { label: "spike-driven kernels", colour: "spikes", kernels: "spikes" },
    { label: "what the engine chooses", colour: "ours", kernels: "auto", dashed: true },
  ] as const;
  const panels = curves.flatMap((curve, i) => {
    const lines = kinds.map(({ kernels, ...kind }) => ({ ...kind, ...lineOf(curve, kernels) }));
    return [text(i * panel + 46, 56, `${curve.layer}, µs`), ...plot(i * panel + 46, 76, panel - 66, 184, lines)];
  });
  return svg(WIDTH, height, [
    text(8, 22, "Time of a layer by the share of its inputs that are non-zero", "title"),
    ...panels,
    ...legend(46, 302, kinds),
    text(8, height - 6, `medians of interleaved rounds; ${machineText(machine)}`, "faint"),
  ]);
}
