import { quantile } from "../host/cli/measure.js";
import type { Kernels } from "../host/engine/engine.js";
import type { WeightBits } from "../models/graph/integer.js";
import { runnerOf } from "./engines.js";
import { layerOf, mobileLayers, type Layer } from "./networks/layers.js";
import { makeNetwork } from "./networks/network.js";
import { sectionsOf } from "./networks/program.js";
import { figure, type Result, type Settings, type Table } from "./result.js";
import { inRounds, type Timing } from "./rounds.js";
import { scoreRows, scoreTable } from "./weights-score.js";

const WIDTHS = [8, 4] as const satisfies readonly WeightBits[];
const ACTIVITY = 0.1;
const FRAMES = 4;

/** One network or layer with weights of one width. */
export interface WidthRow {
  readonly network: string;
  readonly weights: "int8" | "int4";
  /** Plan and constants, as a device keeps them. */
  readonly bytes: number;
  readonly milliseconds: { readonly dense: number; readonly ten_percent: number; readonly ten_percent_spikes: number };
  /** Of the spike-driven kernels at 10 %. */
  readonly gsop_per_second: number;
  /** As often as int8 is as fast, by the rounds' ratios. */
  readonly times_int8: { readonly dense: number; readonly ten_percent: number; readonly ten_percent_spikes: number };
}

/** int8 beside int4, at the same activity: speed and bytes of a network and of single layers, and what the N-MNIST network answers. */
export async function weightsBench(settings: Settings): Promise<Result> {
  const { quick } = settings, pixels = quick ? 4 : 16;
  const networks: readonly (readonly [string, readonly Layer[]])[] = [
    ["network of 13.3 MMAC", mobileLayers(quick ? 32 : 128)],
    [`conv 3×3, 32 to 64, ${pixels}×${pixels}`, [layerOf("conv", "conv", 1, { h: pixels, w: pixels, c: 32 }, 64)]],
    [`pointwise, 64 to 128, ${pixels}×${pixels}`, [layerOf("pointwise", "pointwise", 1, { h: pixels, w: pixels, c: 64 }, 128)]],
    ["linear, 1024 to 1024", [layerOf("linear", "linear", 1, { h: 1, w: 1, c: 1024 }, 1024)]],
  ];
  const rows: WidthRow[] = [];
  for (const [name, layers] of networks) rows.push(...(await compare(name, layers, settings)));
  const scores = await scoreRows(settings);
  return { tables: [tableOf(rows), scoreTable(scores)], figures: { networks: rows, nmnist: scores }, marks: [] };
}

const WAYS = ["dense", "auto", "spikes"] as const satisfies readonly Kernels[];

async function compare(name: string, layers: readonly Layer[], { rounds }: Settings): Promise<WidthRow[]> {
  const networks = WIDTHS.map(weightBits =>
    makeNetwork({ layers, neuron: "counts", density: ACTIVITY, head: layers.length > 1, frames: FRAMES, seed: 1, weightBits }));
  const timings = await inRounds(networks.flatMap(network => WAYS.map(kernels => runnerOf(network, kernels))), rounds);
  return networks.map((network, i) => {
    const [dense, ten, spikes] = timings.slice(3 * i, 3 * i + 3) as [Timing, Timing, Timing];
    const { plan, constants } = sectionsOf(network);
    const times = (own: Timing, at: number): number => quantile(own.seconds.map((seconds, round) => timings[at]!.seconds[round]! / seconds), 0.5);
    return {
      network: name, weights: network.weightBits === 4 ? "int4" as const : "int8" as const, bytes: plan.length + constants.length,
      milliseconds: { dense: dense.median * 1e3, ten_percent: ten.median * 1e3, ten_percent_spikes: spikes.median * 1e3 },
      gsop_per_second: network.operations / spikes.median / 1e9,
      times_int8: { dense: times(dense, 0), ten_percent: times(ten, 1), ten_percent_spikes: times(spikes, 2) },
    };
  });
}

function tableOf(rows: readonly WidthRow[]): Table {
  return {
    title: "int8 beside int4, one thread, a frame at a time",
    rows: [
      ["network", "weights", "bytes", "dense ms", "10 % ms", "10 %, spike-driven ms", "its GSOP/s", "times int8: dense", "10 %", "spike-driven"],
      ...rows.map(({ network, weights, bytes, milliseconds: ms, gsop_per_second, times_int8: times }) => [
        network, weights, bytes, figure(ms.dense), figure(ms.ten_percent), figure(ms.ten_percent_spikes), figure(gsop_per_second),
        times.dense.toFixed(2), times.ten_percent.toFixed(2), times.ten_percent_spikes.toFixed(2),
      ]),
    ],
  };
}
