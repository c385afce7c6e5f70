import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import { Engine } from "../../host/engine/engine.js";
import { Places } from "../../host/engine/places.js";
import { EnginePool, type PoolResult, type PoolStream } from "../../host/engine/pool.js";
import { runWindow } from "../../host/engine/window.js";
import type { LoadedPackage, Window } from "../../host/types.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import { readPackage } from "../../models/package/reader.js";
import { untrainedPackage } from "../cli/package.js";
import { cloudProgram } from "../conformance/cloud.js";
import { Random } from "../conformance/random.js";
import { seeds } from "../seeds.js";

const SIDE = 34, TIMESTEPS = 5;
/** More than a slot holds: the window goes as frames. */
const MANY = 20_000;

const pkg: LoadedPackage = readPackage(await untrainedPackage());
const framer = new Engine(pkg.plan, pkg.constants, { streams: 4 });

function drawWindow(random: Random, index: number, count: number): Window {
  const events = {
    count, t: new Float64Array(count), x: Uint16Array.from(random.integers(count, 0, SIDE)),
    y: Uint16Array.from(random.integers(count, 0, SIDE - 1)), p: Uint8Array.from(random.integers(count, 0, 1)),
  };
  const cuts = random.integers(TIMESTEPS - 1, 0, count).sort((a, b) => a - b);
  // The sensor's clock begins anew with every fifth.
  return { index, restarts: Math.floor(index / 5), start: index * 10, end: index * 10 + 10, events, sliceEnds: Uint32Array.of(...cuts, count) };
}

/** What one stream says alone, in line. */
function alone(windows: readonly Window[]): string[] {
  const engine = new Engine(pkg.plan, pkg.constants);
  let known = 0;
  return windows.map(window => {
    if (window.restarts !== known) engine.stream().reset();
    known = window.restarts;
    return text({ window: bare(window), logits: engine.logits, ...runWindow(engine, engine.stream(), window.events, window.sliceEnds) });
  });
}

const bare = ({ index, restarts, start, end, events }: Window): PoolResult["window"] => ({ index, restarts, start, end, events: events.count });

function text({ window, logits, outside, saturated }: Pick<PoolResult, "window" | "logits" | "outside" | "saturated">): string {
  return JSON.stringify([window, [...logits], outside, saturated]);
}

/** A window as a live source gives it: cut into parts after some slices. */
function inParts(window: Window, random: Random): Window[] {
  const parts: Window[] = [];
  let [firstSlice, from] = [0, 0];
  while (firstSlice < TIMESTEPS) {
    const past = random.integer(firstSlice + 1, TIMESTEPS);
    const to = window.sliceEnds[past - 1]!;
    const { t, x, y, p } = window.events;
    const events = { count: to - from, t: t.slice(from), x: x.slice(from), y: y.slice(from), p: p.slice(from) };
    const sliceEnds = window.sliceEnds.slice(firstSlice, past).map(end => end - from);
    parts.push({ ...window, events, sliceEnds, part: { firstSlice, earlierEvents: from, last: past === TIMESTEPS } });
    [firstSlice, from] = [past, to];
  }
  return parts;
}

async function collect(stream: PoolStream): Promise<string[]> {
  const said: string[] = [];
  for await (const result of stream.results()) said.push(text(result));
  return said;
}

async function feed(stream: PoolStream, windows: readonly Window[], pause: () => Promise<unknown> | undefined): Promise<void> {
  for (const window of windows) {
    await stream.put(window);
    await pause();
  }
  stream.finish();
}

for (const seed of seeds())
  t.test(`streams of one engine do not see each other, seed ${seed}`, async () => {
    const counts = fc.array(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(counts, fc.nat(), (counts, draw) => {
        const random = new Random(draw);
        const streams = counts.map(own => own.map((count, index) => drawWindow(random, index, count)));
        const said = streams.map((): string[] => []);
        streams.forEach((_, i) => framer.stream(i).reset());
        for (let left = streams.flat().length; left > 0; left--) {
          const open = streams.flatMap((own, i) => (said[i]!.length < own.length ? [i] : []));
          const i = random.pick(open);
          const window = streams[i]![said[i]!.length]!;
          const ran = runWindow(framer, framer.stream(i), window.events, window.sliceEnds);
          said[i]!.push(text({ window: bare(window), logits: framer.logits, ...ran }));
        }
        return JSON.stringify(said) === JSON.stringify(streams.map(alone));
      }),
      { seed, numRuns: 30 },
    );
  });

t.test("a place that is given back is taken again, at rest; another engine is made only when all are taken", async t => {
  const places = new Places(() => new Engine(pkg.plan, pkg.constants, { streams: 2 }), 2);
  const [first, second] = [places.open(), places.open()];
  t.equal(places.engines, 1);
  const rest = first.stream.save();
  const { events, sliceEnds } = drawWindow(new Random(1), 0, 300);
  runWindow(first.engine, first.stream, events, sliceEnds);
  t.notSame(first.stream.save(), rest);
  first.close();
  first.close();
  const third = places.open();
  t.equal(third.stream, first.stream);
  t.same(third.stream.save(), rest);
  const fourth = places.open();
  t.equal(places.engines, 2, "a place that is closed twice is free once");
  t.not(fourth.stream, second.stream);
});

t.test("a pool of several threads gives what one stream alone gives, bit for bit and in order", async t => {
  const pool = await EnginePool.start(pkg, framer, { workers: 3, streamsPerEngine: 2, depth: 2 });
  t.teardown(() => pool.close());
  for (const seed of seeds()) {
    const random = new Random(seed);
    const pauses = new Random(seed + 1);
    const pause = (): Promise<unknown> | undefined => (pauses.chance(0.3) ? sleep(pauses.integer(0, 3)) : undefined);
    const inputs = Array.from({ length: 8 }, () =>
      Array.from({ length: 12 }, (_, index) => drawWindow(random, index, random.pick([0, 1, 40, 700, MANY]))));
    const streams = inputs.map(() => pool.open());
    const said = await Promise.all(streams.map((stream, i) => (void feed(stream, inputs[i]!, pause), collect(stream))));
    t.same(said, inputs.map(alone), `seed ${seed}`);
    t.same(streams.map(({ drops }) => drops), streams.map(() => ({})));
    for (const stream of streams) stream.close();
    const parted = pool.open({ inParts: true });
    const windows = inputs.flat();
    void feed(parted, windows.flatMap(window => inParts(window, random)), pause);
    t.same(await collect(parted), alone(windows), "in parts");
    t.same(parted.drops, {});
  }
});

t.test("clouds of points are made before they go to a pool", async t => {
  const cloud = cloudProgram(64, { width: SIDE, height: SIDE });
  const points = { ...pkg, plan: encodePlan(cloud, planMemory(cloud), 1), constants: cloud.constants };
  const engines = [0, 1].map(() => new Engine(points.plan, points.constants)) as [Engine, Engine];
  const pool = await EnginePool.start(points, engines[0], { workers: 1 });
  t.teardown(() => pool.close());
  const random = new Random("points");
  const windows = [300, 0, MANY].map((count, index) => {
    const window = drawWindow(random, index, count);
    window.events.t.set(random.integers(count, 0, 9).map((wait, i) => i * 10 + wait));
    return { ...window, sliceEnds: window.sliceEnds.slice(3) };
  });
  const stream = pool.open();
  void feed(stream, windows, () => undefined);
  const wanted = windows.map(window =>
    text({ window: bare(window), logits: engines[1].logits, ...runWindow(engines[1], engines[1].stream(), window.events, window.sliceEnds) }));
  t.same(await collect(stream), wanted);
});

t.test("reset, save and restore of a stream in a pool", async t => {
  const pool = await EnginePool.start(pkg, framer, { workers: 1 });
  t.teardown(() => pool.close());
  const random = new Random("states");
  const windows = Array.from({ length: 4 }, (_, index) => drawWindow(random, index, 300));
  const [first, second] = [pool.open(), pool.open()];
  const results = { first: first.results(), second: second.results() };
  const next = async (which: "first" | "second"): Promise<string> => text((await results[which].next()).value as PoolResult);
  const wanted = alone(windows);
  await first.put(windows[0]!);
  await first.put(windows[1]!);
  t.same([await next("first"), await next("first")], wanted.slice(0, 2));
  const saved = await first.save();
  await second.restore(saved);
  for (const window of windows.slice(2)) await second.put(window);
  t.same([await next("second"), await next("second")], wanted.slice(2), "the other stream goes on where the first was saved");
  await first.reset();
  await first.put(windows[0]!);
  t.equal(await next("first"), wanted[0], "from rest");
  await t.rejects(second.restore(saved.subarray(4)), { code: "STATE_REFUSED" });
  const resting = pool.open({ state: "reset" });
  for (const window of windows) void resting.put(window);
  resting.finish();
  t.same(await collect(resting), windows.flatMap(window => alone([window])), "each window from rest");
});

t.test("a live stream that is too fast loses its oldest windows, counted, and keeps its order", async t => {
  const pool = await EnginePool.start(pkg, framer, { workers: 1, depth: 3 });
  t.teardown(() => pool.close());
  const stream = pool.open({ whenFull: "drop-oldest", state: "reset" });
  const random = new Random("too fast");
  const windows = Array.from({ length: 40 }, (_, index) => drawWindow(random, index, 300));
  const collecting = collect(stream);
  for (const window of windows) await stream.put(window);
  stream.finish();
  const said = await collecting;
  const wanted = windows.map(window => alone([window])[0]!);
  const places = said.map(each => wanted.indexOf(each));
  t.ok(places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!)), places.join(" "));
  t.same(places.slice(-3), [37, 38, 39], "the newest stay");
  t.same(stream.drops, { engine_busy: 40 - said.length });
  const parted = pool.open({ whenFull: "drop-oldest", inParts: true, state: "reset" });
  const collectingParts = collect(parted);
  for (const window of windows) for (const part of inParts(window, random)) await parted.put(part);
  parted.finish();
  const saidOfParts = await collectingParts;
  t.ok(saidOfParts.every(each => wanted.includes(each)), "a window that lost a part is dropped as a whole");
  t.equal(saidOfParts.at(-1), wanted.at(-1));
  t.same(parted.drops, { engine_busy: 40 - saidOfParts.length });
});

t.test("results that nobody takes make room for newer ones, counted", async t => {
  const pool = await EnginePool.start(pkg, framer, { workers: 1, depth: 3 });
  t.teardown(() => pool.close());
  const stream = pool.open({ whenFull: "drop-oldest" });
  const random = new Random("nobody");
  const windows = Array.from({ length: 8 }, (_, index) => drawWindow(random, index, 300));
  for (const window of windows) {
    await stream.put(window);
    while (stream.underWay > 0) await sleep(1);
  }
  stream.finish();
  t.same(await collect(stream), alone(windows).slice(-3), "the state has seen them all");
  t.same(stream.drops, { engine_busy: 5 });
});

t.test("a thread that hangs is ended and replaced; what was lost is counted, the rest comes", async t => {
  const deaths: [string, number][] = [];
  const pool = await EnginePool.start(pkg, framer, { workers: 1, depth: 4, patienceMillis: 2000, onDeath: (...death) => deaths.push(death) });
  t.teardown(() => pool.close());
  const random = new Random("deaths");
  const stream = pool.open();
  const windows = Array.from({ length: 6 }, (_, index) => drawWindow(random, index, 300));
  // The last slice goes far beyond the slot: nothing that a user can do makes such a window.
  const endless: Window = { ...windows[1]!, sliceEnds: Uint32Array.of(0, 0, 0, 0, 4_000_000_000) };
  const results = stream.results();
  await stream.put(windows[0]!);
  t.equal(text((await results.next()).value as PoolResult), alone(windows)[0]);
  await stream.put(endless);
  for (const window of windows.slice(2, 5)) await stream.put(window);
  const after: string[] = [];
  for (let i = 0; i < 3; i++) after.push(text((await results.next()).value as PoolResult));
  t.same(after, alone(windows.slice(2, 5)), "from rest");
  t.same(stream.drops, { engine_lost: 1, state_lost: 1 });
  t.same(deaths, [["it gave no result for 2000 ms", 1]]);
  const parted = pool.open({ inParts: true });
  const [begun, ...others] = windows.map(window => inParts(window, random));
  await parted.put({ ...begun![0]!, sliceEnds: endless.sliceEnds });
  for (const part of others.slice(0, 2).flat()) await parted.put(part);
  parted.finish();
  t.same(await collect(parted), alone(windows.slice(1, 3)), "a window that was begun is lost, those that waited come");
  t.same(parted.drops, { engine_lost: 1, state_lost: 1 });
  await t.resolves(stream.save());
});

t.test("a thread that does not come up is an error, and nothing is left running", async t => {
  const broken = { ...pkg, plan: pkg.plan.subarray(0, 40) };
  await t.rejects(EnginePool.start(broken, framer, { workers: 2 }), { code: "ENGINE_LOST" });
  await t.rejects(EnginePool.start(pkg, framer, { workers: 0 }), RangeError);
});
