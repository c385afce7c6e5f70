import t from "tap";
import { JUMP_MICROS, TimeJump } from "../../host/decoders/time-jump.js";
import { Windower } from "../../host/framing/windower.js";
import type { Framing } from "../../host/types.js";
import { decodeBytes } from "./collect.js";
import { u32 } from "./encode-bytes.js";

const SIZE = { width: 34, height: 34 };

/** Formats in which a time stamp can be anything: the bytes of events at these times, µs. */
const WRITTEN: Readonly<Record<string, (times: readonly number[]) => Buffer>> = {
  csv: times => Buffer.from(`t_us,x,y,p\n${times.map((t, i) => `${t},${i % 34},3,1\n`).join("")}`),
  dat: times => Buffer.from(times.flatMap((t, i) => [...u32(t), ...u32((1 << 28) | (3 << 14) | (i % 34))])),
  evt2: times => Buffer.from(times.flatMap((t, i) => [...u32((8 << 28) | (t >>> 6)), ...u32((1 << 28) | ((t & 63) << 22) | (i % 34 << 11) | 3)])),
};

const decoded = (format: string, times: readonly number[], cuts: readonly number[] = []) => {
  const { events, drops } = decodeBytes(format, WRITTEN[format]!(times), cuts, SIZE);
  return { times: [...events.t.subarray(0, events.count)], drops };
};

const HOUR = 3_600_000_000;

for (const format of Object.keys(WRITTEN)) {
  t.test(`${format}: one time that lies far ahead holds no others back`, async t => {
    const times = [1000, 1010, HOUR / 2, 1020, 1030, 1040, 1035, 1050];
    const wanted = [1000, 1010, HOUR / 2, HOUR / 2, 1030, 1040, 1040, 1050];
    for (const cuts of [[], [1], [7]])
      t.same(decoded(format, times, cuts), { times: wanted, drops: { time_backwards: 2, time_jump: 1 } }, `in chunks of ${cuts}`);
  });

  t.test(`${format}: a pause is a pause, however long; one time that lies far back is moved up`, async t => {
    const paused = [1000, 1010, HOUR / 2, HOUR / 2 + 10];
    t.same(decoded(format, paused), { times: paused, drops: {} });
    t.same(decoded(format, [HOUR / 2, 5, HOUR / 2 + 1, 6, HOUR / 2 + 2]), {
      times: [HOUR / 2, HOUR / 2, HOUR / 2 + 1, HOUR / 2 + 1, HOUR / 2 + 2], drops: { time_backwards: 2 },
    });
  });
}

t.test("the bound itself is no jump, and two that do not agree are none", async t => {
  const jump = new TimeJump();
  const latest = 5 * JUMP_MICROS;
  t.same([latest - JUMP_MICROS, latest - JUMP_MICROS].map(time => jump.isReal(time, latest)), [false, false]);
  t.same([0, JUMP_MICROS + 1, 2 * JUMP_MICROS + 1].map(time => jump.isReal(time, latest)), [false, false, true]);
  t.same([jump.isReal(0, latest), jump.isReal(0, latest + 1)], [false, false], "an event between them that is newer ends the doubt");
});

t.test("windows go on after a corrupt time", async t => {
  const seconds = (...times: readonly number[]): number[] => times.map(time => time * 1e6);
  const { events } = decodeBytes("csv", WRITTEN["csv"]!(seconds(0, 2.5, 3600, 3, 3.5, 5.5, 7.5, 13)), [], SIZE);
  const framing: Framing = { kind: "time", windowMicros: 5_000_000, timesteps: 1, frame: "counts", cap: 255, state: "keep" };
  const windower = new Windower(framing);
  const spans: number[][] = [];
  for (const windows of [windower.push(events), windower.end()]) for (const { start, end, events: { count } } of windows) spans.push([start / 1e6, end / 1e6, count]);
  t.same(spans, [[0, 5, 2], [5, 10, 0], [10, 15, 0], [3600, 3605, 2], [3.5, 8.5, 3], [8.5, 13.5, 1]]);
  t.match(windower.drops, { clock_restarts: 1 });
});
