import { quantile } from "../host/cli/measure.js";
import { KERNELS, type Kernels } from "../host/engine/engine.js";
import { runnerOf } from "./engines.js";
import { layerOf, macs, type Layer } from "./networks/layers.js";
import { makeNetwork } from "./networks/network.js";
import { figure, type Result, type Settings, type Table } from "./result.js";
import { inRounds, timesFaster, type Timing } from "./rounds.js";

const DENSITIES = [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const QUICK_DENSITIES = [0, 0.1, 1];
const FRAMES = 4;
/** How far the engine's own choice may be behind the better kernels. */
const WANTED = 1.1;

export interface Point {
  /** Share of non-zero inputs. */
  readonly density: number;
  readonly micros: Readonly<Record<Kernels, number>>;
  /** The engine's choice against the better of the two: 1 when it is that one. */
  readonly auto_to_better: number;
}

export interface Curve {
  readonly layer: string;
  readonly mmac: number;
  readonly points: readonly Point[];
  /** Density from which the dense kernels are faster; null when they never are. */
  readonly crossover: number | null;
}

/** One layer of each weighted kind, 0 to 100 % of its inputs non-zero: dense kernels, spike-driven ones, and what the engine chooses. */
export async function sweepBench(settings: Settings): Promise<Result> {
  const { quick } = settings, pixels = quick ? 4 : 16;
  const layers: readonly (readonly [string, Layer])[] = [
    [`conv 3×3, 32 to 64, ${pixels}×${pixels}`, layerOf("conv", "conv", 1, { h: pixels, w: pixels, c: 32 }, 64)],
    [`pointwise, 64 to 128, ${pixels}×${pixels}`, layerOf("pointwise", "pointwise", 1, { h: pixels, w: pixels, c: 64 }, 128)],
    ["linear, 1024 to 1024", layerOf("linear", "linear", 1, { h: 1, w: 1, c: 1024 }, 1024)],
  ];
  const curves: Curve[] = [];
  for (const [name, layer] of layers) curves.push(await sweep(name, layer, quick ? QUICK_DENSITIES : DENSITIES, settings));
  return {
    tables: curves.map(tableOf),
    figures: { curves },
    marks: curves.map(({ layer, points }) => {
      const found = Math.max(...points.map(point => point.auto_to_better));
      return { name: `choice against the better kernels, ${layer}`, unit: "×", wanted: WANTED, atMost: true, found };
    }),
  };
}

async function sweep(name: string, layer: Layer, densities: readonly number[], { rounds }: Settings): Promise<Curve> {
  // All densities take turns together, so that a change of the machine's pace bends no curve.
  const runners = densities.flatMap((density, i) => {
    const network = makeNetwork({ layers: [layer], neuron: "counts", density, head: false, frames: FRAMES, seed: i });
    return KERNELS.map(kernels => runnerOf(network, kernels));
  });
  const timings = await inRounds(runners, { ...rounds, turnMillis: rounds.turnMillis / 4, warmMillis: rounds.warmMillis / 4 });
  const points = densities.map((density, i) => pointOf(density, timings.slice(i * KERNELS.length, (i + 1) * KERNELS.length)));
  return { layer: name, mmac: macs(layer) / 1e6, points, crossover: crossoverOf(points) };
}

function pointOf(density: number, timings: readonly Timing[]): Point {
  const [auto, dense, spikes] = timings as readonly [Timing, Timing, Timing];
  const better = timesFaster(dense, spikes) > 1 ? dense : spikes;
  return {
    density,
    micros: { auto: auto.median * 1e6, dense: dense.median * 1e6, spikes: spikes.median * 1e6 },
    auto_to_better: quantile(auto.seconds.map((seconds, i) => seconds / better.seconds[i]!), 0.5),
  };
}

/** Where the curves meet, between two measured points; silence, which costs neither anything, is left out. */
function crossoverOf(points: readonly Point[]): number | null {
  const lead = ({ micros }: Point): number => micros.spikes - micros.dense;
  const at = points.findIndex(point => point.density > 0 && lead(point) > 0);
  if (at < 0) return null;
  if (at <= 1) return points[at]!.density;
  const [before, after] = [points[at - 1]!, points[at]!];
  return before.density + ((after.density - before.density) * -lead(before)) / (lead(after) - lead(before));
}

function tableOf({ layer, mmac, points, crossover }: Curve): Table {
  const meeting = crossover === null ? "spike-driven kernels are never slower" : `dense kernels are faster from ${Math.round(100 * crossover)} % on`;
  return {
    title: `${layer}: ${meeting}`,
    rows: [
      ["non-zero", "dense µs", "spikes µs", "choice µs", "choice to better", "GMAC/s", "GSOP/s"],
      ...points.map(({ density, micros, auto_to_better }) => [
        `${Math.round(100 * density)} %`, figure(micros.dense), figure(micros.spikes), figure(micros.auto), auto_to_better.toFixed(2),
        figure((mmac * 1e3) / micros.dense), figure((density * mmac * 1e3) / micros.spikes),
      ]),
    ],
  };
}
