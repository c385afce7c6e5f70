import { createDenoiser, type DenoiseOptions } from "../host/denoise/denoiser.js";
import { DENOISE_REASONS } from "../host/denoise/filter.js";
import { openRecording } from "../host/recording.js";
import type { Events, SensorSize } from "../host/types.js";
import { sharedData } from "../test/data.js";
import { CAUSES, knownEvents, type KnownEvents } from "./denoise-stream.js";
import type { Result, Settings } from "./result.js";
import { inRounds, type Runner } from "./rounds.js";

const ALL: DenoiseOptions = { backgroundActivityMicros: 5000, refractoryMicros: 1000, hotPixelRate: 1000 };
const FILTERS: Readonly<Record<string, DenoiseOptions>> = {
  "hot pixels": { hotPixelRate: ALL.hotPixelRate },
  "background activity": { backgroundActivityMicros: ALL.backgroundActivityMicros },
  refractory: { refractoryMicros: ALL.refractoryMicros },
  "all three": ALL,
};
const SIZES: readonly SensorSize[] = [{ width: 128, height: 128 }, { width: 346, height: 260 }, { width: 1280, height: 720 }];
const BATCH = 16_384;
const RECORDINGS = [
  "dvs/dvs128-actions/alex_walking_for_10secs.aedat",
  "dvs/dvs128-actions/cam255_neal_standing_up.aedat",
  "dvs/dvs128-objects/DataSet2_Caneca.aedat",
  "dvs/dvs128-objects/assets_pendulo.aedat",
  "dvs/formats/davis240-boxes.aedat",
  "dvs/formats/davis346-room.aedat4",
  "dvs/formats/dvxplorer-head.aedat4",
  "dvs/formats/dvs.es",
  "dvs/formats/evt2.raw",
  "dvs/formats/evt2-spinning-dot.raw",
];

/** Filters of events: how fast, what they do to events whose cause is known, and what they take out of real recordings, where those are. */
export async function denoiseBench({ rounds, quick }: Settings): Promise<Result> {
  const streams = SIZES.map((size) => ({ size, name: `${size.width}x${size.height}`, events: knownEvents(quick ? 1 << 16 : 1 << 21, size) }));
  const speed = await speeds(streams, rounds);
  const causes = streams.map(({ name, size, events }) => ({ name, ...keptByCause(events, size) }));
  const recordings = quick ? [] : await shares();
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const tables = [
    { title: `filters of events, made streams, batches of ${BATCH}, Mev/s`, rows: [["filter", ...streams.map(({ name }) => name)],
      ...speed.map(({ filter, mev }) => [filter, ...Object.values(mev).map(Math.round)])] },
    { title: "kept of made streams, by cause, all three filters (5 ms, 1 ms, 1000 a second)", rows: [["sensor", ...CAUSES],
      ...causes.map((row) => [row.name, ...CAUSES.map((cause) => percent(row[cause]))])] },
  ];
  if (recordings.length > 0)
    tables.push({ title: "taken out of real recordings, all three filters", rows: [["recording", "events a second and pixel", "hot pixel", "background activity",
      "refractory", "kept"], ...recordings.map((row) => [row.name, row.events_a_second_and_pixel.toFixed(2), percent(row.hot_pixel),
      percent(row.background_activity), percent(row.refractory), percent(row.kept)])] });
  return { tables, figures: { speed, causes, recordings }, marks: [] };
}

interface Stream {
  readonly name: string;
  readonly size: SensorSize;
  readonly events: KnownEvents;
}

async function speeds(streams: readonly Stream[], rounds: Settings["rounds"]): Promise<{ filter: string; mev: Record<string, number> }[]> {
  const cases = Object.entries(FILTERS).flatMap(([filter, options]) => streams.map((stream) => ({ filter, options, stream })));
  const timings = await inRounds(cases.map(({ filter, options, stream }): Runner => {
    const denoiser = createDenoiser(options, stream.size), batches = batchesOf(stream.events);
    return {
      name: `${filter} ${stream.name}`,
      run(times) {
        const began = performance.now();
        let kept = 0;
        for (let i = 0; i < times; i++) for (const batch of batches) kept += denoiser.filter(batch).count;
        if (kept === 0) throw new Error(`${filter} keeps nothing`);
        return (performance.now() - began) / 1000;
      },
    };
  }), rounds);
  const mev = (filter: string): Record<string, number> =>
    Object.fromEntries(cases.flatMap((item, i) => item.filter === filter ? [[item.stream.name, item.stream.events.count / timings[i]!.median / 1e6]] : []));
  return Object.keys(FILTERS).map((filter) => ({ filter, mev: mev(filter) }));
}

function batchesOf({ count, t, x, y, p }: Events): Events[] {
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, k) => {
    const from = k * BATCH, to = Math.min(count, from + BATCH);
    return { count: to - from, t: t.subarray(from, to), x: x.subarray(from, to), y: y.subarray(from, to), p: p.subarray(from, to) };
  });
}

/** Which part of each cause's events is kept; told by giving the filters one event at a time. */
function keptByCause(events: KnownEvents, size: SensorSize): Record<(typeof CAUSES)[number], number> {
  const denoiser = createDenoiser(ALL, size), { t, x, y, p, cause, count } = events;
  const all = CAUSES.map(() => 0), kept = CAUSES.map(() => 0);
  const one = { count: 1, t: new Float64Array(1), x: new Uint16Array(1), y: new Uint16Array(1), p: new Uint8Array(1) };
  for (let i = 0; i < count; i++) {
    [one.t[0], one.x[0], one.y[0], one.p[0]] = [t[i]!, x[i]!, y[i]!, p[i]!];
    all[cause[i]!]!++;
    kept[cause[i]!]! += denoiser.filter(one).count;
  }
  return Object.fromEntries(CAUSES.map((name, k) => [name, kept[k]! / all[k]!])) as Record<(typeof CAUSES)[number], number>;
}

interface Share extends Record<keyof typeof DENOISE_REASONS | "kept", number> {
  readonly name: string;
  readonly events: number;
  readonly events_a_second_and_pixel: number;
}

async function shares(): Promise<Share[]> {
  const found: Share[] = [];
  for (const path of RECORDINGS) {
    const file = sharedData(path);
    if (file === undefined) continue;
    const recording = await openRecording(file), { size } = recording;
    if (size === undefined) throw new Error(`${path} does not tell its sensor's size`);
    const denoiser = createDenoiser(ALL, size);
    let events = 0, kept = 0, first = -1, last = 0;
    for await (const batch of recording.decode()) {
      if (first < 0) first = batch.t[0]!;
      last = batch.t[batch.count - 1]!;
      events += batch.count;
      kept += denoiser.filter(batch).count;
    }
    const share = (reason: keyof typeof DENOISE_REASONS): number => (denoiser.drops[reason] ?? 0) / events;
    found.push({ name: path.split("/").at(-1)!, events, events_a_second_and_pixel: (events * 1e6) / (last - first) / (size.width * size.height),
      hot_pixel: share("hot_pixel"), background_activity: share("background_activity"), refractory: share("refractory"), kept: kept / events });
  }
  return found;
}
