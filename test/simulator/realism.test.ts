import { readFileSync } from "node:fs";
import t from "tap";
import { digitRecording } from "../../host/simulator/digits.js";
import type { Events } from "../../host/types.js";
import { needs, sharedData } from "../data.js";

/** The figures by which the constants of sensor, path and hand were chosen. */
const SIDE = 34;
const BIN_MICROS = 5000;
const BINS = 60;
const SIMULATED = 300;
const JUDGED = 100;
const NEIGHBOURS = 3;

interface Sample {
  readonly events: Events;
  readonly digit: number;
}

/** N-MNIST's 5 bytes an event: x, y, polarity and 23 bits of time, big-endian. */
function readReal(): Sample[] {
  const folder = sharedData("dvs/nmnist-small")!;
  const { samples } = JSON.parse(readFileSync(`${folder}/train.json`, "utf8")) as { samples: { file: string; label: string }[] };
  return samples.map(({ file, label }) => {
    const bytes = readFileSync(`${folder}/${file}`);
    const count = bytes.length / 5;
    const each = (value: (at: number) => number): number[] => Array.from({ length: count }, (_, index) => value(5 * index));
    const events = {
      count,
      t: Float64Array.from(each((at) => bytes.readUIntBE(at + 2, 3) & 0x7fffff)),
      x: Uint16Array.from(each((at) => bytes[at]!)),
      y: Uint16Array.from(each((at) => bytes[at + 1]!)),
      p: Uint8Array.from(each((at) => bytes[at + 2]! >> 7)),
    };
    return { events, digit: Number(label) };
  });
}

function simulate(): Sample[] {
  return Array.from({ length: SIMULATED }, (_, index) => ({ events: digitRecording(5000 + index, index % 10).events, digit: index % 10 }));
}

interface Figures {
  readonly events: number;
  readonly on: number;
  readonly activePixels: number;
  /** Median time between two events of one pixel and polarity, µs. */
  readonly interval: number;
  /** Events a recording and bin. */
  readonly rate: readonly number[];
  /** Mean position of each polarity's events, a bin; undefined where there are too few. */
  readonly place: readonly (number | undefined)[];
  readonly byDigit: readonly number[];
}

function figuresOf(samples: readonly Sample[]): Figures {
  const rate = new Array<number>(BINS).fill(0);
  const places = Array.from({ length: 4 }, () => new Array<number>(BINS).fill(0));
  const polarity = [new Array<number>(BINS).fill(0), new Array<number>(BINS).fill(0)];
  const byDigit = new Array<number>(10).fill(0);
  const digits = new Array<number>(10).fill(0);
  const intervals: number[] = [];
  let [events, on, active] = [0, 0, 0];
  for (const { events: { count, t, x, y, p }, digit } of samples) {
    const last = new Map<number, number>();
    const pixels = new Set<number>();
    events += count;
    byDigit[digit]! += count;
    digits[digit]! += 1;
    for (let i = 0; i < count; i++) {
      const [pixel, sign] = [y[i]! * SIDE + x[i]!, p[i]!];
      on += sign;
      pixels.add(pixel);
      const before = last.get(2 * pixel + sign);
      if (before !== undefined && intervals.length < 200_000) intervals.push(t[i]! - before);
      last.set(2 * pixel + sign, t[i]!);
      const bin = Math.floor(t[i]! / BIN_MICROS);
      if (bin >= BINS) continue;
      rate[bin]! += 1;
      polarity[sign]![bin]! += 1;
      places[2 * sign]![bin]! += x[i]!;
      places[2 * sign + 1]![bin]! += y[i]!;
    }
    active += pixels.size;
  }
  const n = samples.length;
  intervals.sort((a, b) => a - b);
  return {
    events: events / n,
    on: on / events,
    activePixels: active / n,
    interval: intervals[intervals.length >> 1]!,
    rate: rate.map((total) => total / n),
    place: places.flatMap((sums, axis) => sums.map((sum, bin) => {
      const seen = polarity[axis >> 1]![bin]!;
      return seen > 20 * n ? sum / seen : undefined;
    })),
    byDigit: byDigit.map((total, digit) => total / digits[digit]!),
  };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (u: readonly number[], mu: number, v: readonly number[], mv: number): number =>
    u.reduce((sum, value, at) => sum + (value - mu) * (v[at]! - mv), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
}

/** Counts of each polarity in each saccade, smoothed over neighbours, square root, unit length. */
function feature({ t, x, y, p, count }: Events): Float32Array {
  const counts = new Float32Array(6 * SIDE * SIDE);
  for (let i = 0; i < count; i++) {
    const plane = 2 * Math.min(2, Math.floor(t[i]! / 100_000)) + p[i]!;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [column, row] = [x[i]! + dx, y[i]! + dy];
        if (column < 0 || row < 0 || column >= SIDE || row >= SIDE) continue;
        counts[(plane * SIDE + row) * SIDE + column]! += (2 - Math.abs(dx)) * (2 - Math.abs(dy));
      }
    }
  }
  const total = Math.sqrt(counts.reduce((sum, value) => sum + value, 0));
  return counts.map((value) => Math.sqrt(value) / total);
}

/** The digit that the most alike of the known recordings show. */
function nearest(known: readonly { values: Float32Array; digit: number }[], values: Float32Array): number {
  const alike = known.map(({ values: other, digit }) => {
    let dot = 0;
    for (let i = 0; i < values.length; i++) dot += values[i]! * other[i]!;
    return { dot, digit };
  });
  const votes = new Array<number>(10).fill(0);
  for (const { dot, digit } of alike.sort((a, b) => b.dot - a.dot).slice(0, NEIGHBOURS)) votes[digit]! += dot ** 8;
  return votes.indexOf(Math.max(...votes));
}

t.test("simulated digits are like N-MNIST's", needs("dvs/nmnist-small/train.json"), async (t) => {
  const [real, simulated] = [readReal(), simulate()];
  const [there, here] = [figuresOf(real), figuresOf(simulated)];
  const near = (what: "events" | "activePixels" | "interval", part: number): void => {
    const [a, b] = [here[what], there[what]];
    t.ok(Math.abs(a / b - 1) < part, `${what}: ${a.toFixed(0)} simulated, ${b.toFixed(0)} real`);
  };
  near("events", 0.08);
  near("activePixels", 0.08);
  near("interval", 0.15);
  t.ok(Math.abs(here.on - there.on) < 0.01, `ON: ${here.on.toFixed(3)} simulated, ${there.on.toFixed(3)} real`);
  const rates = correlation(here.rate, there.rate);
  t.ok(rates > 0.96, `event rate over time: correlation ${rates.toFixed(3)}`);
  const digits = correlation(here.byDigit, there.byDigit);
  t.ok(digits > 0.9, `events of each digit: correlation ${digits.toFixed(3)}`);
  const off = here.place.map((value, at) => Math.abs(value! - there.place[at]!)).filter((value) => !Number.isNaN(value));
  const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
  t.ok(off.length > 120 && mean < 0.6, `mean position of events over time: ${mean.toFixed(2)} pixels off`);

  const known = real.map(({ events, digit }) => ({ values: feature(events), digit }));
  const judged = simulated.slice(0, JUDGED);
  const right = judged.filter(({ events, digit }) => nearest(known, feature(events)) === digit).length;
  t.ok(right >= 0.95 * JUDGED, `the nearest real recordings name ${right} of ${JUDGED} simulated digits`);
});
