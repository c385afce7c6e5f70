import { rmSync } from "node:fs";
import { agreeing } from "./agreement.js";
import { Child } from "./contestants/child.js";
import { nativeContestants, onnxContestants, ownContestants, RECORDED, recordedContestants, type Contestant, type Frames } from "./contestants/list.js";
import { writeNetwork } from "./networks/folder.js";
import { mobileLayers } from "./networks/layers.js";
import { makeNetwork, type Network } from "./networks/network.js";
import type { NeuronKind } from "./networks/neurons.js";
import { recordedFrames } from "./networks/recorded.js";
import { ONNX_FORMS } from "./onnx/network.js";
import { figure, type Mark, type Result, type Settings } from "./result.js";
import { inRounds, timesFaster, type Timing } from "./rounds.js";

const FRAMES = 4;
const SEED = 1;

/** One engine on one network. */
export interface NetworkRow {
  readonly name: string;
  readonly version: string;
  /** Share of non-zero inputs and of neurons that fire; undefined where it does not change the time. */
  readonly density?: number | undefined;
  readonly milliseconds?: { readonly median: number; readonly p10: number; readonly p90: number };
  /** Multiply-accumulates of the dense form a second, whether they were done or not. */
  readonly gmac_per_second?: number;
  /** Accumulates that spikes cause a second, one for each weight that a non-zero input meets. */
  readonly gsop_per_second?: number | undefined;
  readonly resident_bytes?: number | undefined;
  /** Why there are no figures. */
  readonly missing?: string;
}

/** The network of 13.3 MMAC in every engine, each in a process of its own, in turns; outputs are compared before anything is timed. */
export async function networkBench({ rounds, quick }: Settings): Promise<Result> {
  const networks = new Map<string, { network: Network; folder: string }>();
  const recorded = quick ? [] : await Promise.all(RECORDED.map(recordedFrames));
  const hasRecordings = recorded.length > 0 && !recorded.includes(undefined);
  const place = (neuron: NeuronKind, density: number, from: Frames = "drawn"): { network: Network; folder: string } => {
    const key = `${neuron} ${density} ${from}`;
    if (!networks.has(key)) {
      const frames = from === "drawn" ? FRAMES : recorded[RECORDED.indexOf(density)]!;
      const network = makeNetwork({ layers: mobileLayers(quick ? 32 : 128), neuron, density, head: true, frames, seed: SEED });
      networks.set(key, { network, folder: writeNetwork(network, ONNX_FORMS) });
    }
    return networks.get(key)!;
  };
  const onRecordings = hasRecordings ? recordedContestants(place) : [];
  const contestants = [...ownContestants(place), ...onRecordings, ...nativeContestants(place), ...onnxContestants(place)];
  const started: { contestant: Contestant; child?: Child; missing?: string }[] = [];
  try {
    for (const contestant of contestants) {
      if ("missing" in contestant.start) started.push({ contestant, missing: contestant.start.missing });
      else started.push({ contestant, child: await Child.start(contestant.name, contestant.start.command, contestant.start.args) });
    }
    agreeing(started.flatMap(({ contestant, child }) => (child === undefined ? [] : [{ contestant, outputs: child.greeting.outputs }])));
    const children = started.flatMap(({ child }) => child ?? []);
    const timings = await inRounds(children, rounds);
    const rows = started.map(({ contestant, child, missing }) => rowOf(contestant, child, timings[children.indexOf(child!)], missing));
    return { tables: [tableOf(rows, [...networks.values()][0]!.network)], figures: { rows }, marks: marksOf(timings, rows) };
  } finally {
    for (const { child } of started) child?.stop();
    for (const { folder } of networks.values()) rmSync(folder, { recursive: true });
  }
}

function rowOf(contestant: Contestant, child: Child | undefined, timing: Timing | undefined, missing = ""): NetworkRow {
  const { name, density, network, bySpikes } = contestant;
  if (child === undefined || timing === undefined) return { name, version: "", density, missing };
  const { median, p10, p90 } = timing;
  return {
    name,
    version: child.greeting.version,
    density,
    milliseconds: { median: median * 1e3, p10: p10 * 1e3, p90: p90 * 1e3 },
    gmac_per_second: network.macs / median / 1e9,
    gsop_per_second: bySpikes ? network.operations / median / 1e9 : undefined,
    resident_bytes: child.residentBytes,
  };
}

function tableOf(rows: readonly NetworkRow[], { macs }: Network): Result["tables"][number] {
  const cells = rows.map(row => {
    const density = row.density === undefined ? "" : `${Math.round(row.density * 100)} %`;
    if (row.milliseconds === undefined) return [row.name, density, "", "", "", "", "", row.missing ?? ""];
    const { median, p10, p90 } = row.milliseconds;
    return [
      row.name, density, figure(median), `${figure(p10)}–${figure(p90)}`, figure(row.gmac_per_second!),
      row.gsop_per_second === undefined ? "" : figure(row.gsop_per_second),
      row.resident_bytes === undefined ? "" : `${Math.round(row.resident_bytes / 1e6)}`, row.version,
    ];
  });
  return {
    title: `network of ${(macs / 1e6).toFixed(1)} MMAC, one thread, a frame at a time`,
    rows: [["engine", "activity", "ms", "p10–p90", "GMAC/s of the dense form", "GSOP/s", "MB resident", "version"], ...cells],
  };
}

function marksOf(timings: readonly Timing[], rows: readonly NetworkRow[]): Mark[] {
  const timing = (name: string): Timing | undefined => timings.find(item => item.name === name);
  const ratio = (ours: string, others: readonly string[]): number | undefined => {
    const a = timing(ours), b = others.flatMap(name => timing(name) ?? []);
    return a === undefined || b.length < others.length ? undefined : Math.min(...b.map(other => timesFaster(a, other)));
  };
  const row = (name: string): NetworkRow | undefined => rows.find(item => item.name === name);
  const times = (name: string, wanted: number, found: number | undefined): Mark => ({ name, unit: "×", wanted, found });
  return [
    times("dense against onnxruntime-web fp32", 3, ratio("saccade, dense", ["onnxruntime-web fp32"])),
    times("dense against onnxruntime-web int8", 8, ratio("saccade, dense", ["onnxruntime-web int8"])),
    times("10 % activity against onnxruntime-web fp32", 10, ratio("saccade, 10 %", ["onnxruntime-web fp32"])),
    times("10 % activity against the better of onnxruntime-node fp32 and int8", 1.5,
      ratio("saccade, 10 %", ["onnxruntime-node fp32", "onnxruntime-node int8"])),
    times("10 % activity of recordings against onnxruntime-web fp32", 10, ratio("saccade, recorded, 10 %", ["onnxruntime-web fp32"])),
    times("10 % activity of recordings against the better of onnxruntime-node fp32 and int8", 1.5,
      ratio("saccade, recorded, 10 %", ["onnxruntime-node fp32", "onnxruntime-node int8"])),
    { name: "dense, whole network", unit: "GMAC/s", wanted: 30, found: row("saccade, dense")?.gmac_per_second },
    { name: "spike-driven, 10 % activity", unit: "GSOP/s", wanted: 25, found: row("saccade, spikes, 10 %")?.gsop_per_second },
    { name: "spike-driven, 20 % activity", unit: "GSOP/s", wanted: 25, found: row("saccade, spikes, 20 %")?.gsop_per_second },
    times("dense against the same kernels in C, gcc -O3", 0.8, ratio("saccade, dense", ["C dense, gcc -O3"])),
    times("spike-driven, 10 %, against the same kernels in C, gcc -O3", 0.8, ratio("saccade, spikes, 10 %", ["C spikes, 10 %, gcc -O3"])),
  ];
}
