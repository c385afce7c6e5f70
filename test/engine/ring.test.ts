import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import t from "tap";
import { createRing, MAX_DEPTH, RingReader, RingWriter, slotViews, type RingMemory } from "../../host/engine/ring.js";
import { seeds } from "../seeds.js";
import type { ReadingOrders } from "./ring-reader.js";

const numbersOf = (ring: RingMemory): Uint32Array[] => slotViews(ring, (buffer, at) => new Uint32Array(buffer, at, ring.slotBytes / 4));

t.test("sizes", async t => {
  for (const depth of [0, -1, 1.5, MAX_DEPTH + 1]) t.throws(() => createRing(depth, 64), RangeError);
  t.equal(createRing(3, 65).slotBytes, 128);
});

t.test("full, then the oldest goes; empty again", async t => {
  const ring = createRing(2, 4);
  const slots = numbersOf(ring);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  const write = (value: number): number => {
    slots[writer.slot]![0] = value;
    return writer.put();
  };
  t.ok(reader.empty);
  t.equal(reader.take(), -1);
  t.same([write(10), write(11), writer.full], [-1, -1, true]);
  const held = reader.take();
  t.equal(slots[held]![0], 10);
  t.notOk(writer.full, "a message that is being read no longer waits");
  t.same([write(12), write(13), write(14)], [-1, 1, 2], "the numbers of those that went");
  t.equal(slots[held]![0], 10, "the slot that is being read stays as it is");
  reader.release();
  const rest: number[] = [];
  for (let slot = reader.take(); slot >= 0; slot = reader.take()) {
    rest.push(slots[slot]![0]!);
    reader.release();
  }
  t.same(rest, [13, 14]);
  t.ok(reader.empty);
});

for (const seed of seeds()) {
  t.test(`any order of writing and reading is that of a list, seed ${seed}`, async () => {
    const actions = fc.array(fc.constantFrom("put", "put", "take", "release"), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), actions, (depth, actions) => {
        const ring = createRing(depth, 4);
        const slots = numbersOf(ring);
        const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
        const waiting: number[] = [];
        let [next, held] = [0, -1];
        for (const action of actions) {
          if (action === "put") {
            assert.equal(writer.full, waiting.length === depth);
            slots[writer.slot]![0] = next;
            const gone = writer.full ? waiting.shift()! : -1;
            assert.equal(writer.put(), gone);
            waiting.push(next++);
          } else if (action === "take" && held < 0) {
            held = reader.take();
            assert.equal(held < 0 ? undefined : slots[held]![0], waiting.shift());
          } else if (action === "release" && held >= 0) {
            reader.release();
            held = -1;
          }
          assert.equal(reader.empty, waiting.length === 0);
        }
        assert.deepEqual(writer.takeBack().map(slot => slots[slot]![0]), waiting);
        assert.equal(reader.take(), -1);
      }),
      { seed, numRuns: 300 },
    );
  });
}

const MESSAGES = 20_000;

for (const [depth, pauses, overwrites] of [[1, 0, false], [4, 50, false], [1, 0, true], [3, 400, true], [MAX_DEPTH, 2000, true]] as const)
  t.test(`between two threads: depth ${depth}, ${overwrites ? "overwriting" : "waiting"}`, async t => {
    const ring = createRing(depth, 256);
    const slots = numbersOf(ring);
    const bell = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("ring-reader.js", import.meta.url), { workerData: { ring, bell, pauses } satisfies ReadingOrders });
    await once(worker, "message");
    const answer = once(worker, "message");
    const writer = new RingWriter(ring);
    const gone: number[] = [];
    const write = (value: number): void => {
      slots[writer.slot]!.fill(value);
      const dropped = writer.put();
      if (dropped >= 0) gone.push(dropped + 1);
      Atomics.add(bell, 0, 1);
      Atomics.notify(bell, 0);
    };
    for (let value = 1; value <= MESSAGES; value++) {
      while (!overwrites && writer.full) await new Promise(resolve => setImmediate(resolve));
      for (let turn = overwrites ? (value * 104729) % (pauses + 1) : 0; turn > 0; turn--) Atomics.load(bell, 0);
      write(value);
    }
    while (writer.full) await new Promise(resolve => setImmediate(resolve));
    write(0);
    const [read] = (await answer) as [number[]];
    t.comment(`${read.length} of ${MESSAGES} read`);
    t.ok(read.every((value, i) => i === 0 || value > read[i - 1]!), "in order");
    t.same([...read, ...gone].sort((a, b) => a - b), Array.from({ length: MESSAGES }, (_, i) => i + 1), "each is read or was dropped");
    if (!overwrites) t.same(gone, []);
    await worker.terminate();
  });
